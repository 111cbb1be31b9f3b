import type { Grant } from '../../evaluator/grants';
import { refersTo, text } from './attributes';
import type { KeyModel } from './deployment';
import type { Resources } from './resources';
import type { TerraformResource } from './terraform-resource';

/** The keys with their policies and grants, each under the name of its alias. */
export function readKeys(resources: Resources): KeyModel[] {
  return resources.of('aws_kms_key').map((key) => {
    const alias = resources.of('aws_kms_alias').find((candidate) => isFor(candidate, 'target_key_id', key));
    const separatePolicy = resources.of('aws_kms_key_policy').find((candidate) => isFor(candidate, 'key_id', key));
    const name = alias ? text(alias, 'name').replace(/^alias\//, '') : key.address;
    const arn = resources.keyArn(key);
    return {
      name,
      arn,
      policy: resources.policySource(separatePolicy ?? key, 'policy', `key/${name}`, 'key'),
      grants: resources
        .of('aws_kms_grant')
        .filter((grant) => isFor(grant, 'key_id', key))
        .map((grant) => grantOf(grant, arn)),
      enabled: key.values.is_enabled !== false,
      rotation: key.values.enable_key_rotation === true,
      rotationDays: Number(key.values.rotation_period_in_days ?? 365),
      deletionDays: Number(key.values.deletion_window_in_days ?? 30),
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
