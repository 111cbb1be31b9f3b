import { isPolicyId, policyLabel } from '../matrix/id-labels';
import type { PolicyId } from '../matrix/ids';
import type { PolicySource } from './deployment';
import type { IdentifiedPolicy } from './held-policy';

/** A policy as the matrix takes it, under an id and label of its tables. */
export function policySourceOf(policy: IdentifiedPolicy): PolicySource {
  // An address can have characters that no id of a policy has.
  const id: PolicyId = isPolicyId(policy.id) ? policy.id : `managed/${policy.id}`;
  return { id, address: policy.address, attribute: policy.attribute, name: policyLabel(id), kind: policy.kind, text: policy.text };
}
