import { existsSync } from 'node:fs';
import { z } from 'zod';
import { toSarif } from '../../access/report/sarif';
import type { PolicyDocument } from '../../evaluator';
import { allowingEverything, type Comparison, comparePolicies } from '../../evaluator/request-space/compare';
import { type DocumentKind, kindOf } from '../../evaluator/request-space/document-kind';
import { casesOf } from '../../evaluator/request-space/witness';
import { defineCommand } from '../shared/command-line';
import type { Output } from '../shared/output';
import { projectVersion } from '../shared/project';
import { readJson } from '../shared/read-json';
import { UserError } from '../shared/user-error';
import { type DeploymentFiles, printDeployments } from './compare-deployments';
import { comparisonFindings } from './compare-findings';
import { comparePairs } from './compare-pairs';
import { describe } from './compare-text';
import { LOCATION_OPTIONS } from './deployment';

const EXIT = { equal: 0, error: 1, differs: 2, undetermined: 3 } as const;

/** `npm run access -- compare` */
export const compareCommand = defineCommand(
  {
    name: 'compare',
    summary: 'compare two policy documents or deployments over all requests: equal, or which allows more, with a request that shows it',
    details: `How: docs/decisions/08-request-space.md. With --format json the requests of policies are cases for npm run access -- evaluate.
A deployment is the JSON of terraform show -json, of a state or a plan; several files of one are given with commas between them.`,
    options: {
      kind: {
        type: 'string',
        choices: ['identity', 'resource', 'key', 'trust'],
        description: 'what the policies are attached to; told by their principals by default',
      },
      'any-resource': { type: 'boolean', description: 'count requests whose resource is of no type that the action acts upon as well' },
      pairs: { type: 'string', placeholder: 'FILE', description: 'compare the pairs of a file with their published answers instead' },
      format: { type: 'string', choices: ['text', 'json', 'sarif'], default: 'text', description: 'form of the result' },
      ...LOCATION_OPTIONS,
    },
    arguments: {
      policies: { type: 'string', placeholder: 'FILE', multiple: true, description: 'two policy documents, or JSON of Terraform for two deployments' },
    },
    examples: [
      'npm run access -- compare before.json after.json',
      'npm run access -- compare staging-roles.json,staging-data.json production-roles.json,production-data.json',
      'npm run access -- compare --pairs pairs.json',
    ],
    exitCodes: { 0: 'equal, or every pair as published or explained', 1: 'error, also when called wrongly', 2: 'they differ', 3: 'undetermined' },
    errorExitCode: 1,
  },
  async (values, output) => {
    const { pairs, policies, kind, format } = values;
    if (pairs !== undefined) {
      if (policies.length > 0) throw new UserError('--pairs takes no policies: they are in its file');
      return comparePairs(readJson(pairs), pairs, output.print) ? EXIT.equal : EXIT.differs;
    }
    const [first, second, ...more] = policies;
    if (first === undefined || second === undefined || more.length > 0)
      throw new UserError('Name two policy documents or two deployments: npm run access -- compare FIRST SECOND');
    const deployments = deploymentFiles(first, second);
    if (deployments) {
      if (kind !== undefined || values['any-resource']) throw new UserError('--kind and --any-resource are for policy documents, not for deployments');
      const { differences, undetermined } = await printDeployments(
        deployments,
        { location: { account: values.account, region: values.region }, format },
        output,
      );
      if (differences > 0) return EXIT.differs;
      return undetermined > 0 ? EXIT.undetermined : EXIT.equal;
    }
    const documents = [readPolicy(first), readPolicy(second)] as const;
    const both = { kind: kind ?? kindOf(documents, [first, second]), resources: values['any-resource'] ? 'any' : 'of the action' } as const;
    return report({ documents, files: [first, second] }, both, format, output);
  },
);

/** The evaluator reads the rest of a document, and names what is wrong in it. */
const POLICY = z.looseObject({ Statement: z.union([z.array(z.looseObject({})), z.looseObject({})]) });

/** The files of two deployments; nothing for two policy documents. */
function deploymentFiles(first: string, second: string): DeploymentFiles | undefined {
  const files = [first, second].map((side) => (existsSync(side) ? [side] : side.split(',').filter(Boolean)));
  const [ofFirst, ofSecond] = files.map((side) => side.length > 1 || isTerraform(side[0] ?? ''));
  if (!ofFirst && !ofSecond) return undefined;
  if (!ofFirst || !ofSecond)
    throw new UserError(`${ofFirst ? first : second} is JSON of Terraform, the other one is not: compare two policies or two deployments`);
  return [files[0] ?? [], files[1] ?? []];
}

const TERRAFORM = z.union([
  z.looseObject({ format_version: z.string() }),
  z.looseObject({ planned_values: z.unknown() }),
  z.looseObject({ values: z.looseObject({ root_module: z.unknown() }) }),
]);

const isTerraform = (file: string) => TERRAFORM.safeParse(readJson(file)).success;

function readPolicy(file: string): PolicyDocument {
  const json = readJson(file);
  const read = POLICY.safeParse(json);
  if (!read.success) throw new UserError(`${file} is not a policy document: it has no Statement`);
  return json as PolicyDocument;
}

interface Options {
  readonly kind: DocumentKind;
  readonly resources: 'any' | 'of the action';
}

type Documents = readonly [PolicyDocument, PolicyDocument];

interface Given {
  readonly documents: Documents;
  readonly files: readonly [string, string];
}

function report({ documents, files }: Given, options: Options, format: 'text' | 'json' | 'sarif', { print, log }: Output): number {
  const allowed = comparePolicies(documents[0], documents[1], options);
  // What a policy denies matters as soon as another policy allows it.
  const withAllowAll: Documents = [allowingEverything(documents[0], options.kind), allowingEverything(documents[1], options.kind)];
  const denied = documents.some(hasDeny) ? comparePolicies(withAllowAll[0], withAllowAll[1], options) : undefined;
  if (format === 'sarif') {
    print(toSarif(comparisonFindings(allowed, denied, files), { fileOf: () => files[1], version: projectVersion() }));
  } else if (format === 'json') {
    print(JSON.stringify([...cases(allowed, documents, options.kind, 'allow'), ...(denied ? cases(denied, withAllowAll, options.kind, 'deny') : [])], null, 2));
    for (const reason of undeterminedOf(allowed, denied)) log(`undetermined: ${reason}`);
  } else for (const line of describe(allowed, denied)) print(line);
  if (allowed.groups.length + (denied?.groups.length ?? 0) > 0) return EXIT.differs;
  return undeterminedOf(allowed, denied).length > 0 ? EXIT.undetermined : EXIT.equal;
}

const hasDeny = ({ Statement }: PolicyDocument) => [Statement].flat().some((statement) => statement.Effect === 'Deny');

function undeterminedOf(...comparisons: readonly (Comparison | undefined)[]): readonly string[] {
  return [...new Set(comparisons.flatMap((comparison) => comparison?.undetermined ?? []))];
}

function cases({ groups }: Comparison, documents: Documents, kind: DocumentKind, effect: 'allow' | 'deny') {
  return groups.flatMap((group, index) => {
    const more = (group.side === 0) === (effect === 'allow') ? 'first' : 'second';
    return casesOf(group.witness, kind, documents, group.outcomes, `${more} policy ${effect === 'allow' ? 'allows' : 'denies'} more, ${index + 1}`);
  });
}
