import { many, type PolicyDocument, type StatementDocument } from '../../evaluator/policy/document';
import { isUnknown } from '../../evaluator/unknown';
import type { PolicySource } from '../graph/deployment';

/** One small change of one policy. */
export interface Mutant {
  readonly policy: PolicySource;
  /** Sid or place of the statement. */
  readonly statement: string;
  /** What was changed, e.g. `without the action sqs:SendMessage`. */
  readonly change: string;
  /** The policy's new text. */
  readonly text: string;
}

/** Removes each statement, action, principal, resource and condition in turn, and widens each. */
export function mutantsOf(policy: PolicySource, accountRoot: string): Mutant[] {
  if (isUnknown(policy.text)) return [];
  const document = JSON.parse(policy.text) as PolicyDocument;
  const statements = many(document.Statement);
  return statements.flatMap((statement, index) => {
    const mutant = (change: string, changed: StatementDocument | undefined): Mutant => ({
      policy,
      statement: statement.Sid ?? `Statement[${index}]`,
      change,
      text: JSON.stringify({ ...document, Statement: changed ? statements.with(index, changed) : statements.toSpliced(index, 1) }),
    });
    // A policy without statements is no policy; its last statement becomes one that never applies.
    const gone = statements.length > 1 ? undefined : { ...statement, Condition: { Null: { 'aws:PrincipalType': 'true', 'aws:SecureTransport': 'true' } } };
    return [mutant('removed', gone), ...changesOf(statement, policy.kind, accountRoot).map(([change, changed]) => mutant(change, changed))];
  });
}

type Change = readonly [string, StatementDocument];

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

/** Without one of several actions or resources. */
function members(statement: StatementDocument, member: 'Action' | 'NotAction' | 'Resource'): Change[] {
  const values = many(statement[member]);
  if (values.length < 2) return [];
  return values.map((value): Change => [`without the ${member.toLowerCase()} ${value}`, { ...statement, [member]: values.filter((one) => one !== value) }]);
}

function principals(statement: StatementDocument): Change[] {
  const { Principal: principal } = statement;
  if (principal === undefined || typeof principal === 'string') return [];
  return Object.entries(principal).flatMap(([type, listed]) => {
    const values = many(listed as string | readonly string[]);
    if (values.length < 2) return [];
    return values.map(
      (value): Change => [`without the principal ${value}`, { ...statement, Principal: { ...principal, [type]: values.filter((one) => one !== value) } }],
    );
  });
}

/** Without each condition, and without each of the values that one allows. */
function conditions(statement: StatementDocument): Change[] {
  const block = statement.Condition ?? {};
  return Object.entries(block).flatMap(([operator, keys]) =>
    Object.entries(keys).flatMap(([key, values]) => {
      const { [key]: _gone, ...others } = keys;
      const { [operator]: _all, ...rest } = block;
      const without = Object.keys(others).length > 0 ? { ...rest, [operator]: others } : rest;
      const { Condition: _condition, ...bare } = statement;
      const list = many(values);
      const fewer =
        list.length < 2
          ? []
          : list.map(
              (value): Change => [
                `${key} without ${String(value)}`,
                { ...statement, Condition: { ...block, [operator]: { ...keys, [key]: list.filter((one) => one !== value) } } },
              ],
            );
      return [[`without the condition ${operator} ${key}`, Object.keys(without).length > 0 ? { ...bare, Condition: without } : bare] as Change, ...fewer];
    }),
  );
}

/** An Allow that allows more: more actions, more principals, more resources. */
function wider(statement: StatementDocument, kind: PolicySource['kind'], accountRoot: string): Change[] {
  if (statement.Effect === 'Deny') return [];
  const changes: Change[] = [];
  const actions = many(statement.Action);
  const services = [...new Set(actions.map((action) => `${action.split(':')[0]}:*`))];
  // Only policies of IAM may speak of more than one service.
  const all = [...services, ...(kind === 'identity' ? ['*'] : [])].filter((action) => !actions.includes(action) && !actions.includes('*'));
  for (const action of all) changes.push([`with the action ${action}`, { ...statement, Action: action }]);
  if (kind === 'identity' && !many(statement.Resource).includes('*')) changes.push(['with the resource *', { ...statement, Resource: '*' }]);
  if (kind !== 'identity' && !JSON.stringify(statement.Principal).includes(':root'))
    changes.push(['with the account as principal', { ...statement, Principal: { AWS: accountRoot } }]);
  if (kind !== 'identity') changes.push(['with everybody as principal', { ...statement, Principal: '*' }]);
  return changes;
}
