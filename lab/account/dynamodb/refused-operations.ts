import type { Call } from '../caller';
import { notModelled, ServiceError } from '../errors';
import { operationsOf } from '../operation';
import type { Json } from './store';
import type { TableStore } from './table-store';

const operation = operationsOf('dynamodb', ['TableName', 'ResourceArn', 'RequestItems']);

/** What a request asks for: an action on a table, for each of its parts. */
type Asked = readonly { readonly action: string; readonly table: string }[];

/** Actions of PartiQL by the first word of a statement, with the place of the table's name. */
const STATEMENTS: readonly (readonly [RegExp, string])[] = [
  [/^\s*select\b.*?\bfrom\s+"?([\w.-]+)"?/is, 'PartiQLSelect'],
  [/^\s*insert\s+into\s+"?([\w.-]+)"?/i, 'PartiQLInsert'],
  [/^\s*update\s+"?([\w.-]+)"?/i, 'PartiQLUpdate'],
  [/^\s*delete\s+from\s+"?([\w.-]+)"?/i, 'PartiQLDelete'],
];

function ofStatement(text: unknown): Asked {
  for (const [pattern, action] of STATEMENTS) {
    const table = pattern.exec(String(text))?.[1];
    if (table !== undefined) return [{ action, table }];
  }
  throw new ServiceError('ValidationException', 'Statement wasn’t well formed, can’t be processed');
}

const list = (value: unknown) => (Array.isArray(value) ? (value as Json[]) : []);
const tableOf = (part: unknown) => String((part as Json).TableName);
const PARTS: Readonly<Record<string, string>> = {
  ConditionCheck: 'ConditionCheckItem',
  Delete: 'DeleteItem',
  Get: 'GetItem',
  Put: 'PutItem',
  Update: 'UpdateItem',
};
const ofTransaction = (items: unknown): Asked =>
  list(items).flatMap((item) =>
    Object.entries(item).map(([kind, part]) => ({ action: PARTS[kind] ?? invalid(`${kind} is no part of a transaction`), table: tableOf(part) })),
  );

/**
 * Transactions, PartiQL and backups: not modelled. Like AWS, the lab refuses a caller without permission first.
 * Source: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazondynamodb.html
 */
export function refusedOperations(dynamodb: TableStore) {
  const refused = (name: string, asked: (input: Json) => Asked) =>
    operation<Json, never>(name, {
      action: 'none',
      event: 'data',
      target: () => ({ resource: '*' }),
      run: (input, call: Call) => {
        for (const { action, table } of asked(input)) dynamodb.account.authorize(`dynamodb:${action}`, dynamodb.target(table), call);
        throw notModelled(`DynamoDB's ${name}`);
      },
    });
  return {
    CreateBackup: refused('CreateBackup', (input) => [{ action: 'CreateBackup', table: tableOf(input) }]),
    ExecuteStatement: refused('ExecuteStatement', (input) => ofStatement(input.Statement)),
    BatchExecuteStatement: refused('BatchExecuteStatement', (input) => list(input.Statements).flatMap(({ Statement }) => ofStatement(Statement))),
    ExecuteTransaction: refused('ExecuteTransaction', (input) => list(input.TransactStatements).flatMap(({ Statement }) => ofStatement(Statement))),
    TransactGetItems: refused('TransactGetItems', (input) => ofTransaction(input.TransactItems)),
    TransactWriteItems: refused('TransactWriteItems', (input) => ofTransaction(input.TransactItems)),
  };
}

function invalid(message: string): never {
  throw new ServiceError('ValidationException', message);
}
