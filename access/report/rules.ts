/** How serious a result of a rule is, in SARIF's terms. */
type Level = 'error' | 'warning' | 'note';

interface Rule {
  /** In PascalCase, as SARIF asks for. */
  readonly name: string;
  readonly level: Level;
  /** One sentence. */
  readonly summary: string;
  /** What it means and what to do. */
  readonly help: string;
}

/** The kinds of findings. Their ids are stable: code scanning tells by them which results are the same. */
export const RULES = {
  'access-gained': {
    name: 'AccessGained',
    level: 'error',
    summary: 'Somebody gains access.',
    help: 'Applying lets somebody do what was denied before. The message names the statement that does it. If it is meant, accept it with a reason: npm run access -- plan --accept FILE --reason TEXT.',
  },
  'statement-allows-more': {
    name: 'StatementAllowsMore',
    level: 'error',
    summary: 'A statement lets pass what no statement let pass before.',
    help: 'A statement of a policy allows more than before, or no longer denies what it denied, whether an operation of the matrix asks about it or not. Narrow it, or accept it with a reason.',
  },
  'protection-lost': {
    name: 'ProtectionLost',
    level: 'error',
    summary: 'Data or a key loses protection.',
    help: 'A key is rotated less often or can be deleted sooner, data loses its key or its protection from deletion, or what holds data is replaced or destroyed.',
  },
  undetermined: {
    name: 'Undetermined',
    level: 'warning',
    summary: 'Access cannot be decided before apply.',
    help: 'What decides is known only after apply, or is in no file that was given. It counts as neither allowed nor denied. Give the missing plan or state, or apply the stacks before it and ask again.',
  },
  'unsupported-type': {
    name: 'UnsupportedType',
    level: 'warning',
    summary: 'A resource is of a type that is not supported.',
    help: 'What resources of this type mean to access is not decided, so a change of one may open what it likes. Review it by hand.',
  },
  'mistaken-policy': {
    name: 'MistakenPolicy',
    level: 'warning',
    summary: 'AWS accepts the policy, but a part of it cannot do what it seems to say.',
    help: 'The action, service or condition key does not exist, or none of the actions acts on the resource. The decision is AWS’s all the same. Correct the statement or remove it.',
  },
  'policy-allows-more': {
    name: 'PolicyAllowsMore',
    level: 'error',
    summary: 'The second policy lets pass what the first does not.',
    help: 'The second policy allows requests that the first does not allow, or no longer denies what the first denies. The message has one such request, which npm run access -- evaluate decides as it says.',
  },
  'policy-allows-less': {
    name: 'PolicyAllowsLess',
    level: 'note',
    summary: 'The first policy lets pass what the second does not.',
    help: 'The second policy no longer allows requests that the first allows, or denies more. The message has one such request.',
  },
  'access-lost': {
    name: 'AccessLost',
    level: 'note',
    summary: 'Somebody loses access.',
    help: 'Applying denies somebody what was allowed before. The message names the statement that does it.',
  },
} as const satisfies Readonly<Record<string, Rule>>;

/** The id of a rule. */
export type RuleId = keyof typeof RULES;
