import { compileSource, type Deployment, policiesOf } from '../graph/deployment';
import type { HeldPolicy } from '../model/access-model';

/** Something in a policy that AWS accepts and evaluates, but that cannot do what it seems to say. */
export interface PolicyMistake {
  /** Stable: `policy of key pipeline-queue | Statement[2].Action | …`. */
  readonly id: string;
  /** The policy as people read it. */
  readonly policy: string;
  /** Address of the resource that holds it. */
  readonly address: string;
  /** The statement's Sid, or its position. */
  readonly statement: string;
  /** Path in the document. */
  readonly path: string;
  readonly reason: string;
}

/**
 * What looks mistaken in the policies of a deployment, each once: an action, a service or a condition key that does not
 * exist, or a resource that none of the actions acts on, such as an alias for an operation on a key. Decisions are AWS's all
 * the same, so none of this changes them.
 *
 * @throws PolicyError when a policy is not valid
 */
export const policyMistakes = (deployment: Deployment): PolicyMistake[] => mistakesOf(policiesOf(deployment));

/**
 * The same of single policies.
 *
 * @throws PolicyError when a policy is not valid
 */
export function mistakesOf(policies: readonly HeldPolicy[]): PolicyMistake[] {
  const all = policies.flatMap((source) => {
    const { statements, warnings } = compileSource(source);
    return warnings.map(({ path, reason }): PolicyMistake => {
      const position = Number(/^Statement\[(\d+)\]/.exec(path)?.[1]);
      const statement = statements[position]?.id ?? `Statement[${position}]`;
      return { id: `${source.name} | ${path} | ${reason}`, policy: source.name, address: source.address, statement, path, reason };
    });
  });
  return [...new Map(all.map((mistake) => [mistake.id, mistake])).values()];
}

/** A mistake as people read it, in the form of an error about a policy. */
export const mistakeText = ({ policy, statement, path, reason }: PolicyMistake): string => `${policy}, statement ${statement}: ${path}: ${reason}`;

/** The mistakes under their title; nothing when there are none. */
export function mistakeLines(mistakes: readonly PolicyMistake[]): string[] {
  if (mistakes.length === 0) return [];
  return [`Warnings: ${mistakes.length}`, ...mistakes.map((mistake) => `  ${mistakeText(mistake)}`)];
}
