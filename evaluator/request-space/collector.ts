import type { DecidingStatement, Decision, Outcome } from '../index';
import type { Witness } from './witness';

/** How two policies stand to each other over all requests. */
export type Relation = 'equal' | 'first allows more' | 'second allows more' | 'each allows more' | 'undetermined';

/** Requests that one policy allows, by the same statements, and the other does not, for the same reason. */
export interface DifferenceGroup {
  /** The policy that allows: 0 for the first. */
  readonly side: 0 | 1;
  /** The statements that allow. */
  readonly allowing: readonly string[];
  /** The statements of the other policy that deny; none where no statement allows. */
  readonly denying: readonly string[];
  /** Actions with which such requests were found. */
  readonly actions: readonly string[];
  readonly witness: Witness;
  /** Resources on which such requests were found, each for a class. */
  readonly resources: readonly string[];
  /** What the evaluator says of the witness under the first and under the second policy. */
  readonly outcomes: readonly [Outcome, Outcome];
  readonly decisions: readonly [Decision, Decision];
}

interface GroupDraft extends DifferenceGroup {
  readonly actions: string[];
  readonly resources: string[];
}

/** Gathers the differences of a comparison by what brings them about. */
export class Collector {
  readonly groups = new Map<string, GroupDraft>();
  readonly undetermined = new Set<string>();

  /** @param nameOf how groups name a statement that decides */
  constructor(
    readonly relationOnly: boolean,
    private readonly nameOf: (deciding: DecidingStatement) => string = ({ policy, statement }) => `${statement} of the ${policy}`,
  ) {}

  /** Whether this side still has to be searched. */
  wants(side: 0 | 1): boolean {
    return !this.relationOnly || ![...this.groups.values()].some((group) => group.side === side);
  }

  get isDone(): boolean {
    return !this.wants(0) && !this.wants(1);
  }

  get relation(): Relation {
    const sides = new Set([...this.groups.values()].map(({ side }) => side));
    if (sides.size === 2) return 'each allows more';
    if (this.undetermined.size > 0) return 'undetermined';
    if (sides.size === 0) return 'equal';
    return sides.has(0) ? 'first allows more' : 'second allows more';
  }

  addUndetermined(text: string): void {
    this.undetermined.add(text);
  }

  /** Adds a difference. @returns the group that it belongs to */
  add(side: 0 | 1, decisions: readonly [Decision, Decision], actions: readonly string[], witness: Witness): string {
    const ids = (decision: Decision | undefined) => [...new Set(decision?.statements.map(this.nameOf))];
    const allowing = ids(decisions[side]);
    const denying = ids(decisions[1 - side]);
    const id = JSON.stringify([side, allowing, denying]);
    const group = this.groups.get(id);
    if (group === undefined) {
      const outcomes = [decisions[0].outcome, decisions[1].outcome] as const;
      this.groups.set(id, { side, allowing, denying, actions: [...actions], resources: [witness.resource], witness, outcomes, decisions });
    } else this.extend(id, actions, witness.resource);
    return id;
  }

  /** Adds requests of the same answer to a group. */
  extend(id: string, actions: readonly string[], resource: string): void {
    const group = this.groups.get(id);
    if (group === undefined) return;
    for (const action of actions) if (!group.actions.includes(action)) group.actions.push(action);
    if (!group.resources.includes(resource)) group.resources.push(resource);
  }
}
