import type { Deployment, StoreModel, TableModel } from '../graph/deployment';
import { changesOf, type TerraformDocument } from '../graph/terraform-json';
import { dataLosses } from './data-losses';
import { keyLosses } from './key-losses';
import { type Loss, lossOf } from './loss';

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

/** The parts of a deployment that protect data, or are protected. */
export type ProtectedParts = Pick<Deployment, 'account' | 'keys' | 'queues' | 'tables' | 'logGroups'>;

/** Resource types that hold data. What the deletion of a key means is told of the key. */
const HOLDS_DATA = new Set([
  'aws_cloudwatch_log_group',
  'aws_dynamodb_table',
  'aws_ecr_repository',
  'aws_s3_bucket',
  'aws_secretsmanager_secret',
  'aws_sqs_queue',
  'aws_ssm_parameter',
]);

/**
 * Keys that are less protected or cannot be used, data that loses its key, that is kept for a shorter time or goes elsewhere,
 * and resources with data that are replaced or destroyed.
 */
export function protectionChanges(
  documents: readonly TerraformDocument[],
  before: ProtectedParts | undefined,
  after: ProtectedParts | undefined,
): Protection[] {
  const losses = [
    ...keyLosses(documents, before, after),
    ...storeLosses(before, after),
    ...tableLosses(before, after),
    ...dataLosses(documents),
    ...documents.flatMap(resourceLosses),
  ];
  return losses.map(({ of, what, loss, change }) => ({ id: `${of} | ${loss}`, what, change }));
}

function storeLosses(before: ProtectedParts | undefined, after: ProtectedParts | undefined): Loss[] {
  const kinds = [
    ['queue', before?.queues, after?.queues],
    ['table', before?.tables, after?.tables],
    ['logs', before?.logGroups, after?.logGroups],
  ] as const;
  return kinds.flatMap(([kind, storesBefore = [], storesAfter = []]) =>
    [...storesAfter].flatMap((store: StoreModel): Loss[] => {
      const { name, keyArn } = store;
      const was = [...storesBefore].find((candidate: StoreModel) => candidate.name === name);
      const lost = lossOf(kind, name);
      if (keyArn === undefined) return was && was.keyArn === undefined ? [] : [lost('no-key', 'has no customer managed key')];
      return [
        ...(was?.keyArn !== undefined && was.keyArn !== keyArn ? [lost('other-key', 'gets another key')] : []),
        ...(was ? queueLosses(was, store, lost) : []),
      ];
    }),
  );
}

/** What SQS does for callers whom KMS would refuse by now, and where messages go that nobody could process. */
function queueLosses(was: StoreModel, queue: StoreModel, lost: ReturnType<typeof lossOf>): Loss[] {
  const [before, after] = [was.dataKeyReuseSeconds, queue.dataKeyReuseSeconds];
  const longer = before !== undefined && after !== undefined && after > before;
  return [
    ...(longer ? [lost(`data-key-reuse-${after}-seconds`, `a principal that loses the key keeps access for up to ${after} seconds instead of ${before}`)] : []),
    ...(was.deadLetterArn !== queue.deadLetterArn
      ? [lost('other-dead-letter-queue', `messages that fail go to ${queue.deadLetterArn ?? 'no queue'} instead of ${was.deadLetterArn ?? 'none'}`)]
      : []),
  ];
}

function tableLosses(before: ProtectedParts | undefined, after: ProtectedParts | undefined): Loss[] {
  return (after?.tables ?? []).flatMap((table): Loss[] => {
    const was = before?.tables.find(({ name }) => name === table.name);
    const isLost = (protection: keyof Pick<TableModel, 'deletionProtection' | 'pointInTimeRecovery'>) => was?.[protection] && !table[protection];
    const lost = lossOf('table', table.name);
    return [
      ...(isLost('deletionProtection') ? [lost('no-deletion-protection', 'can be deleted: deletion protection is switched off')] : []),
      ...(isLost('pointInTimeRecovery') ? [lost('no-point-in-time-recovery', 'cannot be restored to a point in time any more')] : []),
    ];
  });
}

function resourceLosses(document: TerraformDocument): Loss[] {
  return changesOf(document)
    .filter(({ type, actions }) => HOLDS_DATA.has(type) && actions.includes('delete'))
    .map(({ address, actions }) =>
      actions.includes('create')
        ? { of: address, what: address, loss: 'replaced', change: 'is replaced: what it holds is lost' }
        : { of: address, what: address, loss: 'destroyed', change: 'is destroyed: what it holds is lost' },
    );
}
