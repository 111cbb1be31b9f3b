import fc from 'fast-check';
import { type AccessRequest, accessRequest, type PolicyDocument, type Principal, parsePrincipal, type StatementDocument } from '../../../evaluator/index';
import type { DocumentKind } from '../../../evaluator/request-space/environment';
import { isContradiction, presenceOf, valueOfPrincipal } from '../../../evaluator/request-space/key-table';

/** Random policies, and random requests built to hit their patterns. */

export const ACCOUNT = '111122223333';
const OTHER = '444455556666';

const ACTIONS: Record<DocumentKind, readonly string[]> = {
  identity: ['s3:GetObject', 's3:PutObject', 's3:Get*', 's3:*', 's3:ListBucket', 'sqs:SendMessage', 'sqs:*', '*', 's3:?etObject'],
  resource: ['s3:GetObject', 's3:PutObject', 's3:Get*', 's3:*', 's3:ListBucket', '*', 's3:GetObject*', 'sqs:*', 'sqs:SendMessage'],
  key: ['kms:Decrypt', 'kms:Encrypt', 'kms:*', 'kms:*crypt', 'kms:GenerateDataKey*'],
  trust: ['sts:AssumeRole', 'sts:*', 'sts:TagSession', 'sts:AssumeRole*'],
};
const REQUESTED: Record<DocumentKind, readonly string[]> = {
  identity: ['s3:GetObject', 's3:PutObject', 's3:ListBucket', 's3:GetBucketAcl', 'sqs:SendMessage', 'sqs:DeleteQueue', 's3:DeleteObject'],
  resource: ['s3:GetObject', 's3:PutObject', 's3:ListBucket', 's3:GetObjectAcl', 's3:GetBucketAcl', 's3:DeleteObject', 'sqs:SendMessage', 'sqs:DeleteQueue'],
  key: ['kms:Decrypt', 'kms:Encrypt', 'kms:GenerateDataKey', 'kms:PutKeyPolicy', 'kms:ReEncryptFrom'],
  trust: ['sts:AssumeRole', 'sts:TagSession', 'sts:SetSourceIdentity'],
};
/** A policy variable. */
const variable = (body: string) => `\${${body}}`;
const TEAM = variable('aws:PrincipalTag/team');
const USER = variable('aws:username');
const VARIABLES = [
  `arn:aws:s3:::data/${USER}/*`,
  `arn:aws:s3:::data/${TEAM}`,
  `arn:aws:s3:::${TEAM}/a*`,
  `arn:aws:s3:::data/x${TEAM}c`,
  `arn:aws:s3:::data/${variable("aws:PrincipalTag/team, 'a'")}/*`,
];
const RESOURCES: Record<DocumentKind, readonly string[]> = {
  identity: [
    '*',
    'arn:aws:s3:::data/*',
    'arn:aws:s3:::data',
    'arn:aws:s3:::da*',
    'arn:aws:s3:::*/a?c',
    `arn:aws:sqs:*:${ACCOUNT}:queue`,
    'arn:aws:sqs:eu-*:*:q*',
    'arn:aws:s3:::data/a/*',
  ],
  resource: [
    '*',
    'arn:aws:s3:::data/*',
    'arn:aws:s3:::data',
    'arn:aws:s3:::da*',
    'arn:aws:s3:::*/a?c',
    'arn:aws:s3:::data/a/*',
    'arn:aws:s3:::data/ab*c',
    `arn:aws:sqs:*:${ACCOUNT}:queue`,
    'arn:aws:sqs:eu-*:*:q*',
  ],
  key: ['*'],
  trust: [],
};
const CONCRETE: Record<DocumentKind, readonly string[]> = {
  identity: [],
  resource: [],
  key: [`arn:aws:kms:eu-west-1:${ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab`],
  trust: [`arn:aws:iam::${ACCOUNT}:role/Reader`],
};
const OBJECTS = [
  'data/abc',
  'data/a',
  'data/a/b',
  'dat/abc',
  'other/axc',
  'data/abbc',
  'data/zz',
  'd/q',
  'data/ann/x',
  'data/bob/a',
  'data/red',
  'red/abc',
  'blue/a',
  'data/xredc',
];
const BUCKETS = ['data', 'red', 'da', 'dax', 'other', 'a-c'];
const QUEUES = [`eu-west-1:${ACCOUNT}:queue`, `us-east-1:${ACCOUNT}:queue`, `eu-west-1:${OTHER}:qu`, `eu-central-1:${ACCOUNT}:other`];

const PRINCIPALS = [
  `arn:aws:iam::${ACCOUNT}:user/ann`,
  `arn:aws:iam::${ACCOUNT}:user/bob`,
  `arn:aws:iam::${ACCOUNT}:user/a`,
  `arn:aws:iam::${ACCOUNT}:user/red`,
  `arn:aws:iam::${ACCOUNT}:role/Reader`,
  `arn:aws:sts::${ACCOUNT}:assumed-role/Reader/work`,
  `arn:aws:iam::${OTHER}:user/eve`,
  `arn:aws:iam::${OTHER}:role/Writer`,
  `arn:aws:iam::${ACCOUNT}:root`,
  'sns.amazonaws.com',
  'lambda.amazonaws.com',
  '*',
];
const ELEMENTS: readonly NonNullable<StatementDocument['Principal']>[] = [
  '*',
  { AWS: `arn:aws:iam::${ACCOUNT}:user/ann` },
  { AWS: [`arn:aws:iam::${ACCOUNT}:role/Reader`, OTHER] },
  { AWS: ACCOUNT },
  { AWS: `arn:aws:sts::${ACCOUNT}:assumed-role/Reader/work` },
  { Service: 'sns.amazonaws.com' },
];

/** A key, operators that compare it, values for policies, and values for requests. */
interface KeyPlan {
  readonly key: string;
  readonly operators: readonly string[];
  readonly values: readonly string[];
  readonly requested: readonly (string | readonly string[])[];
  /** More values for policies: those with policy variables. */
  readonly variables?: readonly string[];
}

const TEXT = ['StringEquals', 'StringNotEquals', 'StringLike', 'StringNotLike', 'StringEqualsIgnoreCase', 'StringNotEqualsIgnoreCase'];
const decorated = (operators: readonly string[]) => operators.flatMap((operator) => [operator, `${operator}IfExists`]);
const NUMBERS = ['Equals', 'NotEquals', 'LessThan', 'LessThanEquals', 'GreaterThan', 'GreaterThanEquals'];
const ARNS = ['ArnEquals', 'ArnLike', 'ArnNotEquals', 'ArnNotLike'];

export const KEYS: readonly KeyPlan[] = [
  {
    key: 'aws:Referer',
    operators: decorated(TEXT),
    values: ['a', 'ab', 'a*', '*b', '?', 'A*c', ''],
    variables: [`${TEAM}*`, USER],
    requested: ['a', 'ab', 'AB', 'b', 'c', 'abc', 'axb', 'Axc', 'zz'],
  },
  {
    key: 'aws:PrincipalTag/team',
    operators: decorated(TEXT),
    values: ['red', 'Red', 'r*', '*'],
    variables: [USER],
    requested: ['red', 'a', 'abc', 'ann', 'RED', 'Red', 'rx', 'blue'],
  },
  { key: 'aws:SecureTransport', operators: ['Bool', 'BoolIfExists', 'StringEquals'], values: ['true', 'false'], requested: ['true', 'false'] },
  {
    key: 'aws:SourceIp',
    operators: decorated(['IpAddress', 'NotIpAddress']),
    values: ['10.0.0.0/8', '10.1.0.0/16', '192.168.1.1', '2001:db8::/32', '0.0.0.0/0'],
    requested: ['10.0.0.1', '10.1.2.3', '192.168.1.1', '192.168.1.2', '9.9.9.9', '2001:db8::1', '2001:db9::1'],
  },
  {
    key: 's3:max-keys',
    operators: decorated(NUMBERS.map((name) => `Numeric${name}`)),
    values: ['5', '10', '7.5', '5.0'],
    requested: ['4', '5', '6', '7.5', '8', '10', '11', '-1'],
  },
  {
    key: 'aws:CurrentTime',
    operators: NUMBERS.map((name) => `Date${name}`),
    values: ['2026-01-01T00:00:00Z', '2026-06-01T00:00:00Z', '1767225600'],
    requested: ['2025-01-01T00:00:00Z', '2026-01-01T00:00:00Z', '2026-03-01T00:00:00Z', '2026-06-01T00:00:00Z', '2027-01-01T00:00:00Z'],
  },
  {
    key: 'aws:TagKeys',
    operators: TEXT.flatMap((operator) => [`ForAllValues:${operator}`, `ForAnyValue:${operator}`]),
    values: ['a', 'b', 'a*'],
    requested: ['a', 'b', 'c', ['a', 'b'], ['a', 'c'], ['ax', 'b', 'c'], ['a', 'b', 'ac']],
  },
  {
    key: 'aws:SourceArn',
    operators: decorated(ARNS),
    values: [`arn:aws:sns:*:${ACCOUNT}:topic`, 'arn:aws:*:*:*:t*', `arn:aws:sns:eu-west-1:${ACCOUNT}:*`],
    requested: [`arn:aws:sns:eu-west-1:${ACCOUNT}:topic`, `arn:aws:sns:us-east-1:${OTHER}:topic`, `arn:aws:s3:::x`],
  },
  {
    key: 'aws:PrincipalArn',
    operators: [...ARNS, 'StringLike', 'StringNotLike'],
    values: [`arn:aws:iam::${ACCOUNT}:role/*`, `arn:aws:iam::${ACCOUNT}:user/ann`, 'arn:aws:iam::*:user/*'],
    requested: [],
  },
  { key: 'aws:PrincipalAccount', operators: ['StringEquals', 'StringNotEquals'], values: [ACCOUNT, OTHER], requested: [] },
  { key: 'aws:username', operators: decorated(['StringEquals', 'StringLike', 'StringNotLike']), values: ['ann', 'a*', '*b'], requested: [] },
  { key: 'aws:PrincipalType', operators: ['StringEquals', 'StringNotEquals'], values: ['User', 'AssumedRole', 'Account'], requested: [] },
  {
    key: 'aws:userid',
    operators: ['StringLike', 'StringNotLike'],
    values: ['AROAEXAMPLE:*', '*:work'],
    requested: ['AROAEXAMPLE:work', 'AROAEXAMPLE:x', 'AIDAX', 'Q:work'],
  },
  {
    key: 'kms:ViaService',
    operators: decorated(['StringEquals', 'StringNotEquals', 'StringLike']),
    values: ['sqs.eu-west-1.amazonaws.com', 'sqs.*'],
    requested: ['sqs.eu-west-1.amazonaws.com', 'sqs.x', 's3.x'],
  },
  { key: 'aws:ViaAWSService', operators: ['Bool', 'BoolIfExists'], values: ['true', 'false'], requested: ['true', 'false'] },
  { key: 'aws:ResourceAccount', operators: ['StringEquals', 'StringNotEquals'], values: [ACCOUNT, OTHER], requested: [] },
];

const pick = <T>(values: readonly T[]) => fc.subarray([...values], { minLength: 1, maxLength: Math.min(2, values.length) });

function condition(hasVariables: boolean): fc.Arbitrary<{ readonly operator: string; readonly key: string; readonly values: readonly string[] }> {
  return fc.constantFrom(...KEYS).chain(({ key, operators, values, variables = [] }) => {
    const comparison = fc.record({
      operator: fc.constantFrom(...operators),
      key: fc.constant(key),
      values: pick(hasVariables ? [...values.slice(0, 3), ...variables] : values),
    });
    const presence = fc.record({ operator: fc.constant('Null'), key: fc.constant(key), values: fc.constantFrom(['true'], ['false']) });
    return fc.oneof({ weight: 8, arbitrary: comparison }, { weight: 1, arbitrary: presence });
  });
}

function conditions(hasVariables: boolean): fc.Arbitrary<StatementDocument['Condition'] | undefined> {
  return fc.array(condition(hasVariables), { maxLength: 3 }).map((list) => {
    if (list.length === 0) return undefined;
    const block: Record<string, Record<string, readonly string[]>> = {};
    for (const { operator, key, values } of list) block[operator] = { ...block[operator], [key]: values };
    return block;
  });
}

/** A statement of a kind. It may be one that the evaluator refuses. */
function statement(kind: DocumentKind, hasVariables: boolean): fc.Arbitrary<StatementDocument> {
  const resources = hasVariables && RESOURCES[kind].length > 1 ? [...RESOURCES[kind].slice(0, 4), ...VARIABLES] : RESOURCES[kind];
  return fc
    .record({
      Effect: fc.constantFrom('Allow' as const, 'Allow' as const, 'Deny' as const),
      action: pick(ACTIONS[kind]),
      byNotAction: kind === 'trust' ? fc.constant(false) : fc.integer({ min: 0, max: 9 }).map((n) => n === 0),
      resource: resources.length > 0 ? pick(resources) : fc.constant(undefined),
      byNotResource: fc.integer({ min: 0, max: 9 }).map((n) => n === 0 && RESOURCES[kind].length > 1),
      principal: fc.constantFrom(...ELEMENTS),
      byNotPrincipal: fc.integer({ min: 0, max: 9 }).map((n) => n === 0),
      Condition: conditions(hasVariables),
    })
    .map(({ Effect, action, byNotAction, resource, byNotResource, principal, byNotPrincipal, Condition }) => ({
      Effect,
      ...(kind === 'identity' ? {} : byNotPrincipal && Effect === 'Deny' ? { NotPrincipal: principal } : { Principal: principal }),
      ...(byNotAction ? { NotAction: action } : { Action: action }),
      ...(resource === undefined ? {} : byNotResource ? { NotResource: resource } : { Resource: resource }),
      ...(Condition === undefined ? {} : { Condition }),
    }));
}

/**
 * Two policies: of statements of their own and of some that both have.
 *
 * @param hasVariables whether policy variables stand in them
 */
export function policyPair(kind: DocumentKind, hasVariables = false): fc.Arbitrary<readonly [PolicyDocument, PolicyDocument]> {
  return fc
    .record({
      shared: fc.array(statement(kind, hasVariables), { maxLength: 2 }),
      first: fc.array(statement(kind, hasVariables), { maxLength: 2 }),
      second: fc.array(statement(kind, hasVariables), { maxLength: 2 }),
    })
    .filter(({ shared, first, second }) => shared.length + Math.min(first.length, second.length) > 0)
    .map(({ shared, first, second }) => [document([...shared, ...first]), document([...second, ...shared])] as const);
}

const document = (Statement: readonly StatementDocument[]): PolicyDocument => ({ Version: '2012-10-17', Statement });

/** A request in the space that a comparison of a kind covers. */
export function request(kind: DocumentKind): fc.Arbitrary<AccessRequest> {
  return fc
    .record({
      principal: fc.constantFrom(...(kind === 'identity' ? PRINCIPALS.slice(0, 5) : PRINCIPALS)),
      action: fc.constantFrom(...REQUESTED[kind]),
      object: fc.constantFrom(...OBJECTS),
      bucket: fc.constantFrom(...BUCKETS),
      queue: fc.constantFrom(...QUEUES),
      owner: fc.constantFrom(ACCOUNT, OTHER, '777788889999'),
      values: fc.tuple(
        ...KEYS.map(({ requested }) => fc.option(requested.length > 0 ? fc.constantFrom(...requested) : fc.constant(undefined), { nil: undefined, freq: 3 })),
      ),
    })
    .map(({ principal: text, action, object, bucket, queue, owner, values }) => {
      const principal = parsePrincipal(text) as Principal;
      const isObject = /Object/.test(action);
      const resource = CONCRETE[kind][0] ?? (action.startsWith('sqs:') ? `arn:aws:sqs:${queue}` : `arn:aws:s3:::${isObject ? object : bucket}`);
      const context: Record<string, string | readonly string[]> = action.startsWith('s3:') ? { 'aws:ResourceAccount': owner } : {};
      for (const [index, { key, requested }] of KEYS.entries()) {
        const value = values[index];
        const presence = presenceOf(key.toLowerCase(), principal);
        if (valueOfPrincipal(key.toLowerCase(), principal) !== undefined || key === 'aws:ResourceAccount' || presence === 'never') continue;
        if (value !== undefined) context[key] = value;
        else if (presence === 'always') context[key] = requested[0] ?? '';
      }
      return accessRequest(principal, action, resource, context);
    })
    .filter(({ context }) => !isContradiction(context));
}
