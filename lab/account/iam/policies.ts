import type { CreatePolicyRequest, CreatePolicyVersionRequest, GetPolicyVersionRequest, Policy as PolicyOutput, PolicyVersion } from '@aws-sdk/client-iam';
import { ServiceError } from '../errors';
import { operationsOf } from '../operation';
import { checkPolicy } from '../stored-policy';
import { fromTags, toTags } from '../tags';
import { type ManagedPolicy, uniqueId } from './entities';
import { tagOperation, untagOperation } from './entity-operations';
import type { IamStore } from './iam-store';
import { inUse, missing, taken } from './refusals';

const operation = operationsOf('iam', ['PolicyArn']);

interface PolicyNamed {
  PolicyArn: string | undefined;
}

const MAX_VERSIONS = 5;

/** Operations on customer-managed policies. */
export function policyOperations(iam: IamStore) {
  const find = (input: PolicyNamed) => iam.managed.get(String(input.PolicyArn)) ?? missing('policy', String(input.PolicyArn));
  const target = (input: PolicyNamed) => ({ resource: String(input.PolicyArn) });
  const attachments = (arn: string) =>
    [...iam.roles.values(), ...iam.users.values(), ...iam.groups.values()].filter((entity) => entity.attached.has(arn)).length;
  const describe = (policy: ManagedPolicy): PolicyOutput => ({
    PolicyName: policy.name,
    PolicyId: policy.id,
    Arn: policy.arn,
    Path: policy.path,
    DefaultVersionId: policy.defaultVersion,
    AttachmentCount: attachments(policy.arn),
    Description: policy.description,
    CreateDate: policy.createdAt,
    Tags: fromTags(policy.tags),
  });
  const version = (policy: ManagedPolicy, id: string) => policy.versions.find((candidate) => candidate.id === id) ?? missing('policy version', id);
  const describeVersion = (policy: ManagedPolicy, id: string): PolicyVersion => {
    const { document, createdAt } = version(policy, id);
    return { VersionId: id, Document: encodeURIComponent(document.text), IsDefaultVersion: policy.defaultVersion === id, CreateDate: createdAt };
  };
  const document = (name: string, text: string) => ({ text, policy: checkPolicy(name, text, 'identity') });
  return {
    CreatePolicy: operation<CreatePolicyRequest, { Policy: PolicyOutput }>('CreatePolicy', {
      event: 'write',
      target: (input) => ({ resource: iam.arn('policy', input.Path ?? '/', String(input.PolicyName)) }),
      run: (input) => {
        const name = String(input.PolicyName);
        const path = input.Path ?? '/';
        const arn = iam.arn('policy', path, name);
        if (iam.managed.has(arn)) taken('A policy called', name);
        const createdAt = iam.account.clock.date();
        const policy: ManagedPolicy = {
          arn,
          name,
          path,
          id: uniqueId('ANPA'),
          description: input.Description ?? '',
          createdAt,
          versions: [{ id: 'v1', document: document(name, String(input.PolicyDocument)), createdAt }],
          defaultVersion: 'v1',
          tags: toTags(input.Tags),
        };
        iam.managed.set(arn, policy);
        return { Policy: describe(policy) };
      },
    }),
    GetPolicy: operation<PolicyNamed, { Policy: PolicyOutput }>('GetPolicy', { event: 'read', target, run: (input) => ({ Policy: describe(find(input)) }) }),
    GetPolicyVersion: operation<GetPolicyVersionRequest, { PolicyVersion: PolicyVersion }>('GetPolicyVersion', {
      event: 'read',
      target,
      run: (input) => ({ PolicyVersion: describeVersion(find(input), String(input.VersionId)) }),
    }),
    ListPolicyVersions: operation<PolicyNamed, { Versions: PolicyVersion[]; IsTruncated: boolean }>('ListPolicyVersions', {
      event: 'read',
      target,
      run: (input) => {
        const policy = find(input);
        return { Versions: policy.versions.map(({ id }) => ({ ...describeVersion(policy, id), Document: undefined })), IsTruncated: false };
      },
    }),
    CreatePolicyVersion: operation<CreatePolicyVersionRequest, { PolicyVersion: PolicyVersion }>('CreatePolicyVersion', {
      event: 'write',
      target,
      run: (input) => {
        const policy = find(input);
        if (policy.versions.length >= MAX_VERSIONS) {
          throw new ServiceError('LimitExceeded', `A managed policy can have up to ${MAX_VERSIONS} versions.`, 409);
        }
        const last = Math.max(...policy.versions.map(({ id }) => Number(id.slice(1))));
        const id = `v${last + 1}`;
        policy.versions.push({ id, document: document(policy.name, String(input.PolicyDocument)), createdAt: iam.account.clock.date() });
        if (input.SetAsDefault) policy.defaultVersion = id;
        return { PolicyVersion: describeVersion(policy, id) };
      },
    }),
    DeletePolicyVersion: operation<PolicyNamed & { VersionId: string }, object>('DeletePolicyVersion', {
      event: 'write',
      target,
      run: (input) => {
        const policy = find(input);
        if (policy.defaultVersion === input.VersionId) throw new ServiceError('DeleteConflict', 'Cannot delete the default version of a policy.', 409);
        policy.versions.splice(policy.versions.indexOf(version(policy, input.VersionId)), 1);
        return {};
      },
    }),
    DeletePolicy: operation<PolicyNamed, object>('DeletePolicy', {
      event: 'write',
      target,
      run: (input) => {
        const policy = find(input);
        if (attachments(policy.arn) > 0) inUse('detach the policy from all entities');
        if (policy.versions.length > 1) inUse('delete all non-default versions');
        iam.managed.delete(policy.arn);
        return {};
      },
    }),
    TagPolicy: tagOperation('TagPolicy', { resourceMembers: ['PolicyArn'], target, find }),
    UntagPolicy: untagOperation('UntagPolicy', { resourceMembers: ['PolicyArn'], target, find }),
  };
}
