import { z } from 'zod';
import { PolicyError } from '../../evaluator/errors';
import type { PolicyDocument } from '../../evaluator/index';
import { comparePolicies, type Relation } from '../../evaluator/request-space/compare';
import { kindOf } from '../../evaluator/request-space/document-kind';
import explained from '../../evaluator/request-space/explained-pairs.json';
import { UserError } from '../shared/user-error';

const PAIRS = z.object({
  documents: z.record(
    z.string(),
    z.custom<PolicyDocument>((value) => z.looseObject({ Statement: z.unknown() }).safeParse(value).success, 'not a policy document'),
  ),
  pairs: z.array(
    z.object({
      first: z.string(),
      second: z.string(),
      /** Only requests count whose resource is of a type that the action acts upon. */
      validActionResourceOnly: z.boolean(),
      firstAllowsMore: z.boolean(),
      secondAllowsMore: z.boolean(),
    }),
  ),
});

type Pair = z.infer<typeof PAIRS>['pairs'][number];

/** A disagreement with a published answer, with AWS's page that decides it. */
const EXPLAINED = z
  .array(z.object({ first: z.string(), second: z.string(), validActionResourceOnly: z.boolean(), answer: z.string(), reason: z.string(), source: z.string() }))
  .parse(explained);

/**
 * Compares each pair of a file with its published answer and prints each that differs, then how many passed.
 *
 * @param name how errors call the file
 * @returns whether all passed; a disagreement that is explained by a page of AWS passes, and is printed
 */
export function comparePairs(json: unknown, name: string, print: (line: string) => void): boolean {
  const read = PAIRS.safeParse(json);
  if (!read.success) {
    const [issue] = read.error.issues;
    throw new UserError(`${name} is not a file of pairs: ${issue?.path.join('.')}: ${issue?.message}`);
  }
  const { documents, pairs } = read.data;
  let failed = 0;
  for (const pair of pairs) {
    const published = relationOf(pair);
    const { answer, reasons } = answerTo(pair, documents);
    if (answer === published) continue;
    const label = `${pair.first} ~ ${pair.second}${pair.validActionResourceOnly ? ' (valid resources only)' : ''}: published ${published}, here ${answer}`;
    const explanation = EXPLAINED.find((known) => isSame(known, pair) && known.answer === answer);
    if (explanation) print(`explained: ${label}. ${explanation.reason} ${explanation.source}`);
    else {
      failed += 1;
      print(`${label}${reasons.length > 0 ? ` (${reasons.join('; ')})` : ''}`);
    }
  }
  print(`${pairs.length - failed} passed, ${failed} failed`);
  return failed === 0;
}

const isSame = (one: Omit<Pair, 'firstAllowsMore' | 'secondAllowsMore'>, other: Pair) =>
  one.first === other.first && one.second === other.second && one.validActionResourceOnly === other.validActionResourceOnly;

function relationOf({ firstAllowsMore, secondAllowsMore }: Pair): Relation {
  if (firstAllowsMore) return secondAllowsMore ? 'each allows more' : 'first allows more';
  return secondAllowsMore ? 'second allows more' : 'equal';
}

function answerTo(pair: Pair, documents: Readonly<Record<string, PolicyDocument>>): { readonly answer: Relation; readonly reasons: readonly string[] } {
  const [first, second] = [documents[pair.first], documents[pair.second]];
  if (first === undefined || second === undefined) throw new UserError(`the file of pairs has no document ${first === undefined ? pair.first : pair.second}`);
  try {
    const kind = kindOf([first, second], [pair.first, pair.second]);
    const resources = pair.validActionResourceOnly ? 'of the action' : 'any';
    const { relation, undetermined } = comparePolicies(first, second, { kind, resources, relationOnly: true });
    return { answer: relation, reasons: undetermined };
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error;
    return { answer: 'undetermined', reasons: [error.message] };
  }
}
