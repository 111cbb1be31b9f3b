import type { StoredPolicy } from '../stored-policy';
import type { Tags } from '../tags';

/** What the account keeps about a table in addition to dynalite. */
export interface Table {
  readonly name: string;
  readonly arn: string;
  /** Set when a customer managed key encrypts the table. */
  encryption?: TableEncryption;
  deletionProtection: boolean;
  tableClass: string;
  pointInTimeRecovery: { enabled: boolean; days: number };
  policy?: { readonly stored: StoredPolicy; readonly revision: string };
  readonly tags: Tags;
}

/** The key of a table and the table key under it. */
export interface TableEncryption {
  readonly keyArn: string;
  readonly dataKey: Uint8Array;
}
