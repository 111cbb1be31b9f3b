import type { Grant } from '../../evaluator/grants';
import type { PolicyKind } from '../../evaluator/policy/compile';

/** A policy with the resource and attribute of Terraform's JSON that hold it. */
export interface HeldPolicy {
  /** Address of the resource that holds it, and the attribute. */
  readonly address: string;
  readonly attribute: string;
  /** As people read it, in decisions and errors. */
  readonly name: string;
  readonly kind: PolicyKind;
  /** JSON text; UNKNOWN when it is known only after apply. */
  readonly text: string;
}

/** Tags by name; `unknown` when they are known only after apply. */
export type Tags = Readonly<Record<string, string>> | 'unknown';

/** A role or user with all its policies, also those of its groups. */
export interface Identity {
  /** Stable, and the same before and after a plan: `role NAME` or `user NAME`; the address where the name is not known. */
  readonly id: string;
  readonly address: string;
  readonly kind: 'role' | 'user';
  readonly arn: string;
  readonly policies: readonly HeldPolicy[];
  /** At most one; empty without a boundary. */
  readonly boundary: readonly HeldPolicy[];
  readonly tags: Tags;
}

/** A group with its policies. Who is a member may be told elsewhere. */
export interface Group {
  /** `group NAME`; the address where the name is not known. */
  readonly id: string;
  readonly address: string;
  readonly name: string;
  readonly policies: readonly HeldPolicy[];
}

/** A resource that a policy of its own, a key or a grant decides about: a key, role, queue, bucket, function … */
export interface ProtectedResource {
  /** Stable, and the same before and after a plan: `key NAME`, `queue NAME`, `trust of NAME` for a role. */
  readonly id: string;
  readonly address: string;
  /** Type of Terraform, such as `aws_sqs_queue`. */
  readonly type: string;
  readonly arn: string;
  /** Parts of it that its policy decides about as well, as patterns: `arn:aws:s3:::bucket/*`. */
  readonly parts: readonly string[];
  /** How its policy is read, also where it has none. */
  readonly kind: Exclude<PolicyKind, 'identity'>;
  readonly policy?: HeldPolicy;
  /** The ARN of the customer managed key that encrypts it; UNKNOWN when it is known only after apply; absent without. */
  readonly keyArn?: string;
  /** Of a key. */
  readonly grants: readonly Grant[];
  readonly tags: Tags;
}

/** Everything of a deployment that decides who may do what. */
export interface AccessModel {
  readonly partition: string;
  readonly account: string;
  readonly region: string;
  readonly identities: readonly Identity[];
  readonly groups: readonly Group[];
  readonly resources: readonly ProtectedResource[];
  /** What could not be read, each with its address and what to give: access to it is undetermined. */
  readonly undetermined: readonly { readonly address: string; readonly reason: string }[];
}

/** The resource and attribute that hold a policy, as one text. */
export const heldPolicyId = ({ address, attribute }: Pick<HeldPolicy, 'address' | 'attribute'>): string => `${address} ${attribute}`;

/** The same model with other texts for some policies, by {@link heldPolicyId}. */
export function withTexts(model: AccessModel, texts: ReadonlyMap<string, string>): AccessModel {
  return mapPolicies(model, (policy) => {
    const text = texts.get(heldPolicyId(policy));
    return text === undefined ? policy : { ...policy, text };
  });
}

/** The same model with other policies. */
export function mapPolicies(model: AccessModel, map: (policy: HeldPolicy) => HeldPolicy): AccessModel {
  return {
    ...model,
    identities: model.identities.map((identity) => ({ ...identity, policies: identity.policies.map(map), boundary: identity.boundary.map(map) })),
    groups: model.groups.map((group) => ({ ...group, policies: group.policies.map(map) })),
    resources: model.resources.map((resource) => ({ ...resource, policy: resource.policy && map(resource.policy) })),
  };
}
