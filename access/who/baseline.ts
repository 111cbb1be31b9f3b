import { z } from 'zod';
import type { Holder } from './holders';
import type { WhoReport } from './render';

const BASELINE = z.strictObject({
  /** By resource and verb: who can, or might, with all actions and the statements that decide. */
  access: z.record(z.string(), z.record(z.string(), z.array(z.string()))),
  /** What passes data on, or lets somebody act, without a policy that says so. */
  connections: z.array(z.string()),
  /** What is not decided. */
  undetermined: z.array(z.string()),
});

/** The access of a project as a file that is compared with later. */
export type Baseline = z.infer<typeof BASELINE>;

/**
 * Reads a baseline from parsed JSON.
 *
 * @throws z.ZodError when it has another form
 */
export const parseBaseline = (json: unknown): Baseline => BASELINE.parse(json);

/** What a report says, in a stable order. What is undetermined stays so: it never reads as "no". */
export function baselineOf({ resources, connections, undetermined }: WhoReport): Baseline {
  const access = resources.map(({ id, verbs }) => {
    const byVerb = verbs.map(({ verb, allowed, undetermined: open }) => [
      verb,
      [...allowed.map(lineOf), ...open.map((holder) => `undetermined: ${lineOf(holder)}`)].sort(),
    ]);
    return [id, Object.fromEntries(byVerb)] as const;
  });
  return {
    access: Object.fromEntries(access.sort(([first], [second]) => (first < second ? -1 : 1))),
    connections: connections.map(({ address, text }) => `${text} (${address})`).sort(),
    undetermined: undetermined.map(({ address, reason }) => `${address}: ${reason}`).sort(),
  };
}

/** The lines that only one of two baselines has, and how many both have. */
export interface BaselineComparison {
  readonly added: readonly string[];
  readonly missing: readonly string[];
  readonly same: number;
}

/** Compares what is computed with a baseline. */
export function compareBaselines(computed: Baseline, expected: Baseline): BaselineComparison {
  const [now, was] = [linesOf(computed), linesOf(expected)];
  const added = now.filter((line) => !was.includes(line));
  return { added, missing: was.filter((line) => !now.includes(line)), same: now.length - added.length };
}

/** A line for each resource as well, so that one that nobody can reach is not left out. */
const linesOf = ({ access, connections, undetermined }: Baseline): string[] => [
  ...Object.entries(access).flatMap(([id, verbs]) =>
    Object.entries(verbs).flatMap(([verb, holders]) =>
      holders.length > 0 ? holders.map((holder) => `${id} | ${verb} | ${holder}`) : [`${id} | ${verb} | nobody`],
    ),
  ),
  ...connections.map((text) => `besides policies | ${text}`),
  ...undetermined.map((text) => `not decided | ${text}`),
];

const lineOf = ({ principal, actions, part, statements }: Holder) =>
  `${principal}: ${actions.join(', ')}${part === undefined ? '' : ` on ${part}`}${statements.length > 0 ? `, by ${statements.join(' and ')}` : ''}`;
