import { type AccessRequest, type Decision, evaluate, type PolicySet, UNKNOWN } from '../index';
import type { KeyDomain } from './key-domain';
import { isContradiction } from './key-table';

/** A request that one policy allows and the other does not. */
export interface Difference {
  /** The policy that allows. */
  readonly side: 0 | 1;
  /** Keys that were chosen; `null` for absent. */
  readonly chosen: ReadonlyMap<string, readonly string[] | null>;
  readonly decisions: readonly [Decision, Decision];
}

/** What there is to search. */
export interface SearchTask {
  /** The request as each side sees it: tags may differ. */
  readonly requests: readonly [AccessRequest, AccessRequest];
  readonly sets: readonly [PolicySet, PolicySet];
  readonly domains: readonly KeyDomain[];
  /** Whether condition keys are there exactly where AWS documents them. */
  readonly asDocumented: boolean;
  /** The keys that the statement which a decision names depends on. */
  readonly keysOf: (policy: string, statement: string) => readonly string[];
  /** Whether it is asked what this side allows more. */
  readonly wanted: readonly [boolean, boolean];
  /** A statement that must be among those that decide. */
  readonly required?: RequiredStatement;
}

/** A statement, by the names that decisions give it. */
export interface RequiredStatement {
  readonly side: 0 | 1;
  readonly policy: string;
  readonly statement: string;
  readonly matches: (request: AccessRequest) => boolean | undefined;
}

/** How much may be looked at. It is shared by all searches of one comparison. */
export interface Budget {
  nodes: number;
}

/** What a search found. */
export interface SearchResult {
  /** At most one for each side. */
  readonly differences: readonly Difference[];
  /** Why the answer may lack something; the statements that caused it. */
  readonly undetermined: readonly { readonly reason: string; readonly statements: readonly string[] }[];
}

type Answer = 'yes' | 'no' | 'open';

/**
 * Searches the condition keys of one class of principal, action and resource. All keys are unknown at first; the evaluator
 * answers as far as it can, and keys are split one at a time only where its answer is still open and matters.
 */
export function search(task: SearchTask, budget: Budget): SearchResult {
  return new Search(task, budget).run();
}

class Search {
  private readonly contexts: readonly [Map<string, readonly string[]>, Map<string, readonly string[]>];
  private readonly requests: readonly [AccessRequest, AccessRequest];
  private readonly chosen = new Map<string, readonly string[] | null>();
  private readonly open: Set<KeyDomain>;
  /** Keys that are known to be there, with a value that is not chosen. */
  private readonly present = new Set<string>();
  private readonly differences: Difference[] = [];
  private readonly undetermined: { reason: string; statements: readonly string[] }[] = [];
  private readonly wanted: [boolean, boolean];

  constructor(
    private readonly task: SearchTask,
    private readonly budget: Budget,
  ) {
    this.contexts = [new Map(task.requests[0].context), new Map(task.requests[1].context)];
    this.requests = [
      { ...task.requests[0], context: this.contexts[0] },
      { ...task.requests[1], context: this.contexts[1] },
    ];
    this.open = new Set(task.domains);
    this.wanted = [...task.wanted];
    for (const { keys } of task.domains) for (const key of keys) this.set(key, [UNKNOWN]);
  }

  private set(key: string, values: readonly string[] | null): void {
    for (const context of this.contexts) {
      if (values === null) context.delete(key);
      else context.set(key, values);
    }
  }

  run(): SearchResult {
    const [only, asked] = [[] as KeyDomain[], [] as KeyDomain[]];
    for (const domain of this.open) {
      if (domain.choices.length === 1) only.push(domain);
      else if (domain.asksPresence) asked.push(domain);
    }
    for (const domain of only) this.choose(domain, domain.choices[0] ?? []);
    this.splitPresence(asked);
    return { differences: this.differences, undetermined: this.undetermined };
  }

  /** A key that an operator asks for by its presence is absent, or there with a value that is not known. */
  private splitPresence([domain, ...others]: readonly KeyDomain[]): void {
    if (domain === undefined) {
      this.visit();
      return;
    }
    const absent = domain.choices.find(([values]) => values === null);
    if (absent) {
      this.choose(domain, absent);
      this.splitPresence(others);
      this.undo(domain);
    }
    if (domain.choices.length === 1 && absent) return;
    for (const key of domain.keys) this.present.add(key);
    this.splitPresence(others);
    for (const key of domain.keys) this.present.delete(key);
  }

  private visit(): void {
    if (!this.wanted[0] && !this.wanted[1]) return;
    if (isContradiction(this.chosen, this.task.asDocumented ? this.task.requests[0].action : undefined)) return;
    if (this.budget.nodes <= 0) {
      this.giveUp('the limit of the search was reached', []);
      return;
    }
    this.budget.nodes -= 1;
    const decisions = this.decide();
    const [first, second] = [answerOf(decisions[0]), answerOf(decisions[1])];
    const firstMore = this.wanted[0] && first !== 'no' && second !== 'yes';
    const secondMore = this.wanted[1] && second !== 'no' && first !== 'yes';
    if (!firstMore && !secondMore) return;
    const required = this.task.required;
    const applies = required ? required.matches(this.requests[required.side]) : true;
    if (applies === false) return;
    const open = decisions.filter(({ outcome }) => outcome === 'undetermined').flatMap((decision) => decision.statements);
    if (open.length > 0) this.split(open);
    else if (required && applies === undefined) this.split([required]);
    else if (this.areOfRequired(decisions)) this.complete(firstMore ? 0 : 1);
    else this.splitNext();
  }

  /** Whether the decisions name the statement that is required. */
  private areOfRequired(decisions: readonly Decision[]): boolean {
    const required = this.task.required;
    if (required === undefined) return true;
    return decisions[required.side]?.statements.some(({ policy, statement }) => policy === required.policy && statement === required.statement) === true;
  }

  /** Splits any key: others decide which statements a decision names. */
  private splitNext(): void {
    const [domain] = this.open;
    if (domain) this.splitDomain(domain);
  }

  private decide(): readonly [Decision, Decision] {
    return [evaluate(this.requests[0], this.task.sets[0]), evaluate(this.requests[1], this.task.sets[1])];
  }

  private split(statements: readonly { readonly policy: string; readonly statement: string }[]): void {
    const domain = this.nextDomain(statements);
    if (domain === undefined) {
      this.giveUp(
        'it depends on what is not known',
        statements.map(({ policy, statement }) => `${statement} of ${policy}`),
      );
      return;
    }
    this.splitDomain(domain);
  }

  private splitDomain(domain: KeyDomain): void {
    for (const choice of domain.choices) {
      if (choice[0] === null && this.present.has(domain.keys[0] ?? '')) continue;
      this.choose(domain, choice);
      this.visit();
      this.undo(domain);
    }
  }

  /** The open key of these statements with the fewest choices. */
  private nextDomain(statements: readonly { readonly policy: string; readonly statement: string }[]): KeyDomain | undefined {
    let best: KeyDomain | undefined;
    for (const { policy, statement } of statements) {
      for (const key of this.task.keysOf(policy, statement)) {
        for (const domain of this.open) {
          if (domain.keys.includes(key) && (best === undefined || domain.choices.length < best.choices.length)) best = domain;
        }
      }
    }
    return best;
  }

  private choose(domain: KeyDomain, choice: KeyDomain['choices'][number]): void {
    this.open.delete(domain);
    for (const [index, key] of domain.keys.entries()) {
      const values = choice[index] ?? null;
      this.chosen.set(key, values);
      this.set(key, values);
    }
  }

  private undo(domain: KeyDomain): void {
    this.open.add(domain);
    for (const key of domain.keys) {
      this.chosen.delete(key);
      this.set(key, [UNKNOWN]);
    }
  }

  /** The answer holds whatever the open keys are: any values of theirs that go together make the request whole. */
  private complete(side: 0 | 1): void {
    const [domain] = this.open;
    if (domain === undefined) {
      if (isContradiction(this.chosen, this.task.asDocumented ? this.task.requests[0].action : undefined)) return;
      const decisions = this.decide();
      if (!this.areOfRequired(decisions)) return;
      this.differences.push({ side, chosen: new Map(this.chosen), decisions });
      this.wanted[side] = false;
      return;
    }
    for (const choice of domain.choices) {
      if (choice[0] === null && this.present.has(domain.keys[0] ?? '')) continue;
      this.choose(domain, choice);
      this.complete(side);
      this.undo(domain);
      if (!this.wanted[side]) return;
    }
  }

  private giveUp(reason: string, statements: readonly string[]): void {
    this.undetermined.push({ reason, statements });
    if (statements.length === 0) this.wanted.fill(false);
  }
}

function answerOf({ outcome }: Decision): Answer {
  if (outcome === 'undetermined') return 'open';
  return outcome === 'allowed' ? 'yes' : 'no';
}
