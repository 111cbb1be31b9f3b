import { many, type StatementDocument } from '../../evaluator/policy/document';
import { type Deployment, documentOf, type KeyModel, type StoreModel, type TableModel } from '../graph/deployment';
import { changesOf, type TerraformDocument } from '../graph/terraform-json';

/** Something that protects data and would be less than before. */
export interface Protection {
  /**
   * What is lost of which resource, stable: `key/pipeline-table | not-rotated`. Lists of accepted differences
   * name it so.
   */
  readonly id: string;
  /** The resource's name or address. */
  readonly what: string;
  readonly change: string;
}

/** Resource types that hold data, or without which data cannot be read. */
const HOLDS_DATA = new Set(['aws_sqs_queue', 'aws_dynamodb_table', 'aws_kms_key', 'aws_cloudwatch_log_group']);

/**
 * Keys that are less protected, data that loses its key, and resources with data that are replaced or
 * destroyed.
 */
export function protectionChanges(documents: readonly TerraformDocument[], before: Deployment | undefined, after: Deployment | undefined): Protection[] {
  return [...keyProtections(before, after), ...storeProtections(before, after), ...tableProtections(before, after), ...documents.flatMap(resourceProtections)];
}

function keyProtections(before: Deployment | undefined, after: Deployment | undefined): Protection[] {
  return (after?.keys ?? []).flatMap((key): Protection[] => {
    const was = before?.keys.find(({ name }) => name === key.name);
    const lost = (loss: string, change: string): Protection => ({ id: `key/${key.name} | ${loss}`, what: `key ${key.name}`, change });
    const changes: Protection[] = [];
    if (was?.enabled && !key.enabled) changes.push(lost('disabled', 'is disabled: nobody can use it, so nobody reads what it encrypts'));
    if (!key.rotation && (was?.rotation ?? true)) changes.push(lost('not-rotated', 'is not rotated'));
    if (was?.rotation && key.rotation && key.rotationDays > was.rotationDays) {
      changes.push(lost(`rotated-every-${key.rotationDays}-days`, `is rotated every ${key.rotationDays} days instead of ${was.rotationDays}`));
    }
    if (was && key.deletionDays < was.deletionDays) {
      changes.push(lost(`deletable-after-${key.deletionDays}-days`, `can be deleted after ${key.deletionDays} days instead of ${was.deletionDays}`));
    }
    const delegating = delegatingStatement(key);
    if (delegating && !(was && delegatingStatement(was))) {
      const { sid, account } = delegating;
      const whom = account === after?.account ? 'the account' : `the account ${account}, which is another one`;
      changes.push(
        lost(`delegated-by-${sid}`, `its statement ${sid} delegates to ${whom}: IAM policies ${account === after?.account ? '' : 'there '}decide who uses it`),
      );
    }
    return changes;
  });
}

/** The statement by which a key policy leaves decisions to the IAM policies of an account, and of which one. */
function delegatingStatement({ policy }: KeyModel): { readonly sid: string; readonly account: string } | undefined {
  for (const statement of many<StatementDocument>(documentOf(policy)?.Statement)) {
    const account = /:(\d{12}):root"|"(\d{12})"/.exec(JSON.stringify(statement.Principal ?? ''));
    const isLimited = JSON.stringify(statement.Condition ?? '')
      .toLowerCase()
      .includes('aws:principalarn');
    if (statement.Effect === 'Allow' && account && !isLimited) return { sid: statement.Sid ?? 'without Sid', account: account[1] ?? account[2] ?? '' };
  }
  return undefined;
}

function storeProtections(before: Deployment | undefined, after: Deployment | undefined): Protection[] {
  const kinds = [
    ['queue', before?.queues, after?.queues],
    ['table', before?.tables, after?.tables],
    ['logs', before?.logGroups, after?.logGroups],
  ] as const;
  return kinds.flatMap(([kind, storesBefore = [], storesAfter = []]) =>
    [...storesAfter].flatMap((store: StoreModel): Protection[] => {
      const { name, keyArn } = store;
      const was = [...storesBefore].find((candidate: StoreModel) => candidate.name === name);
      const lost = (loss: string, change: string): Protection => ({ id: `${kind}/${name} | ${loss}`, what: name, change });
      if (keyArn === undefined) return was && was.keyArn === undefined ? [] : [lost('no-key', 'has no customer managed key')];
      return [
        ...(was?.keyArn !== undefined && was.keyArn !== keyArn ? [lost('other-key', 'gets another key')] : []),
        ...(was ? queueProtections(was, store, lost) : []),
      ];
    }),
  );
}

/** What SQS does for callers whom KMS would refuse by now, and where messages go that nobody could process. */
function queueProtections(was: StoreModel, queue: StoreModel, lost: (loss: string, change: string) => Protection): Protection[] {
  const [before, after] = [was.dataKeyReuseSeconds, queue.dataKeyReuseSeconds];
  const longer = before !== undefined && after !== undefined && after > before;
  return [
    ...(longer ? [lost(`data-key-reuse-${after}-seconds`, `a principal that loses the key keeps access for up to ${after} seconds instead of ${before}`)] : []),
    ...(was.deadLetterArn !== queue.deadLetterArn
      ? [lost('other-dead-letter-queue', `messages that fail go to ${queue.deadLetterArn ?? 'no queue'} instead of ${was.deadLetterArn ?? 'none'}`)]
      : []),
  ];
}

function tableProtections(before: Deployment | undefined, after: Deployment | undefined): Protection[] {
  return (after?.tables ?? []).flatMap((table): Protection[] => {
    const was = before?.tables.find(({ name }) => name === table.name);
    const isLost = (protection: keyof Pick<TableModel, 'deletionProtection' | 'pointInTimeRecovery'>) => was?.[protection] && !table[protection];
    const lost = (loss: string, change: string): Protection => ({ id: `table/${table.name} | ${loss}`, what: table.name, change });
    return [
      ...(isLost('deletionProtection') ? [lost('no-deletion-protection', 'can be deleted: deletion protection is switched off')] : []),
      ...(isLost('pointInTimeRecovery') ? [lost('no-point-in-time-recovery', 'cannot be restored to a point in time any more')] : []),
    ];
  });
}

function resourceProtections(document: TerraformDocument): Protection[] {
  return changesOf(document)
    .filter(({ type, actions }) => HOLDS_DATA.has(type) && actions.includes('delete'))
    .map(({ address, actions }) =>
      actions.includes('create')
        ? { id: `${address} | replaced`, what: address, change: 'is replaced: what it holds is lost' }
        : { id: `${address} | destroyed`, what: address, change: 'is destroyed: what it holds is lost' },
    );
}
