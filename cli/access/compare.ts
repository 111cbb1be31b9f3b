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
import { comparisonFindings } from './compare-findings';
import { comparePairs } from './compare-pairs';
import { describe } from './compare-text';

const EXIT = { equal: 0, error: 1, differs: 2, undetermined: 3 } as const;

/** `npm run access -- compare` */
export const compareCommand = defineCommand(
  {
    name: 'compare',
    summary: 'compare two policy documents over all requests: equal, or which allows more, each with a request that shows it',
    details: 'How: docs/decisions/08-request-space.md. With --format json the requests are cases for npm run access -- evaluate.',
    options: {
      kind: {
        type: 'string',
        choices: ['identity', 'resource', 'key', 'trust'],
        description: 'what the policies are attached to; told by their principals by default',
      },
      'any-resource': { type: 'boolean', description: 'count requests whose resource is of no type that the action acts upon as well' },
      pairs: { type: 'string', placeholder: 'FILE', description: 'compare the pairs of a file with their published answers instead' },
      format: { type: 'string', choices: ['text', 'json', 'sarif'], default: 'text', description: 'form of the result' },
    },
    arguments: { policies: { type: 'string', placeholder: 'POLICY.json', multiple: true, description: 'two policy documents' } },
    examples: ['npm run access -- compare before.json after.json', 'npm run access -- compare --pairs pairs.json'],
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
      throw new UserError('Name two policy documents: npm run access -- compare FIRST SECOND');
    const documents = [readPolicy(first), readPolicy(second)] as const;
    const both = { kind: kind ?? kindOf(documents, [first, second]), resources: values['any-resource'] ? 'any' : 'of the action' } as const;
    return report({ documents, files: [first, second] }, both, format, output);
  },
);

/** The evaluator reads the rest of a document, and names what is wrong in it. */
const POLICY = z.looseObject({ Statement: z.union([z.array(z.looseObject({})), z.looseObject({})]) });

function readPolicy(file: string): PolicyDocument {
  const json = readJson(file);
  if (z.looseObject({ format_version: z.string() }).safeParse(json).success) {
    throw new UserError(`${file} is JSON of Terraform: whole deployments cannot be compared yet, only policy documents. For a plan: npm run access -- plan`);
  }
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
