import { parseArgs } from 'node:util';
import { z } from 'zod';
import { PolicyError } from '../../evaluator/errors';
import type { PolicyDocument } from '../../evaluator/index';
import { allowingEverything, type Comparison, comparePolicies } from '../../evaluator/request-space/compare';
import { type DocumentKind, kindOf } from '../../evaluator/request-space/document-kind';
import { casesOf } from '../../evaluator/request-space/witness';
import { readJson } from '../shared/read-json';
import { comparePairs } from './compare-pairs';
import { describe } from './compare-text';

const USAGE = 'npm run access -- compare FIRST SECOND [--kind identity|resource|key|trust] [--any-resource] [--format text|json], or compare --pairs FILE';
const KIND = z.enum(['identity', 'resource', 'key', 'trust']);
const FORMAT = z.enum(['text', 'json']);

/** How a command tells its user: what it found, and what went wrong. */
interface Output {
  readonly print: (line: string) => void;
  readonly warn: (line: string) => void;
}

const EXIT = { equal: 0, error: 1, differs: 2, undetermined: 3 } as const;

/** A wrong call, or a file that cannot be compared. */
class CompareError extends Error {
  override readonly name = 'CompareError';
}

/**
 * Compares two policy documents over all requests, or the pairs of a file with their published answers.
 *
 * @returns 0 when the policies are equal, 2 when they differ, 3 when that is undetermined, 1 on any error, also of the call
 */
export function compare(args: readonly string[], print: (line: string) => void): number {
  const output: Output = { print, warn: (line) => void process.stderr.write(`${line}\n`) };
  try {
    return run(args, output);
  } catch (error) {
    if (!isExpected(error)) throw error;
    output.warn(error.message);
    return EXIT.error;
  }
}

/** What a user can mend: the call, a file, a policy. Every other error is a fault of the project. */
function isExpected(error: unknown): error is Error {
  if (!(error instanceof Error)) return false;
  const isCall = 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS');
  return isCall || error instanceof CompareError || error instanceof PolicyError || 'exitCode' in error;
}

function run(args: readonly string[], output: Output): number {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { kind: { type: 'string' }, format: { type: 'string' }, pairs: { type: 'string' }, 'any-resource': { type: 'boolean' } },
  });
  const kind = option(KIND, values.kind, '--kind');
  const format = option(FORMAT, values.format, '--format') ?? 'text';
  if (values.pairs !== undefined) {
    if (positionals.length > 0 || kind !== undefined || format === 'json' || values['any-resource'])
      throw new CompareError(`--pairs takes nothing else. ${USAGE}`);
    return comparePairs(readJson(values.pairs), values.pairs, output.print) ? EXIT.equal : EXIT.differs;
  }
  const [first, second, ...more] = positionals;
  if (first === undefined || second === undefined || more.length > 0) throw new CompareError(`Name two policy documents: ${USAGE}`);
  const documents = [readPolicy(first), readPolicy(second)] as const;
  const both = { kind: kind ?? kindOf(documents, [first, second]), resources: values['any-resource'] ? 'any' : 'of the action' } as const;
  return report(documents, both, format, output);
}

function option<T extends string>(schema: z.ZodType<T>, value: string | undefined, name: string): T | undefined {
  if (value === undefined) return undefined;
  const read = schema.safeParse(value);
  if (!read.success) throw new CompareError(`${name} does not take ${value}. ${USAGE}`);
  return read.data;
}

/** The evaluator reads the rest of a document, and names what is wrong in it. */
const POLICY = z.looseObject({ Statement: z.union([z.array(z.looseObject({})), z.looseObject({})]) });

function readPolicy(file: string): PolicyDocument {
  const json = readJson(file);
  if (z.looseObject({ format_version: z.string() }).safeParse(json).success) {
    throw new CompareError(`${file} is JSON of Terraform: whole deployments cannot be compared yet, only policy documents. For a plan: npm run access -- plan`);
  }
  const read = POLICY.safeParse(json);
  if (!read.success) throw new CompareError(`${file} is not a policy document: it has no Statement`);
  return json as PolicyDocument;
}

interface Options {
  readonly kind: DocumentKind;
  readonly resources: 'any' | 'of the action';
}

type Documents = readonly [PolicyDocument, PolicyDocument];

function report(documents: Documents, options: Options, format: 'text' | 'json', { print, warn }: Output): number {
  const allowed = comparePolicies(documents[0], documents[1], options);
  // What a policy denies matters as soon as another policy allows it.
  const beside: Documents = [allowingEverything(documents[0], options.kind), allowingEverything(documents[1], options.kind)];
  const denied = documents.some(hasDeny) ? comparePolicies(beside[0], beside[1], options) : undefined;
  if (format === 'json') {
    print(JSON.stringify([...cases(allowed, documents, options.kind, 'allow'), ...(denied ? cases(denied, beside, options.kind, 'deny') : [])], null, 2));
    for (const reason of undeterminedOf(allowed, denied)) warn(`undetermined: ${reason}`);
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
