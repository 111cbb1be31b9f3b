import { z } from 'zod';
import dynamodb from './dynamodb.json';
import events from './events.json';
import iam from './iam.json';
import kms from './kms.json';
import lambda from './lambda.json';
import logs from './logs.json';
import other from './other.json';
import s3 from './s3.json';
import secrets from './secrets.json';
import sns from './sns.json';
import sqs from './sqs.json';
import withoutAccess from './types-without-access.json';

const text = z.string();
/** A path of names with dots, through blocks to an attribute. */
const path = text;
/**
 * An ARN or another name with `{attribute}`s; `{account}`, `{region}`, `{partition}` and `{arn}` besides. `:relative` drops a
 * leading slash or scheme, `:last` takes what follows the last slash or colon, `:prefix` adds a slash and drops `default`.
 */
const template = text;

const POLICY = z.strictObject({
  attribute: text,
  kind: z.enum(['identity', 'resource', 'trust', 'key']),
  /** What AWS puts in place when the attribute is not set; no policy where this is absent. */
  default: z.literal('delegates to the account').optional(),
});

/** What has an ARN. */
const NAMED = {
  /** What people call one. */
  noun: text,
  /** The attribute with its name. */
  name: text.default('name'),
  arn: template,
  /** The attribute with the ARN once it is known. */
  arnAttribute: text.default('arn'),
  /** What else names it, in attributes of others. */
  identifiers: z.array(template).default([]),
};

/** A key that AWS manages, used where no other is named. */
const DEFAULT_KEY = z.strictObject({ attribute: path.optional(), equals: text.optional(), alias: text });

const IDENTITY = { ...NAMED, boundary: path.optional() };

const KIND = z.discriminatedUnion('does', [
  z.strictObject({ does: z.literal('role'), ...IDENTITY, policy: POLICY, managed: path, inline: path }),
  z.strictObject({ does: z.literal('user'), ...IDENTITY }),
  z.strictObject({ does: z.literal('group'), ...IDENTITY }),
  z.strictObject({ does: z.literal('managed policy'), ...NAMED, policy: POLICY }),
  z.strictObject({ does: z.literal('inline policy'), owner: path, policy: POLICY }),
  z.strictObject({ does: z.literal('attachment'), owners: z.array(path), policies: path }),
  /** The only inline policies that an identity has. */
  z.strictObject({ does: z.literal('inline policy names'), owner: path, names: path }),
  z.strictObject({ does: z.literal('membership'), users: path, groups: path }),
  z.strictObject({ does: z.literal('key'), ...NAMED, policy: POLICY, enabled: text }),
  z.strictObject({ does: z.literal('alias'), ...NAMED, of: path }),
  z.strictObject({ does: z.literal('grant'), of: path }),
  z.strictObject({
    does: z.literal('resource'),
    ...NAMED,
    /** Whether it keeps data that people read. */
    store: z.boolean().default(false),
    policy: POLICY.optional(),
    /** Attributes that name the keys that encrypt it: by id, ARN, alias name or alias ARN. */
    keys: z.array(path).default([]),
    keysUnless: z.strictObject({ attribute: path, equals: z.string() }).optional(),
    defaultKey: DEFAULT_KEY.optional(),
    /** Patterns of the ARNs of its parts. */
    parts: z.array(template).default([]),
    /** Access control lists, which only the owner can do without. */
    acl: z.array(text).default([]),
    /** The role that it runs as. */
    runsAs: path.optional(),
    /** Attributes that bear on access, but are not read. */
    unread: z.array(path).default([]),
    /** What its policy does not tell. */
    note: text.optional(),
  }),
  /** A resource of its own with the policy of another. */
  z.strictObject({ does: z.literal('resource policy'), of: path, policy: POLICY, absent: template.optional() }),
  /** One statement of the policy of another. */
  z.strictObject({ does: z.literal('permission'), of: path, form: z.enum(['lambda', 'layer', 'event bus']), absent: template.optional() }),
  /** A policy of the account for all resources of a type. */
  z.strictObject({ does: z.literal('service policy'), policy: POLICY, types: z.array(text) }),
  z.strictObject({ does: z.literal('encryption'), of: path, keys: z.array(path), defaultKey: DEFAULT_KEY.optional() }),
  z.strictObject({ does: z.literal('acl'), of: path, acl: z.array(text) }),
  /** Only takes access away; the attribute says whether it does. */
  z.strictObject({ does: z.literal('limit'), of: path, attribute: text.optional() }),
  /** Passes data on, or lets somebody else act, without a policy that says so. */
  z.strictObject({ does: z.literal('link'), from: path, to: z.array(path), verb: text }),
]);

/** What resources of one type mean to access. */
export type Kind = z.infer<typeof KIND>;
/** A kind of what has an ARN. */
export type NamedKind = Extract<Kind, { arn: string }>;

const KINDS: ReadonlyMap<string, Kind> = new Map(
  Object.entries(z.record(text, KIND).parse({ ...iam, ...kms, ...sqs, ...sns, ...s3, ...dynamodb, ...lambda, ...logs, ...events, ...secrets, ...other })),
);

const WITHOUT_ACCESS: ReadonlyMap<string, string> = new Map(
  z
    .array(z.strictObject({ reason: text, types: z.array(text) }))
    .parse(withoutAccess)
    .flatMap(({ reason, types }) => types.map((type) => [type, reason] as const)),
);

/** What resources of a type mean to access; `undefined` when nobody has said it. */
export const kindOf = (type: string): Kind | undefined => KINDS.get(type);

/** All types that are read. */
export const READ_TYPES: readonly string[] = [...KINDS.keys()];

/** Types of providers that know nothing of AWS. */
const NON_AWS_TYPE = /^(archive|local|null|random|time|tls)_|^terraform_data$/;
/** Types of the other clouds and services: nobody gets permissions in AWS by them. */
const AWS_TYPE = /^aws(cc)?_/;

/** Why resources of a type cannot bear on access to AWS; `undefined` for types that can, or of which nobody knows. */
export function reasonWithoutAccess(type: string): string | undefined {
  if (NON_AWS_TYPE.test(type)) return 'its provider knows nothing of AWS';
  return WITHOUT_ACCESS.get(type);
}

/** Whether a type is one of AWS. */
export const isAwsType = (type: string): boolean => AWS_TYPE.test(type);
