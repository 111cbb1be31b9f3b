import { many, type StatementDocument } from '../../evaluator/policy/document';
import { type Deployment, documentOf, type PolicySource, policySourceId } from '../graph/deployment';
import { allowAllDocument } from '../matrix/allow-all';
import { policyLabel } from '../matrix/id-labels';
import type { PolicyId } from '../matrix/ids';
import { heldBy, type PolicyChange } from './escalation-step';

/** The deployment after some of its policies have changed. */
export function changedDeployment(deployment: Deployment, changes: Iterable<PolicyChange>): Deployment {
  const becomes = new Map<string, PolicyChange['becomes']>();
  for (const change of changes) {
    const earlier = becomes.get(change.sourceId);
    // What is removed and added to afterwards denies nothing any more.
    becomes.set(change.sourceId, earlier === undefined || earlier === change.becomes ? change.becomes : 'open');
  }
  if (becomes.size === 0) return deployment;
  const kept = (policy: PolicySource) => becomes.get(policySourceId(policy)) !== 'gone';
  const changed = <P extends PolicySource | undefined>(policy: P, service: string): P => {
    const change = policy && becomes.get(policySourceId(policy));
    return policy === undefined || change === undefined ? policy : { ...policy, text: textOf(policy, change, service) };
  };
  const onResource = <T extends { readonly name: string; readonly arn: string; readonly policy?: PolicySource }>(
    kind: 'queue' | 'table' | 'function',
    service: string,
  ) => {
    return (resource: T): T => {
      const policy = resource.policy ?? noPolicy(resource.arn, `${kind}/${resource.name}`);
      if (!becomes.has(policySourceId(policy))) return resource;
      return { ...resource, policy: kept(policy) ? changed(policy, service) : undefined };
    };
  };
  return {
    ...deployment,
    roles: deployment.roles.map((role) => ({
      ...role,
      policies: role.policies.filter(kept),
      boundary: role.boundary && kept(role.boundary) ? role.boundary : undefined,
    })),
    groups: deployment.groups.map((group) => ({ ...group, policies: group.policies.filter(kept) })),
    keys: deployment.keys.map((key) => ({ ...key, policy: changed(key.policy, 'kms') })),
    queues: deployment.queues.map(onResource('queue', 'sqs')),
    tables: deployment.tables.map(onResource('table', 'dynamodb')),
    functions: deployment.functions.map(onResource('function', 'lambda')),
  };
}

const noPolicy = (arn: string, id: PolicyId): PolicySource => {
  const [address = '', attribute = ''] = heldBy(arn).split(' ');
  return { id, address, attribute, name: policyLabel(id), kind: 'resource', text: '' };
};

/** A policy of a resource may name its own service only. */
function textOf(policy: PolicySource, becomes: PolicyChange['becomes'], service: string): string {
  const open = allowAllDocument({ principal: '*', action: `${service}:*` });
  const before = becomes === 'wider' ? documentOf(policy) : undefined;
  if (!before) return JSON.stringify(open);
  // Without a Sid, which the policy may have already.
  const added = many<StatementDocument>(open.Statement).map((statement) => ({ ...statement, Sid: undefined }));
  return JSON.stringify({ ...before, Statement: [...many<StatementDocument>(before.Statement), ...added] });
}
