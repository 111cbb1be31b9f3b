import { UNKNOWN } from '../../evaluator/unknown';
import type { AccessReader } from './access-reader';
import type { KeyModel } from './deployment';
import { heldPolicy } from './held-policy';
import { policySourceOf } from './policy-source';

/** The keys with their policies and grants, each under the name of its alias. */
export function readKeys(reader: AccessReader): KeyModel[] {
  return reader.graph.doing('key').map(({ resource, kind }) => {
    const { values } = resource;
    const name = reader.names.of(resource);
    const policy = reader.resourcePolicies.of(resource) ?? heldPolicy(resource, kind.policy.attribute, `key/${name}`, 'key', UNKNOWN);
    return {
      name,
      arn: reader.graph.arnOf(resource),
      policy: policySourceOf(policy),
      grants: reader.grantsOf(resource),
      enabled: values[kind.enabled] !== false,
      rotation: values.enable_key_rotation === true,
      rotationDays: Number(values.rotation_period_in_days ?? 365),
      deletionDays: Number(values.deletion_window_in_days ?? 30),
    };
  });
}
