import { accountOf } from '../../evaluator/arn';
import type { Grant } from '../../evaluator/grants';
import { type AccessRequest, accessRequest } from '../../evaluator/request';
import { UNKNOWN, UNKNOWN_PRESENCE } from '../../evaluator/unknown';
import type { Tags } from '../model/access-model';
import type { ReadPolicy } from './policies';
import type { Caller } from './principals';

/** What a request is decided by, as far as its condition keys depend on it. */
interface Circumstances {
  readonly policies: readonly ReadPolicy[];
  /** Of the resource. */
  readonly tags: Tags;
  readonly grants: readonly Grant[];
  /** The account of the resource, which the ARN of a bucket does not tell. */
  readonly owner: string;
  /** Keys whose values are known. */
  readonly known?: Readonly<Record<string, string | readonly string[]>>;
}

/** All requests are asked over TLS; a policy that denies others is met. */
const ASKED = { 'aws:SecureTransport': 'true' };

/**
 * A request in which every condition key that the policies look at, and that follows neither from the caller nor from the
 * resource, is not known, not even whether it is there.
 */
export function requestOf(caller: Caller, action: string, resource: string, circumstances: Circumstances): AccessRequest {
  const known = {
    ...ASKED,
    ...(accountOf(resource) === undefined ? { 'aws:ResourceAccount': circumstances.owner } : {}),
    ...tagKeys('aws:principaltag', caller.tags, circumstances),
    ...tagKeys('aws:resourcetag', circumstances.tags, circumstances),
    ...circumstances.known,
  };
  const request = accessRequest(caller.principal, action, resource, known);
  const given = new Set(Object.keys(known).map((key) => key.toLowerCase()));
  const open = [...keysOf(circumstances)].filter((key) => !request.context.has(key) && !given.has(key) && !isAbsent(key, caller));
  if (open.length === 0) return request;
  const unknown: Record<string, string> = Object.fromEntries(open.map((key) => [key, UNKNOWN_PRESENCE]));
  // These follow from others, of which it is not known whether they are there.
  if (open.some((key) => key === 'kms:viaservice' || key.startsWith('aws:calledvia'))) unknown['aws:viaawsservice'] = UNKNOWN;
  if (open.some((key) => key.startsWith('kms:encryptioncontext:'))) unknown['kms:encryptioncontextkeys'] = UNKNOWN_PRESENCE;
  return accessRequest(caller.principal, action, resource, { ...known, ...unknown });
}

/**
 * A caller that is no identity of an account has no tags and no organization.
 * Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-principal-properties
 */
const isAbsent = (key: string, { principal }: Caller) => principal.account === undefined && key.startsWith('aws:principal');

function keysOf({ policies, grants }: Circumstances): Set<string> {
  const keys = new Set(policies.flatMap((policy) => [...policy.keys]));
  for (const { constraints } of grants) {
    const names = Object.keys({ ...constraints?.encryptionContextEquals, ...constraints?.encryptionContextSubset });
    for (const name of names) keys.add(`kms:encryptioncontext:${name.toLowerCase()}`);
  }
  return keys;
}

/** Of known tags, those that policies look at: with their value, or absent. */
function tagKeys(prefix: string, tags: Tags, circumstances: Circumstances): Record<string, string | readonly string[]> {
  if (tags === 'unknown') return {};
  const keys: Record<string, string | readonly string[]> = {};
  const values = new Map(Object.entries(tags).map(([name, value]) => [name.toLowerCase(), value]));
  for (const key of keysOf(circumstances)) if (key.startsWith(`${prefix}/`)) keys[key] = values.get(key.slice(prefix.length + 1)) ?? [];
  return keys;
}
