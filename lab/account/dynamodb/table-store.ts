import { lastSegment } from '../../../evaluator/index';
import type { AccountContext } from '../account-context';
import { ServiceError } from '../errors';
import type { Target } from '../operation';
import { TableKeys } from './encryption';
import { ItemStore } from './store';
import type { Table } from './table';

/** What DynamoDB keeps: dynalite the items; key, policy, protection and tags of tables the account itself. */
export class TableStore {
  readonly tables = new Map<string, Table>();
  readonly store: ItemStore;
  readonly keys: TableKeys;

  constructor(readonly account: AccountContext) {
    this.store = new ItemStore(account.region);
    this.keys = new TableKeys(account);
  }

  /** Finds a table by name or ARN. */
  find(reference: string | undefined): Table {
    const table = this.tables.get(lastSegment(String(reference)));
    if (!table || (reference?.startsWith('arn:') && table.arn !== reference)) {
      throw new ServiceError('ResourceNotFoundException', `Requested resource not found: Table: ${lastSegment(String(reference))} not found`);
    }
    return table;
  }

  /** A table as authorization sees it, also one that does not exist yet. */
  target(reference: string | undefined): Target {
    const name = lastSegment(String(reference));
    const table = this.tables.get(name);
    return { resource: table?.arn ?? this.account.arn('dynamodb', `table/${name}`), policy: table?.policy?.stored.policy() };
  }
}
