import { z } from 'zod';
import type { Tags } from '../model/access-model';
import { isObject, type TerraformResource } from './terraform-resource';

const TAGS = z.record(z.string(), z.string().nullable().transform(String));

/** The tags of a resource, those of its provider's `default_tags` included; empty where its type has none. */
export function tagsOf({ values, unknown, expressions, isConfigured }: TerraformResource): Tags {
  const attribute = unknown.tags_all === true || isObject(values.tags_all) ? 'tags_all' : 'tags';
  if (holdsTrue(unknown[attribute])) {
    const isUnset = isConfigured && expressions.tags === undefined && attribute === 'tags';
    return isUnset ? {} : 'unknown';
  }
  return TAGS.safeParse(values[attribute] ?? {}).data ?? 'unknown';
}

const holdsTrue = (value: unknown): boolean => value === true || (isObject(value) && Object.values(value).some(holdsTrue));
