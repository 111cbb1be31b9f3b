import type { Call } from '../caller';
import { ServiceError } from '../errors';
import { operationsOf } from '../operation';
import type { Json } from './store';
import type { TableStore } from './table-store';

const operation = operationsOf('dynamodb', ['TableName', 'ResourceArn', 'RequestItems']);

/** Operations on the items of one table. */
const SINGLE = ['DeleteItem', 'GetItem', 'PutItem', 'Query', 'Scan', 'UpdateItem'] as const;
/** Operations on the items of several tables, named in RequestItems. */
const BATCH = ['BatchGetItem', 'BatchWriteItem'] as const;

/** Operations on items. Every caller opens the table's key in its own name before dynalite acts. */
export function itemOperations(dynamodb: TableStore) {
  const forward = async (name: string, input: Json, tables: readonly string[], call: Call) => {
    for (const table of tables) await dynamodb.keys.open(dynamodb.find(table), call);
    return dynamodb.store.perform(name, input);
  };
  const single = (name: string) =>
    operation<Json, Json>(name, {
      event: 'data',
      target: (input) => dynamodb.target(String(input.TableName)),
      run: (input, call) => {
        const table = dynamodb.find(String(input.TableName));
        return forward(name, { ...input, TableName: table.name }, [table.name], call);
      },
    });
  const batch = (name: string) =>
    operation<Json, Json>(name, {
      event: 'data',
      target: (input) => dynamodb.target(tablesOf(input)[0]),
      run: (input, call) => {
        const [, ...others] = tablesOf(input);
        for (const other of others) dynamodb.account.authorize(`dynamodb:${name}`, dynamodb.target(other), call);
        return forward(name, input, tablesOf(input), call);
      },
    });
  return Object.fromEntries([...SINGLE.map((name) => [name, single(name)] as const), ...BATCH.map((name) => [name, batch(name)] as const)]) as Record<
    (typeof SINGLE)[number] | (typeof BATCH)[number],
    ReturnType<typeof single>
  >;
}

function tablesOf(input: Json): string[] {
  const tables = Object.keys((input.RequestItems ?? {}) as Json);
  if (tables.length === 0) {
    throw new ServiceError(
      'ValidationException',
      "1 validation error detected: Value at 'requestItems' failed to satisfy constraint: Member must have length greater than or equal to 1",
    );
  }
  return tables;
}
