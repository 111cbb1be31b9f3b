import type { Service } from '../account-context';
import { itemOperations } from './item-operations';
import { refusedOperations } from './refused-operations';
import { tableOperations } from './table-operations';
import { tableSettingOperations } from './table-settings';
import { TableStore } from './table-store';

/** DynamoDB: dynalite keeps the items; key, policy, protection and tags of tables are the account's own. */
export class DynamoDb extends TableStore implements Service {
  readonly accessDenied = { code: 'AccessDeniedException', status: 400 };

  readonly operations = { ...tableOperations(this), ...tableSettingOperations(this), ...itemOperations(this), ...refusedOperations(this) };
}
