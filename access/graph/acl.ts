import { attributeValues } from './attributes';
import { isObject, type TerraformResource } from './terraform-resource';

/**
 * Access control lists that let nobody in but the owner.
 * Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html#canned-acl
 */
const OWNER_ONLY: ReadonlySet<unknown> = new Set(['private', 'bucket-owner-read', 'bucket-owner-full-control', '']);

/** Why an access control list leaves access undetermined: it may let others in than policies do. */
export function aclReasons(resource: TerraformResource, paths: readonly string[]): string[] {
  return paths.flatMap((path) => {
    const isUnset = resource.isConfigured && resource.expressions[path] === undefined;
    const isOpen = attributeValues(resource, path).some((value) => (value.kind === 'unknown' ? !isUnset : !isOwnersAlone(value.value)));
    return isOpen ? [`its ${path} may let others in: access control lists are not supported, except those of the owner alone`] : [];
  });
}

/** A bucket without a list of its own has one entry: that its owner may do everything. */
function isOwnersAlone(value: unknown): boolean {
  if (!Array.isArray(value)) return OWNER_ONLY.has(value);
  const [only, ...others] = value as readonly unknown[];
  if (only === undefined) return true;
  return others.length === 0 && isObject(only) && only.type === 'CanonicalUser' && String(only.permissions) === 'FULL_CONTROL';
}
