import { DynamodbResourcePolicy } from '@cdktf/provider-aws/lib/dynamodb-resource-policy';
import { DynamodbTable } from '@cdktf/provider-aws/lib/dynamodb-table';
import { Construct } from 'constructs';
import type { Arns } from '../names';
import { computedJson, policyJson } from '../policies/document';
import { tablePolicy } from '../policies/resources';
import type { Settings } from '../settings';

/** What the construct {@link PersonTable} needs to know. */
export interface PersonTableProps {
  readonly settings: Settings;
  readonly arns: Arns;
  readonly keyArn: string;
  /** Who selected the table's key, as a list or as an expression that yields JSON text. */
  readonly deployers: readonly string[] | { readonly expression: string };
}

/** The table of people, encrypted with its own key. */
export class PersonTable extends Construct {
  readonly table: DynamodbTable;

  constructor(scope: Construct, id: string, { settings, arns, keyArn, deployers }: PersonTableProps) {
    super(scope, id);
    this.table = new DynamodbTable(this, 'table', {
      name: arns.names.table,
      billingMode: 'PAY_PER_REQUEST',
      hashKey: 'Name',
      rangeKey: 'Firstname',
      attribute: [
        { name: 'Name', type: 'S' },
        { name: 'Firstname', type: 'S' },
      ],
      serverSideEncryption: { enabled: true, kmsKeyArn: keyArn },
      pointInTimeRecovery: { enabled: true },
      deletionProtectionEnabled: settings.deletionProtection,
    });
    const principals = 'expression' in deployers ? computedJson(deployers.expression) : deployers;
    new DynamodbResourcePolicy(this, 'policy', { resourceArn: this.table.arn, policy: policyJson(tablePolicy(arns, principals)) });
  }
}
