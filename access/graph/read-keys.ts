import type { Grant } from '../../evaluator/grants';
import type { KeyModel } from './deployment';
import { type Resources, refersTo, text } from './resources';
import type { TerraformResource } from './terraform-json';

/** The keys with their policies and grants, each under the name of its alias. */
export function readKeys(resources: Resources): KeyModel[] {
  return resources.of('aws_kms_key').map((one) => {
    const alias = resources.of('aws_kms_alias').find((found) => isFor(found, 'target_key_id', one));
    const apart = resources.of('aws_kms_key_policy').find((found) => isFor(found, 'key_id', one));
    const name = alias ? text(alias, 'name').replace(/^alias\//, '') : one.address;
    const arn = resources.keyArn(one);
    return {
      name,
      arn,
      policy: resources.policyAt(apart ?? one, 'policy', `policy of key ${name}`, 'key'),
      grants: resources
        .of('aws_kms_grant')
        .filter((found) => isFor(found, 'key_id', one))
        .map((found) => grantOf(found, arn)),
      rotation: one.values.enable_key_rotation === true,
      rotationDays: Number(one.values.rotation_period_in_days ?? 365),
      deletionDays: Number(one.values.deletion_window_in_days ?? 30),
    };
  });
}

/** Whether an attribute names a key, by its id or ARN, or by a reference while these are not known. */
function isFor(resource: TerraformResource, attribute: string, key: TerraformResource): boolean {
  const named = text(resource, attribute);
  return named ? [text(key, 'key_id'), text(key, 'arn')].includes(named) : refersTo(resource, attribute, key);
}

function grantOf(grant: TerraformResource, keyArn: string): Grant {
  const [constraints] = (grant.values.constraints ?? []) as {
    encryption_context_equals?: Readonly<Record<string, string>>;
    encryption_context_subset?: Readonly<Record<string, string>>;
  }[];
  return {
    id: text(grant, 'name') || grant.address,
    keyArn,
    grantee: text(grant, 'grantee_principal'),
    operations: (grant.values.operations ?? []) as string[],
    constraints: constraints && {
      encryptionContextEquals: constraints.encryption_context_equals,
      encryptionContextSubset: constraints.encryption_context_subset,
    },
  };
}
