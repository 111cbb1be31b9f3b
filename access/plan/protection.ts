import { many, type PolicyDocument, type StatementDocument } from '../../evaluator/policy/document';
import { isUnknown } from '../../evaluator/unknown';
import type { Deployment, KeyModel } from '../graph/deployment';
import { changesOf, type TerraformDocument } from '../graph/terraform-json';

/** Something that protects data and would be less than before. */
export interface Protection {
  /** The resource's name or address. */
  readonly what: string;
  readonly change: string;
}

/** Resource types that hold data, or without which data cannot be read. */
const HOLDS_DATA = new Set(['aws_sqs_queue', 'aws_dynamodb_table', 'aws_kms_key', 'aws_cloudwatch_log_group']);

/** Keys that are less protected, data that loses its key, and resources with data that are replaced or destroyed. */
export function protectionChanges(documents: readonly TerraformDocument[], before: Deployment | undefined, after: Deployment | undefined): Protection[] {
  return [...ofKeys(before, after), ...ofStores(before, after), ...ofTables(before, after), ...documents.flatMap(ofResources)];
}

function ofKeys(before: Deployment | undefined, after: Deployment | undefined): Protection[] {
  return (after?.keys ?? []).flatMap((key): Protection[] => {
    const was = before?.keys.find((one) => one.name === key.name);
    const what = `key ${key.name}`;
    const changes: Protection[] = [];
    if (!key.rotation && (was?.rotation ?? true)) changes.push({ what, change: 'is not rotated' });
    if (was?.rotation && key.rotation && key.rotationDays > was.rotationDays)
      changes.push({ what, change: `is rotated every ${key.rotationDays} days instead of ${was.rotationDays}` });
    if (was && key.deletionDays < was.deletionDays)
      changes.push({ what, change: `can be deleted after ${key.deletionDays} days instead of ${was.deletionDays}` });
    const delegating = delegatingStatement(key);
    if (delegating && !(was && delegatingStatement(was)))
      changes.push({ what, change: `its statement ${delegating} delegates to the account: IAM policies decide who uses it` });
    return changes;
  });
}

/** The statement by which a key policy leaves decisions to the IAM policies of the account. */
function delegatingStatement({ policy }: KeyModel): string | undefined {
  if (isUnknown(policy.text)) return undefined;
  const { Statement: statements } = JSON.parse(policy.text) as PolicyDocument;
  const found = many<StatementDocument>(statements).find(
    (statement) =>
      statement.Effect === 'Allow' &&
      /:root"|"\d{12}"/.test(JSON.stringify(statement.Principal ?? '')) &&
      !JSON.stringify(statement.Condition ?? '')
        .toLowerCase()
        .includes('aws:principalarn'),
  );
  return found && (found.Sid ?? 'without Sid');
}

function ofStores(before: Deployment | undefined, after: Deployment | undefined): Protection[] {
  const stores = (deployment: Deployment | undefined) => [...(deployment?.queues ?? []), ...(deployment?.tables ?? []), ...(deployment?.logGroups ?? [])];
  return stores(after).flatMap((store): Protection[] => {
    const was = stores(before).find((one) => one.name === store.name);
    if (store.keyArn === undefined) return was && was.keyArn === undefined ? [] : [{ what: store.name, change: 'has no customer managed key' }];
    return was?.keyArn !== undefined && was.keyArn !== store.keyArn ? [{ what: store.name, change: 'gets another key' }] : [];
  });
}

function ofTables(before: Deployment | undefined, after: Deployment | undefined): Protection[] {
  return (after?.tables ?? []).flatMap((table): Protection[] => {
    const was = before?.tables.find((one) => one.name === table.name);
    return [
      ...(was?.deletionProtection && !table.deletionProtection ? [{ what: table.name, change: 'can be deleted: deletion protection is switched off' }] : []),
      ...(was?.pointInTimeRecovery && !table.pointInTimeRecovery ? [{ what: table.name, change: 'cannot be restored to a point in time any more' }] : []),
    ];
  });
}

function ofResources(document: TerraformDocument): Protection[] {
  return changesOf(document)
    .filter(({ type, actions }) => HOLDS_DATA.has(type) && actions.includes('delete'))
    .map(({ address, actions }) => ({
      what: address,
      change: actions.includes('create') ? 'is replaced: what it holds is lost' : 'is destroyed: what it holds is lost',
    }));
}
