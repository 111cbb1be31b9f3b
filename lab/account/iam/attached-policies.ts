import type { AttachedPolicy } from '@aws-sdk/client-iam';
import { type Operation, operationsOf } from '../operation';
import type { Entity } from './entities';
import type { EntityAccess } from './entity-operations';
import type { IamStore } from './iam-store';
import { missing } from './refusals';

const operation = operationsOf('iam');

interface PolicyArn {
  PolicyArn: string | undefined;
}

/** An operation that attaches a managed policy to an entity, e.g. AttachRolePolicy. */
export function attachOperation<I>(name: string, iam: IamStore, { target, find }: EntityAccess<I, Entity>): Operation<I & PolicyArn, object> {
  return operation<I & PolicyArn, object>(name, {
    event: 'write',
    target,
    run: (input, call) => {
      const arn = String(input.PolicyArn);
      if (!iam.managed.has(arn)) missing('policy', arn);
      find(input, call).attached.add(arn);
      return {};
    },
  });
}

/** An operation that detaches a managed policy, e.g. DetachRolePolicy. */
export function detachOperation<I>(name: string, { target, find }: EntityAccess<I, Entity>): Operation<I & PolicyArn, object> {
  return operation<I & PolicyArn, object>(name, {
    event: 'write',
    target,
    run: (input, call) => {
      const arn = String(input.PolicyArn);
      if (!find(input, call).attached.delete(arn)) missing('policy', arn);
      return {};
    },
  });
}

/** An operation that lists attached policies, e.g. ListAttachedRolePolicies. */
export function listAttachedOperation<I>(
  name: string,
  iam: IamStore,
  { target, find }: EntityAccess<I, Entity>,
): Operation<I, { AttachedPolicies: AttachedPolicy[]; IsTruncated: boolean }> {
  return operation<I, { AttachedPolicies: AttachedPolicy[]; IsTruncated: boolean }>(name, {
    event: 'read',
    target,
    run: (input, call) => ({
      AttachedPolicies: [...find(input, call).attached].map((arn) => ({ PolicyArn: arn, PolicyName: iam.managed.get(arn)?.name })),
      IsTruncated: false,
    }),
  });
}
