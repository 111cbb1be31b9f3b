import { randomBytes } from 'node:crypto';
import type {
  CreateKeyRequest,
  EnableKeyRotationRequest,
  GetKeyPolicyResponse,
  GetKeyRotationStatusResponse,
  KeyMetadata,
  ListKeysResponse,
  ListResourceTagsResponse,
  PutKeyPolicyRequest,
  ScheduleKeyDeletionRequest,
  ScheduleKeyDeletionResponse,
  TagResourceRequest,
  UntagResourceRequest,
  UpdateKeyDescriptionRequest,
} from '@aws-sdk/client-kms';
import { accessRequest, evaluate } from '../../../evaluator/index';
import type { Call } from '../caller';
import { notModelled, ServiceError } from '../errors';
import { type Operation, operationsOf } from '../operation';
import { StoredPolicy } from '../stored-policy';
import { fromTags, removeTags, toTags } from '../tags';
import { describeKey, type Key, type Need, requireState } from './key';
import type { KeyStore } from './key-store';
import { refuseMembers } from './refuse-members';

const operation = operationsOf('kms', ['KeyId']);

const MAX_POLICY_BYTES = 32_768;
const DEFAULT_ROTATION_DAYS = 365;
const DEFAULT_WINDOW_DAYS = 30;
const DAY_MS = 24 * 3600 * 1000;

interface KeyNamed {
  KeyId: string | undefined;
}

/** Operations on keys themselves. */
export function keyOperations(kms: KeyStore) {
  const { account } = kms;
  const target = (input: KeyNamed) => kms.target(kms.find(input.KeyId));
  const describe = (input: KeyNamed) => ({ parameters: { keyId: input.KeyId }, resources: [{ type: 'AWS::KMS::Key', arn: String(input.KeyId) }] });
  const onKey = <I extends KeyNamed, O>(name: string, event: 'read' | 'write', need: Need, run: (key: Key, input: I, call: Call) => O): Operation<I, O> =>
    operation<I, O>(name, {
      event,
      target,
      describe,
      run: (input, call) => {
        const key = kms.find(input.KeyId);
        requireState(key, need);
        return run(key, input, call);
      },
    });
  const toPolicy = (keyId: string, text: string, bypassLockoutCheck: boolean | undefined, arn: string, call: Call): StoredPolicy => {
    if (Buffer.byteLength(text) > MAX_POLICY_BYTES) throw new ServiceError('LimitExceededException', `The policy is larger than ${MAX_POLICY_BYTES} bytes`);
    const policy = new StoredPolicy(account.iam, `policy of key ${keyId}`, text, 'key', () =>
      malformed('Policy contains a statement with one or more invalid principals.'),
    );
    if (!bypassLockoutCheck && !retainsPolicy(policy, arn, call))
      throw malformed('The new key policy will not allow you to update the key policy in the future.');
    return policy;
  };
  const retainsPolicy = (policy: StoredPolicy, arn: string, { caller }: Call) => {
    const request = accessRequest(caller.principal, 'kms:PutKeyPolicy', arn);
    return evaluate(request, { ...account.policiesOf(caller), session: caller.sessionPolicies, resource: policy.policy() }).outcome === 'allowed';
  };
  return {
    CreateKey: operation<CreateKeyRequest, { KeyMetadata: KeyMetadata }>('CreateKey', {
      event: 'write',
      target: () => ({ resource: '*' }),
      describe: (_input, output) => ({ resources: [{ type: 'AWS::KMS::Key', arn: String(output?.KeyMetadata.Arn) }] }),
      run: (input, call) => {
        refuseMembers('CreateKey', input, ['CustomKeyStoreId', 'XksKeyId']);
        if ((input.KeySpec ?? input.CustomerMasterKeySpec ?? 'SYMMETRIC_DEFAULT') !== 'SYMMETRIC_DEFAULT')
          throw notModelled('keys other than SYMMETRIC_DEFAULT');
        if ((input.KeyUsage ?? 'ENCRYPT_DECRYPT') !== 'ENCRYPT_DECRYPT') throw notModelled(`key usage ${input.KeyUsage}`);
        if ((input.Origin ?? 'AWS_KMS') !== 'AWS_KMS' || input.MultiRegion) throw notModelled('imported or multi-Region keys');
        const { id, arn } = kms.newId();
        const key: Key = {
          id,
          arn,
          createdAt: account.clock.date(),
          description: input.Description ?? '',
          state: 'Enabled',
          policy: toPolicy(id, input.Policy ?? defaultPolicy(kms), input.BypassPolicyLockoutSafetyCheck, arn, call),
          backingKeys: [randomBytes(32)],
          grants: [],
          tags: toTags(input.Tags),
        };
        kms.keys.set(id, key);
        return { KeyMetadata: describeKey(key, account.accountId) };
      },
    }),
    DescribeKey: onKey<KeyNamed, { KeyMetadata: KeyMetadata }>('DescribeKey', 'read', 'known', (key) => ({ KeyMetadata: describeKey(key, account.accountId) })),
    // Symmetric keys have no public part.
    GetPublicKey: onKey<KeyNamed, never>('GetPublicKey', 'read', 'known', (key) => {
      throw new ServiceError('UnsupportedOperationException', `${key.arn} is a symmetric key: it has no public key.`);
    }),
    ListKeyPolicies: onKey<KeyNamed, { PolicyNames: string[]; Truncated: boolean }>('ListKeyPolicies', 'read', 'known', () => ({
      PolicyNames: ['default'],
      Truncated: false,
    })),
    ListKeys: operation<object, ListKeysResponse>('ListKeys', {
      event: 'read',
      target: () => ({ resource: '*' }),
      run: () => ({ Keys: [...kms.keys.values()].map((key) => ({ KeyId: key.id, KeyArn: key.arn })), Truncated: false }),
    }),
    GetKeyPolicy: onKey<KeyNamed, GetKeyPolicyResponse>('GetKeyPolicy', 'read', 'known', (key) => ({ Policy: key.policy.text(), PolicyName: 'default' })),
    PutKeyPolicy: onKey<PutKeyPolicyRequest, object>('PutKeyPolicy', 'write', 'known', (key, input, call) => {
      key.policy = toPolicy(key.id, String(input.Policy), input.BypassPolicyLockoutSafetyCheck, key.arn, call);
      return {};
    }),
    EnableKey: onKey<KeyNamed, object>('EnableKey', 'write', 'not pending deletion', (key) => {
      key.state = 'Enabled';
      return {};
    }),
    DisableKey: onKey<KeyNamed, object>('DisableKey', 'write', 'not pending deletion', (key) => {
      key.state = 'Disabled';
      return {};
    }),
    EnableKeyRotation: onKey<EnableKeyRotationRequest, object>('EnableKeyRotation', 'write', 'usable', (key, input) => {
      key.rotationDays = input.RotationPeriodInDays ?? DEFAULT_ROTATION_DAYS;
      return {};
    }),
    DisableKeyRotation: onKey<KeyNamed, object>('DisableKeyRotation', 'write', 'usable', (key) => {
      delete key.rotationDays;
      return {};
    }),
    GetKeyRotationStatus: onKey<KeyNamed, GetKeyRotationStatusResponse>('GetKeyRotationStatus', 'read', 'not pending deletion', (key) => ({
      KeyId: key.id,
      KeyRotationEnabled: key.rotationDays !== undefined,
      RotationPeriodInDays: key.rotationDays,
    })),
    UpdateKeyDescription: onKey<UpdateKeyDescriptionRequest, object>('UpdateKeyDescription', 'write', 'not pending deletion', (key, input) => {
      key.description = String(input.Description);
      return {};
    }),
    ScheduleKeyDeletion: onKey<ScheduleKeyDeletionRequest, ScheduleKeyDeletionResponse>(
      'ScheduleKeyDeletion',
      'write',
      'not pending deletion',
      (key, input) => {
        const days = input.PendingWindowInDays ?? DEFAULT_WINDOW_DAYS;
        if (days < 7 || days > 30) throw new ServiceError('ValidationException', 'PendingWindowInDays must be between 7 and 30');
        key.state = 'PendingDeletion';
        key.deletionDate = new Date(account.clock.now() + days * DAY_MS);
        return { KeyId: key.arn, DeletionDate: key.deletionDate, KeyState: key.state, PendingWindowInDays: days };
      },
    ),
    CancelKeyDeletion: onKey<KeyNamed, { KeyId: string }>('CancelKeyDeletion', 'write', 'known', (key) => {
      if (key.state !== 'PendingDeletion') throw new ServiceError('KMSInvalidStateException', `${key.arn} is not pending deletion.`);
      key.state = 'Disabled';
      delete key.deletionDate;
      return { KeyId: key.arn };
    }),
    ListResourceTags: onKey<KeyNamed, ListResourceTagsResponse>('ListResourceTags', 'read', 'known', (key) => ({
      Tags: fromTags(key.tags).map(({ Key, Value }) => ({ TagKey: Key, TagValue: Value })),
      Truncated: false,
    })),
    TagResource: onKey<TagResourceRequest, object>('TagResource', 'write', 'not pending deletion', (key, input) => {
      Object.assign(key.tags, toTags(input.Tags));
      return {};
    }),
    UntagResource: onKey<UntagResourceRequest, object>('UntagResource', 'write', 'not pending deletion', (key, input) => {
      removeTags(key.tags, input.TagKeys);
      return {};
    }),
  };
}

const malformed = (message: string) => new ServiceError('MalformedPolicyDocumentException', message);

/** The policy of a key made without one. Source: https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html */
function defaultPolicy({ account }: KeyStore): string {
  return JSON.stringify({
    Version: '2012-10-17',
    Id: 'key-default-1',
    Statement: [
      {
        Sid: 'Enable IAM User Permissions',
        Effect: 'Allow',
        Principal: { AWS: account.iam.rootArn() },
        Action: 'kms:*',
        Resource: '*',
      },
    ],
  });
}
