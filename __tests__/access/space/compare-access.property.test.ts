import fc from 'fast-check';
import type { AccessModel, HeldPolicy, Identity, ProtectedResource } from '../../../access/model/access-model';
import { compareAccess } from '../../../access/space/compare-access';
import {
  type AccessRequest,
  accessRequest,
  compilePolicy,
  evaluate,
  isOfAccount,
  type Policy,
  type PolicyDocument,
  PolicyError,
  type PolicyKind,
  type PolicySet,
  type Principal,
  parsePrincipal,
} from '../../../evaluator';
import { ADMINISTRATOR, type DocumentKind, environmentsOf, identityEnvironment, withEnvironment } from '../../../evaluator/request-space/environment';
import { ACCOUNT, policyPair, request } from '../../evaluator/request-space/arbitraries';

/** Deployments of a user, a role, a bucket, a queue and a key, before and after, with random policies; requests that hit them. */

const MODELS = Number(process.env.REQUEST_SPACE_MODELS ?? 60);
const SEED = process.env.REQUEST_SPACE_MODELS === undefined ? { seed: 20261125 } : {};
const REQUESTS = 150;

const USER = `arn:aws:iam::${ACCOUNT}:user/ann`;
const ROLE = `arn:aws:iam::${ACCOUNT}:role/Reader`;
const BUCKET = 'arn:aws:s3:::data';
const QUEUE = `arn:aws:sqs:eu-west-1:${ACCOUNT}:queue`;
const KEY = `arn:aws:kms:eu-west-1:${ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab`;

interface Documents {
  readonly user: PolicyDocument;
  readonly role: PolicyDocument;
  readonly boundary: PolicyDocument | undefined;
  readonly bucket: PolicyDocument | undefined;
  readonly queue: PolicyDocument | undefined;
  readonly key: PolicyDocument;
  readonly trust: PolicyDocument;
}

const held = (name: string, kind: PolicyKind, document: PolicyDocument): HeldPolicy => ({
  address: name,
  attribute: 'policy',
  name,
  kind,
  text: JSON.stringify(document),
});

function modelOf({ user, role, boundary, bucket, queue, key, trust }: Documents): AccessModel {
  const identity = (id: string, kind: Identity['kind'], arn: string, document: PolicyDocument, limits: readonly HeldPolicy[]): Identity => ({
    id,
    address: id,
    kind,
    arn,
    policies: [held(`policy of ${id}`, 'identity', document)],
    boundary: limits,
    tags: 'unknown',
  });
  const resource = (
    id: string,
    kind: ProtectedResource['kind'],
    arn: string,
    document: PolicyDocument | undefined,
    parts: readonly string[] = [],
  ): ProtectedResource => ({
    id,
    address: id,
    type: id,
    arn,
    parts,
    kind,
    grants: [],
    tags: 'unknown',
    policy: document && held(`policy of ${id}`, kind, document),
  });
  return {
    partition: 'aws',
    account: ACCOUNT,
    region: 'eu-west-1',
    undetermined: [],
    groups: [],
    identities: [
      identity('user ann', 'user', USER, user, boundary ? [held('boundary', 'identity', boundary)] : []),
      identity('role Reader', 'role', ROLE, role, []),
    ],
    resources: [
      resource('bucket data', 'resource', BUCKET, bucket, [`${BUCKET}/*`]),
      resource('queue queue', 'resource', QUEUE, queue),
      resource('key k', 'key', KEY, key),
      resource('trust of Reader', 'trust', ROLE, trust),
    ],
  };
}

/** Both sides: some policies the same, others of random pairs. */
const sides: fc.Arbitrary<readonly [Documents, Documents]> = fc
  .record({
    user: pairOf('identity'),
    role: pairOf('identity'),
    boundary: fc.option(pairOf('identity'), { nil: undefined, freq: 2 }),
    bucket: fc.option(pairOf('resource'), { nil: undefined }),
    queue: fc.option(pairOf('resource'), { nil: undefined }),
    key: pairOf('key'),
    trust: pairOf('trust'),
    changed: fc.subarray(['user', 'role', 'boundary', 'bucket', 'queue', 'key', 'trust'] as const, { minLength: 1, maxLength: 2 }),
    gone: fc.constantFrom(undefined, undefined, undefined, 'boundary' as const, 'bucket' as const),
  })
  .map(({ changed, gone, ...pairs }) => {
    const of = (side: 0 | 1): Documents => {
      const from = (name: keyof Documents) => pairs[name]?.[changed.includes(name) ? side : 0];
      const optional = (name: 'boundary' | 'bucket' | 'queue') => (gone === name && side === 1 ? undefined : from(name));
      return {
        user: pairs.user[changed.includes('user') ? side : 0],
        role: pairs.role[changed.includes('role') ? side : 0],
        key: pairs.key[changed.includes('key') ? side : 0],
        trust: pairs.trust[changed.includes('trust') ? side : 0],
        boundary: optional('boundary'),
        bucket: optional('bucket'),
        queue: optional('queue'),
      };
    };
    return [of(0), of(1)] as const;
  });

function pairOf(kind: DocumentKind) {
  return policyPair(kind).filter((documents) => documents.every((document) => isValid(document, kind)));
}

function isValid(document: PolicyDocument, kind: DocumentKind): boolean {
  try {
    compilePolicy('policy', document, kind);
    return true;
  } catch (error) {
    if (error instanceof PolicyError) return false;
    throw error;
  }
}

const asked: fc.Arbitrary<AccessRequest> = fc
  .record({
    made: fc.constantFrom<DocumentKind>('identity', 'resource', 'key', 'trust').chain((kind) => request(kind)),
    session: fc.constantFrom('session', 'work'),
  })
  .map(({ made, session }) => {
    // A role acts in sessions.
    const caller =
      made.principal.kind === 'role' && made.principal.arn === ROLE ? parsePrincipal(`arn:aws:sts::${ACCOUNT}:assumed-role/Reader/${session}`) : undefined;
    if (caller === undefined) return made;
    return accessRequest(
      caller,
      made.action,
      made.resource,
      Object.fromEntries([...made.context].filter(([key]) => !/^aws:(principal|userid|username|token)/.test(key) || key.startsWith('aws:principaltag/'))),
    );
  });

/** The policy of the resource of a request, if it is one of the deployment's. */
function policyOf(
  { resource, action }: AccessRequest,
  { bucket, queue, key, trust }: Documents,
): { readonly kind: DocumentKind; readonly policy: Policy | undefined } | undefined {
  const of = (kind: DocumentKind, document: PolicyDocument | undefined) => ({
    kind,
    policy: document && compilePolicy(`policy of ${resource}`, document, kind),
  });
  if (resource === BUCKET || resource.startsWith(`${BUCKET}/`)) return of('resource', bucket);
  if (resource === QUEUE) return of('resource', queue);
  if (resource === KEY) return of('key', key);
  return resource === ROLE && action.startsWith('sts:') ? of('trust', trust) : undefined;
}

/** The policies that decide on a request, in each situation that a comparison asks about. */
function setsFor(made: AccessRequest, documents: Documents): readonly PolicySet[] {
  const { principal, action, context } = made;
  const own = policyOf(made, documents);
  const account = context.get('aws:resourceaccount')?.[0];
  const isOwn = account === undefined || account === ACCOUNT;
  if (isKnown(principal)) {
    const document = principal.principalArn === USER ? documents.user : documents.role;
    const boundary = principal.principalArn === USER && documents.boundary ? [compilePolicy('boundary', documents.boundary, 'identity')] : undefined;
    const set: PolicySet = { identity: [compilePolicy('identity', document, 'identity')], boundary, resource: own?.policy };
    return [own === undefined ? withEnvironment(set, identityEnvironment(principal, action, isOwn)) : set];
  }
  if (own === undefined) return [];
  const environments = environmentsOf(own.kind, principal, action, ACCOUNT);
  const administrator = own.kind === 'resource' && principal.account === ACCOUNT ? [ADMINISTRATOR] : [];
  return [...environments, ...administrator].map((environment) => withEnvironment({ identity: [], resource: own.policy }, environment));
}

const isKnown = (principal: Principal) => principal.principalArn === USER || principal.principalArn === ROLE;

/** Whether a request is one of those that a comparison asks about. */
function counts({ resource, context, principal }: AccessRequest): boolean {
  const owner = context.get('aws:resourceaccount')?.[0];
  const isBucket = resource === BUCKET || resource.startsWith(`${BUCKET}/`);
  return !(isBucket && owner !== undefined && owner !== ACCOUNT) && (isOfAccount(principal) || !isKnown(principal));
}

describe('a comparison of two deployments', () => {
  it('tells of every request on which they differ, by the one who makes it, and its witnesses differ', () => {
    let differing = 0;
    const property = fc.property(sides, fc.array(asked.filter(counts), { minLength: REQUESTS, maxLength: REQUESTS }), ([before, after], requests) => {
      const { differences, undetermined } = compareAccess(modelOf(before), modelOf(after));
      for (const made of requests) {
        const [first, second] = [setsFor(made, before), setsFor(made, after)];
        for (const [index, set] of first.entries()) {
          const other = second[index];
          if (other === undefined) continue;
          const [was, becomes] = [evaluate(made, set).outcome, evaluate(made, other).outcome];
          if (was === 'undetermined' || becomes === 'undetermined' || (was === 'allowed') === (becomes === 'allowed')) continue;
          differing += 1;
          const side = was === 'allowed' ? 'before' : 'after';
          const isHers = (who: string) =>
            made.principal.principalArn === USER
              ? who === 'user ann'
              : made.principal.principalArn === ROLE
                ? who === 'role Reader'
                : !['user ann', 'role Reader'].includes(who);
          if (undetermined.length === 0 && !differences.some((difference) => difference.side === side && isHers(difference.who))) {
            throw new Error(
              `not told: ${made.principal.arn} ${made.action} on ${made.resource} ${JSON.stringify([...made.context])} was ${was}, becomes ${becomes}`,
            );
          }
        }
      }
      for (const { witness, side, who } of differences) {
        const roleArn = witness.context['aws:PrincipalArn'];
        const caller = parsePrincipal(witness.principal, typeof roleArn === 'string' ? roleArn : undefined);
        if (caller === undefined) throw new Error(`${witness.principal} is no principal`);
        const made = accessRequest(caller, witness.action, witness.resource, witness.context);
        const observed = [before, after].map((documents) => {
          if (isKnown(caller)) return setsFor(made, documents).map((set) => evaluate(made, set).outcome);
          const alone: PolicySet = { identity: [], resource: policyOf(made, documents)?.policy };
          return [evaluate(made, withEnvironment(alone, witness.environment)).outcome];
        });
        const [was, becomes] = observed.map((outcomes) => outcomes[0] === 'allowed');
        if (was === becomes || was !== (side === 'before')) throw new Error(`no difference: ${who} ${JSON.stringify(witness)} ${observed.join(' / ')}`);
      }
    });
    fc.assert(property, { numRuns: MODELS, ...SEED });
    expect(differing).toBeGreaterThan(MODELS);
  });
});
