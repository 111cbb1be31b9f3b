import { many, type PolicyDocument, type StatementDocument } from '../../evaluator/policy/document';
import { isUnknown } from '../../evaluator/unknown';
import type { PolicySource } from '../graph/deployment';
import { type MutationId, segment } from '../matrix/ids';

/** One small change of one policy. */
export interface Mutant {
  readonly policy: PolicySource;
  /** Sid or position of the statement, e.g. `Statement[2]`. */
  readonly statement: string;
  /** What was changed, e.g. `remove-action/sqs:SendMessage`. */
  readonly change: MutationId;
  /** The policy's new text. */
  readonly text: string;
}

/** Removes each statement, action, principal, resource and condition in turn, and widens each. */
export function mutantsOf(policy: PolicySource, accountRoot: string): Mutant[] {
  if (isUnknown(policy.text)) return [];
  const document = JSON.parse(policy.text) as PolicyDocument;
  const statements = many(document.Statement);
  return statements.flatMap((statement, index) => {
    const mutant = (change: MutationId, changed: StatementDocument | undefined): Mutant => ({
      policy,
      statement: statement.Sid ?? `Statement[${index}]`,
      change,
      text: JSON.stringify({ ...document, Statement: changed ? statements.with(index, changed) : statements.toSpliced(index, 1) }),
    });
    // A policy without statements is no policy; its last statement becomes one that never applies.
    const removed = statements.length > 1 ? undefined : { ...statement, Condition: { Null: { 'aws:PrincipalType': 'true', 'aws:SecureTransport': 'true' } } };
    return [mutant('remove-statement', removed), ...changesOf(statement, policy.kind, accountRoot).map(([change, changed]) => mutant(change, changed))];
  });
}

type Change = readonly [MutationId, StatementDocument];

function changesOf(statement: StatementDocument, kind: PolicySource['kind'], accountRoot: string): Change[] {
  return [
    ...members(statement, 'Action'),
    ...members(statement, 'NotAction'),
    ...members(statement, 'Resource'),
    ...principals(statement),
    ...conditions(statement),
    ...wider(statement, kind, accountRoot),
  ];
}

const REMOVAL = { Action: 'remove-action', NotAction: 'remove-not-action', Resource: 'remove-resource' } as const;

/** Without one of several actions or resources. */
function members(statement: StatementDocument, member: 'Action' | 'NotAction' | 'Resource'): Change[] {
  const values = many(statement[member]);
  if (values.length < 2) return [];
  return values.map((value): Change => [`${REMOVAL[member]}/${value}`, { ...statement, [member]: values.filter((other) => other !== value) }]);
}

function principals(statement: StatementDocument): Change[] {
  const { Principal: principal } = statement;
  if (principal === undefined || typeof principal === 'string') return [];
  return Object.entries(principal).flatMap(([type, listed]) => {
    const values = many(listed as string | readonly string[]);
    if (values.length < 2) return [];
    return values.map(
      (value): Change => [`remove-principal/${value}`, { ...statement, Principal: { ...principal, [type]: values.filter((other) => other !== value) } }],
    );
  });
}

/** Without each condition, and without each of the values that one allows. */
function conditions(statement: StatementDocument): Change[] {
  const block = statement.Condition ?? {};
  return Object.entries(block).flatMap(([operator, keys]) =>
    Object.entries(keys).flatMap(([key, values]) => {
      const { [key]: _removed, ...otherKeys } = keys;
      const { [operator]: _keys, ...otherOperators } = block;
      const without = Object.keys(otherKeys).length > 0 ? { ...otherOperators, [operator]: otherKeys } : otherOperators;
      const { Condition: _condition, ...unconditional } = statement;
      const list = many(values);
      const fewer =
        list.length < 2
          ? []
          : list.map(
              (value): Change => [
                `remove-value/${segment(key)}/${String(value)}`,
                { ...statement, Condition: { ...block, [operator]: { ...keys, [key]: list.filter((other) => other !== value) } } },
              ],
            );
      const removed: Change = [
        `remove-condition/${operator}/${key}`,
        Object.keys(without).length > 0 ? { ...unconditional, Condition: without } : unconditional,
      ];
      return [removed, ...fewer];
    }),
  );
}

/** An Allow that allows more: more actions, more principals, more resources. */
function wider(statement: StatementDocument, kind: PolicySource['kind'], accountRoot: string): Change[] {
  if (statement.Effect === 'Deny') return [];
  const changes: Change[] = [];
  const actions = many(statement.Action);
  const services = [...new Set(actions.map((action) => `${action.split(':')[0]}:*`))];
  // Only policies of IAM may name more than one service.
  const all = [...services, ...(kind === 'identity' ? ['*'] : [])].filter((action) => !actions.includes(action) && !actions.includes('*'));
  for (const action of all) changes.push([`allow-action/${action}`, { ...statement, Action: action }]);
  if (kind === 'identity' && !many(statement.Resource).includes('*')) changes.push(['allow-resource/*', { ...statement, Resource: '*' }]);
  if (kind !== 'identity' && !JSON.stringify(statement.Principal).includes(':root'))
    changes.push(['allow-account', { ...statement, Principal: { AWS: accountRoot } }]);
  if (kind !== 'identity') changes.push(['allow-everybody', { ...statement, Principal: '*' }]);
  return changes;
}
