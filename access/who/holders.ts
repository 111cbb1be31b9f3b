import type { Question } from './questions';

/** Who can do something, or might. */
export interface Holder {
  readonly principal: string;
  readonly actions: readonly string[];
  /** The part of the resource; absent for all of it. */
  readonly part?: string;
  /** Statements that allow it, or that leave it open, with their policies and the conditions that are not decided. */
  readonly statements: readonly string[];
}

/** That somebody can do, or might do, what was asked. */
export interface Answer {
  readonly question: Question;
  readonly caller: string;
  readonly outcome: 'allowed' | 'undetermined';
  readonly statements: readonly string[];
}

/** The answers of one outcome, those of a caller with the same statements together. */
export function holdersOf(answers: readonly Answer[], outcome: Answer['outcome']): Holder[] {
  const allowed = new Set(answers.filter((answer) => answer.outcome === 'allowed' && answer.question.part === undefined).map(idOf));
  const holders = new Map<string, { principal: string; actions: Set<string>; part?: string; statements: readonly string[] }>();
  for (const answer of answers) {
    if (answer.outcome !== outcome) continue;
    const { question, caller, statements } = answer;
    // What is allowed on all of it need not be told of a part.
    const isPart = question.part !== undefined;
    if (allowed.has(idOf(answer)) && (outcome === 'undetermined' ? !isPart : isPart)) continue;
    const id = JSON.stringify([caller, question.part, statements]);
    const holder = holders.get(id);
    if (holder) holder.actions.add(question.action);
    else holders.set(id, { principal: caller, actions: new Set([question.action]), part: question.part, statements });
  }
  return [...holders.values()].map(({ actions, ...holder }) => ({ ...holder, actions: [...actions].sort() }));
}

const idOf = ({ caller, question }: Answer) => `${caller} ${question.action}`;
