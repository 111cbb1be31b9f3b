import type { CreateTableInput, SSESpecification, TableDescription, UpdateTableInput } from '@aws-sdk/client-dynamodb';
import type { Call } from '../caller';
import { notModelled, ServiceError } from '../errors';
import { operationsOf } from '../operation';
import { toTags } from '../tags';
import type { Json } from './store';
import type { Table, TableEncryption } from './table';
import type { TableStore } from './table-store';

const operation = operationsOf('dynamodb', ['TableName', 'ResourceArn', 'RequestItems']);

/** What dynalite understands of a table; the rest is the account's. */
const OWN_MEMBERS = ['SSESpecification', 'DeletionProtectionEnabled', 'TableClass', 'Tags'];
const CREATE_MEMBERS = [
  'TableName',
  'AttributeDefinitions',
  'KeySchema',
  'BillingMode',
  'ProvisionedThroughput',
  'GlobalSecondaryIndexes',
  'LocalSecondaryIndexes',
  ...OWN_MEMBERS,
];
const UPDATE_MEMBERS = ['TableName', 'AttributeDefinitions', 'BillingMode', 'ProvisionedThroughput', 'GlobalSecondaryIndexUpdates', ...OWN_MEMBERS];

interface TableNamed {
  TableName: string | undefined;
}

/** Operations on tables. */
export function tableOperations(dynamodb: TableStore) {
  const { account } = dynamodb;
  const target = (input: TableNamed) => dynamodb.target(input.TableName);
  const describe = async (table: Table): Promise<TableDescription> => {
    const { Table: stored } = await dynamodb.store.perform('DescribeTable', { TableName: table.name });
    return { ...(stored as TableDescription), ...overlay(table) };
  };
  const select = (tableName: string, specification: SSESpecification | undefined, call: Call): Promise<TableEncryption | undefined> => {
    if (!specification?.Enabled) return Promise.resolve(undefined);
    if (!specification.KMSMasterKeyId) throw notModelled('the AWS managed key of DynamoDB; name a customer managed key');
    return dynamodb.keys.select(tableName, specification.KMSMasterKeyId, call);
  };
  return {
    CreateTable: operation<CreateTableInput, { TableDescription: TableDescription }>('CreateTable', {
      event: 'write',
      target,
      run: async (input, call) => {
        refuseOthers('CreateTable', input, CREATE_MEMBERS);
        const name = String(input.TableName);
        if (dynamodb.tables.has(name)) throw new ServiceError('ResourceInUseException', `Table already exists: ${name}`);
        const encryption = await select(name, input.SSESpecification, call);
        await dynamodb.store.perform('CreateTable', without(input, OWN_MEMBERS));
        await settled(dynamodb, name);
        const table: Table = {
          name,
          arn: account.arn('dynamodb', `table/${name}`),
          encryption,
          deletionProtection: input.DeletionProtectionEnabled ?? false,
          tableClass: input.TableClass ?? 'STANDARD',
          pointInTimeRecovery: { enabled: false, days: 35 },
          tags: toTags(input.Tags),
        };
        dynamodb.tables.set(name, table);
        return { TableDescription: await describe(table) };
      },
    }),
    DescribeTable: operation<TableNamed, { Table: TableDescription }>('DescribeTable', {
      event: 'read',
      target,
      run: async (input) => ({ Table: await describe(dynamodb.find(input.TableName)) }),
    }),
    UpdateTable: operation<UpdateTableInput, { TableDescription: TableDescription }>('UpdateTable', {
      event: 'write',
      target,
      run: async (input, call) => {
        refuseOthers('UpdateTable', input, UPDATE_MEMBERS);
        const table = dynamodb.find(input.TableName);
        if (input.SSESpecification) table.encryption = await select(table.name, input.SSESpecification, call);
        if (input.DeletionProtectionEnabled !== undefined) table.deletionProtection = input.DeletionProtectionEnabled;
        if (input.TableClass !== undefined) table.tableClass = input.TableClass;
        const rest = without(input, [...OWN_MEMBERS, 'TableName', 'AttributeDefinitions']);
        if (Object.keys(rest).length > 0) {
          await dynamodb.store.perform('UpdateTable', { ...without(input, OWN_MEMBERS), TableName: table.name });
          await settled(dynamodb, table.name);
        }
        return { TableDescription: await describe(table) };
      },
    }),
    DeleteTable: operation<TableNamed, { TableDescription: TableDescription }>('DeleteTable', {
      event: 'write',
      target,
      run: async (input) => {
        const table = dynamodb.find(input.TableName);
        if (table.deletionProtection) {
          throw new ServiceError(
            'ValidationException',
            `Resource cannot be deleted as it is currently protected against deletion. Disable deletion protection first.`,
          );
        }
        const last = await describe(table);
        await dynamodb.store.perform('DeleteTable', { TableName: table.name });
        dynamodb.tables.delete(table.name);
        return { TableDescription: { ...last, TableStatus: 'DELETING' } };
      },
    }),
    ListTables: operation<{ ExclusiveStartTableName?: string; Limit?: number }, { TableNames: string[]; LastEvaluatedTableName?: string }>('ListTables', {
      event: 'read',
      target: () => ({ resource: account.arn('dynamodb', 'table/*') }),
      run: (input) => {
        const names = [...dynamodb.tables.keys()].sort().filter((name) => name > (input.ExclusiveStartTableName ?? ''));
        const page = names.slice(0, input.Limit ?? 100);
        return { TableNames: page, ...(page.length < names.length ? { LastEvaluatedTableName: page.at(-1) } : {}) };
      },
    }),
  };
}

function overlay(table: Table): Partial<TableDescription> {
  return {
    TableArn: table.arn,
    DeletionProtectionEnabled: table.deletionProtection,
    TableClassSummary: { TableClass: table.tableClass as 'STANDARD' },
    ...(table.encryption ? { SSEDescription: { Status: 'ENABLED', SSEType: 'KMS', KMSMasterKeyArn: table.encryption.keyArn } } : {}),
  };
}

/**
 * Dynalite changes the state of a table a turn later, even with all its delays at zero. It is asked until it has, however
 * long a busy machine takes: no number of turns means that it will not.
 */
async function settled(dynamodb: TableStore, name: string): Promise<void> {
  for (;;) {
    const { Table: table } = await dynamodb.store.perform('DescribeTable', { TableName: name });
    if ((table as TableDescription).TableStatus === 'ACTIVE') return;
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

function refuseOthers(name: string, input: object, known: readonly string[]): void {
  const unknownMember = Object.entries(input).find(([member, value]) => value !== undefined && !known.includes(member));
  if (unknownMember) throw notModelled(`${name} with ${unknownMember[0]}`);
}

function without(input: object, members: readonly string[]): Json {
  return Object.fromEntries(Object.entries(input).filter(([member, value]) => value !== undefined && !members.includes(member)));
}
