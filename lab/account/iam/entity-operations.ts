import type { Tag } from '@aws-sdk/client-iam';
import type { Call } from '../caller';
import { type Operation, operationsOf, type Target } from '../operation';
import { checkPolicy } from '../stored-policy';
import { removeTags, type Tags, toTags } from '../tags';
import type { Entity } from './entities';
import { missing } from './refusals';

const operation = operationsOf('iam');

/** How the operations on one kind of entity see and find it. */
export interface EntityAccess<Input, Found> {
  /** Members that name the entity by its ARN; roles, users and groups are named by names. */
  readonly resourceMembers?: readonly string[];
  target(input: Input, call: Call): Target;
  /** @throws ServiceError NoSuchEntity */
  find(input: Input, call: Call): Found;
}

interface PolicyName {
  PolicyName: string | undefined;
}

/** An operation that tags an entity, e.g. TagRole. */
export function tagOperation<I>(
  name: string,
  { resourceMembers, target, find }: EntityAccess<I, { readonly tags: Tags }>,
): Operation<I & { Tags: Tag[] | undefined }, object> {
  return operation<I & { Tags: Tag[] | undefined }, object>(name, {
    resourceMembers,
    event: 'write',
    target,
    run: (input, call) => {
      Object.assign(find(input, call).tags, toTags(input.Tags));
      return {};
    },
  });
}

/** An operation that takes tags from an entity, e.g. UntagRole. */
export function untagOperation<I>(
  name: string,
  { resourceMembers, target, find }: EntityAccess<I, { readonly tags: Tags }>,
): Operation<I & { TagKeys: string[] | undefined }, object> {
  return operation<I & { TagKeys: string[] | undefined }, object>(name, {
    resourceMembers,
    event: 'write',
    target,
    run: (input, call) => {
      // Without keys the entity is not looked up.
      if (input.TagKeys?.length) removeTags(find(input, call).tags, input.TagKeys);
      return {};
    },
  });
}

/** An operation that puts an inline policy on an entity, e.g. PutRolePolicy. */
export function putInlineOperation<I>(
  name: string,
  { target, find }: EntityAccess<I, Entity>,
): Operation<I & PolicyName & { PolicyDocument: string | undefined }, object> {
  return operation<I & PolicyName & { PolicyDocument: string | undefined }, object>(name, {
    event: 'write',
    target,
    run: (input, call) => {
      const entity = find(input, call);
      const text = String(input.PolicyDocument);
      const policyName = String(input.PolicyName);
      entity.inline.set(policyName, { text, policy: checkPolicy(`${entity.name}/${policyName}`, text, 'identity') });
      return {};
    },
  });
}

/**
 * An operation that reads an inline policy, e.g. GetRolePolicy; the document is URL-encoded, as IAM answers it.
 * Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetRolePolicy.html
 *
 * @param nameOf the member of the answer that names the entity
 */
export function getInlineOperation<I, Name>(
  name: string,
  { target, find }: EntityAccess<I, Entity>,
  nameOf: (input: I) => Name,
): Operation<I & PolicyName, Name & { PolicyName: string; PolicyDocument: string }> {
  return operation<I & PolicyName, Name & { PolicyName: string; PolicyDocument: string }>(name, {
    event: 'read',
    target,
    run: (input, call) => {
      const policyName = String(input.PolicyName);
      const document = find(input, call).inline.get(policyName) ?? missing('policy', policyName);
      return { ...nameOf(input), PolicyName: policyName, PolicyDocument: encodeURIComponent(document.text) };
    },
  });
}

/** An operation that lists the names of inline policies, e.g. ListRolePolicies. */
export function listInlineOperation<I>(name: string, { target, find }: EntityAccess<I, Entity>): Operation<I, { PolicyNames: string[]; IsTruncated: boolean }> {
  return operation<I, { PolicyNames: string[]; IsTruncated: boolean }>(name, {
    event: 'read',
    target,
    run: (input, call) => ({ PolicyNames: [...find(input, call).inline.keys()], IsTruncated: false }),
  });
}

/** An operation that takes an inline policy away, e.g. DeleteRolePolicy. */
export function deleteInlineOperation<I>(name: string, { target, find }: EntityAccess<I, Entity>): Operation<I & PolicyName, object> {
  return operation<I & PolicyName, object>(name, {
    event: 'write',
    target,
    run: (input, call) => {
      const policyName = String(input.PolicyName);
      if (!find(input, call).inline.delete(policyName)) missing('policy', policyName);
      return {};
    },
  });
}
