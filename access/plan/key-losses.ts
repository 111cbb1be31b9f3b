import { type ConditionBlock, many, type StatementDocument } from '../../evaluator/policy/document';
import { type Deployment, documentOf, type KeyModel } from '../graph/deployment';
import { changesOf, type TerraformDocument } from '../graph/terraform-json';
import { resourcesBefore, resourcesOf } from '../graph/terraform-resource';
import { type Loss, lossOf } from './loss';
import { isUnclear } from './resource-pairs';

/** The keys of a deployment. */
type Keys = Pick<Deployment, 'account' | 'keys'>;

const lossOfKey = (name: string) => lossOf('key', name, `key ${name}`);

/** What keys lose: that they can be used, rotation, time until deletion, and that their policies alone decide. */
export function keyLosses(documents: readonly TerraformDocument[], before: Keys | undefined, after: Keys | undefined): Loss[] {
  return [
    ...(after?.keys ?? []).flatMap((key) => {
      // A key has the name of its alias, which may change in the same plan.
      const was = before?.keys.find(({ arn }) => arn === key.arn) ?? before?.keys.find(({ name }) => name === key.name);
      return [...stateLosses(was, key), ...newDelegations(was, key, after?.account)];
    }),
    ...unclearStates(documents, before),
    ...documents.flatMap((document) => [...deletions(document, before), ...defaultPolicies(document, before, after)]),
  ];
}

function stateLosses(was: KeyModel | undefined, key: KeyModel): Loss[] {
  const lost = lossOfKey(key.name);
  const losses: Loss[] = [];
  if (was?.enabled && !key.enabled) losses.push(lost('disabled', 'is disabled: nobody can use it, so nobody reads what it encrypts'));
  if (!key.rotation && (was?.rotation ?? true)) losses.push(lost('not-rotated', 'is not rotated'));
  if (was?.rotation && key.rotation && key.rotationDays > was.rotationDays) {
    losses.push(lost(`rotated-every-${key.rotationDays}-days`, `is rotated every ${key.rotationDays} days instead of ${was.rotationDays}`));
  }
  if (was && key.deletionDays < was.deletionDays) {
    losses.push(lost(`deletable-after-${key.deletionDays}-days`, `can be deleted after ${key.deletionDays} days instead of ${was.deletionDays}`));
  }
  return losses;
}

const STATE = ['is_enabled', 'enable_key_rotation', 'rotation_period_in_days', 'deletion_window_in_days'];

/** Keys of which an apply alone will tell the state. */
function unclearStates(documents: readonly TerraformDocument[], before: Keys | undefined): Loss[] {
  return documents.flatMap(resourcesOf).flatMap((resource) => {
    const isKey = resource.type === 'aws_kms_key' && resource.mode === 'managed';
    const key = isKey ? before?.keys.find(({ arn }) => arn === resource.values.arn) : undefined;
    if (!key) return [];
    return STATE.filter((attribute) => isUnclear(resource, attribute)).map((attribute) =>
      lossOfKey(key.name)(`unknown-${attribute}`, `may be less protected: its ${attribute} is known only after apply`),
    );
  });
}

/**
 * Terraform deletes a key by scheduling its deletion: from then on it cannot be used, and until the end of the window the
 * deletion can be cancelled. Source: https://docs.aws.amazon.com/kms/latest/developerguide/deleting-keys.html
 */
function deletions(document: TerraformDocument, before: Keys | undefined): Loss[] {
  return deletedOf(document, 'aws_kms_key').flatMap(({ address, values, replaced }) => {
    const key = before?.keys.find(({ arn }) => arn === values.arn);
    const [name, days] = [key?.name ?? address, key?.deletionDays ?? 30];
    const how = `is ${replaced ? 'replaced and ' : ''}scheduled for deletion`;
    return lossOfKey(name)('scheduled-for-deletion', `${how}: nobody can use it, and after ${days} days what it encrypts is lost`);
  });
}

/**
 * With a key policy that is a resource of its own, Terraform does not remove the policy: it puts back KMS's default one, which lets
 * IAM policies of the account decide, unless the lockout check is off. Sources:
 * https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html, internal/service/kms/key_policy.go of the AWS provider
 */
function defaultPolicies(document: TerraformDocument, before: Keys | undefined, after: Keys | undefined): Loss[] {
  const later = new Map(resourcesOf(document).map((resource) => [resource.address, resource.values]));
  return deletedOf(document, 'aws_kms_key_policy').flatMap(({ address, values, replaced }) => {
    // One that is replaced may come back for another key.
    const isBack = replaced && later.get(address)?.key_id === values.key_id;
    const key = before?.keys.find(({ policy }) => policy.address === address);
    const isDeleted = key !== undefined && !after?.keys.some(({ arn }) => arn === key.arn);
    if (isBack || isDeleted || values.bypass_policy_lockout_safety_check === true) return [];
    return [lossOfKey(key?.name ?? address)('default-policy', 'gets the default key policy, which delegates to the account: IAM policies decide who uses it')];
  });
}

function deletedOf(document: TerraformDocument, type: string) {
  const resources = new Map(resourcesBefore(document).map((resource) => [resource.address, resource]));
  return changesOf(document)
    .filter((change) => change.type === type && change.actions.includes('delete'))
    .map(({ address, actions }) => ({ address, values: resources.get(address)?.values ?? {}, replaced: actions.includes('create') }));
}

/** A statement by which a key policy leaves decisions to the IAM policies of an account. */
interface Delegation {
  readonly sid: string;
  readonly account: string;
  readonly actions: string;
}

function newDelegations(was: KeyModel | undefined, key: KeyModel, ownAccount: string | undefined): Loss[] {
  const known = new Set((was ? delegations(was) : []).map(({ account, actions }) => `${account} ${actions}`));
  return delegations(key)
    .filter(({ account, actions }) => !known.has(`${account} ${actions}`))
    .map(({ sid, account }) => {
      const isOwn = account === ownAccount;
      const whom = isOwn ? 'the account' : `the account ${account}, which is another one`;
      return lossOfKey(key.name)(
        `delegated-by-${sid}${isOwn ? '' : `-to-${account}`}`,
        `its statement ${sid} delegates to ${whom}: IAM policies ${isOwn ? '' : 'there '}decide who uses it`,
      );
    });
}

function delegations({ policy }: KeyModel): Delegation[] {
  return many<StatementDocument>(documentOf(policy)?.Statement).flatMap((statement, index) => {
    const { Sid, Effect, Principal, Action, NotAction, Condition } = statement;
    if (Effect !== 'Allow' || typeof Principal !== 'object' || namesPrincipals(Condition)) return [];
    const actions = JSON.stringify([many(Action), many(NotAction)].map((names) => names.map((name) => name.toLowerCase()).sort()));
    return many(Principal.AWS).flatMap((principal): Delegation[] => {
      const [, root, digits] = /^(?:arn:[^:]+:iam::(\d{12}):root|(\d{12}))$/.exec(principal) ?? [];
      const account = root ?? digits;
      return account === undefined ? [] : [{ sid: Sid ?? `Statement[${index}]`, account, actions }];
    });
  });
}

/** Whether conditions let only principals pass that they name: then it is they who are trusted, not the account. */
function namesPrincipals(conditions: ConditionBlock = {}): boolean {
  return Object.entries(conditions).some(
    ([operator, keys]) =>
      /^(ForAnyValue:)?(StringEquals|StringLike|ArnEquals|ArnLike)$/.test(operator) &&
      Object.entries(keys).some(
        ([key, values]) => key.toLowerCase() === 'aws:principalarn' && !many<unknown>(values).some((value) => /[*?$]/.test(String(value))),
      ),
  );
}
