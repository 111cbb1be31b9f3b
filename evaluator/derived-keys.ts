import { lastSegment, parseArn } from './arn';
import type { Principal } from './principal';
import { UNKNOWN, UNKNOWN_PRESENCE } from './unknown';

/** One condition key, lower-case, with its values. */
export type ContextEntry = readonly [key: string, values: readonly string[]];

const UNKNOWN_VALUE: readonly string[] = [UNKNOWN];

/** Keys that every real request has, with values that neither principal nor resource tell. */
export const ALWAYS_SUPPLIED: readonly ContextEntry[] = ['aws:securetransport', 'aws:currenttime', 'aws:epochtime', 'aws:useragent'].map((key) => [
  key,
  UNKNOWN_VALUE,
]);

const keysOfPrincipals = new WeakMap<Principal, readonly ContextEntry[]>();

/**
 * The keys that follow from the principal alone.
 *
 * Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-principal-properties,
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#principaltable
 */
export function keysOfPrincipal(principal: Principal): readonly ContextEntry[] {
  let keys = keysOfPrincipals.get(principal);
  if (keys === undefined) {
    const { kind, account, arn } = principal;
    const isCaller = kind !== 'service' && kind !== 'anonymous';
    const isAnonymous = kind === 'anonymous';
    const temporary = kind === 'session' || kind === 'role' || kind === 'federated';
    const all: [string, string | undefined][] = [
      ['aws:principalarn', isCaller ? principal.principalArn : undefined],
      ['aws:principalaccount', isAnonymous ? 'anonymous' : account],
      ['aws:principaltype', PRINCIPAL_TYPES[kind]],
      ['aws:principalisawsservice', isAnonymous ? undefined : String(kind === 'service')],
      ['aws:principalservicename', kind === 'service' ? arn : undefined],
      ['aws:username', kind === 'user' ? principal.name : undefined],
      ['aws:userid', userIdOf(principal)],
      // Only temporary credentials have been issued at a time.
      ['aws:tokenissuetime', temporary ? UNKNOWN : undefined],
    ];
    keys = all.flatMap(([key, value]) => (value === undefined ? [] : [[key, [value]] as const]));
    keysOfPrincipals.set(principal, keys);
  }
  return keys;
}

const PRINCIPAL_TYPES: Record<Principal['kind'], string | undefined> = {
  user: 'User',
  role: 'AssumedRole',
  session: 'AssumedRole',
  federated: 'FederatedUser',
  root: 'Account',
  anonymous: 'Anonymous',
  service: undefined,
};

function userIdOf({ kind, account, arn }: Principal): string | undefined {
  if (kind === 'service') return undefined;
  if (kind === 'anonymous') return 'anonymous';
  if (kind === 'root') return account;
  return kind === 'federated' ? `${account}:${lastSegment(arn)}` : UNKNOWN;
}

/**
 * The keys that follow from the resource and the operation: its account, and the Region that is called, which every
 * request has. Where nothing tells the Region it is unknown.
 */
export function keysOfTarget(action: string, resource: string, principal: Principal): readonly ContextEntry[] {
  const arn = parseArn(resource);
  const region = globalRegion(action, arn?.partition ?? parseArn(principal.arn)?.partition ?? 'aws') ?? arn?.region;
  const requested: ContextEntry = ['aws:requestedregion', region && !/[*?]/.test(region) ? [region] : UNKNOWN_VALUE];
  return arn?.account ? [requested, ['aws:resourceaccount', [arn.account]]] : [requested];
}

/**
 * Services with one endpoint for all Regions, and the Region in which that stands.
 *
 * Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-requestedregion,
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_examples_aws_deny-requested-region.html,
 * https://docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/global-services.html
 */
const GLOBAL_REGIONS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    'us-east-1': [
      'account',
      'budgets',
      'ce',
      'cloudfront',
      'cur',
      'iam',
      'importexport',
      'organizations',
      'route53',
      'route53domains',
      'savingsplans',
      'shield',
      'support',
      'waf',
    ],
    'us-west-2': ['chatbot', 'devicefarm', 'globalaccelerator', 'networkmanager', 'route53-recovery-control-config', 'route53-recovery-readiness'],
  }).flatMap(([region, services]) => services.map((service) => [service, region])),
);

function globalRegion(action: string, partition: string): string | undefined {
  // PassRole is no call of its own: whatever service the role is passed to asks for it, in its Region.
  if (partition !== 'aws' || /^iam:PassRole$/i.test(action)) return undefined;
  return GLOBAL_REGIONS.get(action.slice(0, action.indexOf(':')).toLowerCase());
}

const YES: readonly string[] = ['true'];
const NO: readonly string[] = ['false'];

/**
 * Adds what follows from the services that passed the request on for the caller.
 * Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-calledvia
 */
export function deriveFromServices(keys: Map<string, readonly string[]>): void {
  const via = keys.get('aws:calledvia');
  const [first, last] = [via?.[0], via?.at(-1)];
  if (first !== undefined && !keys.has('aws:calledviafirst')) keys.set('aws:calledviafirst', [first]);
  if (last !== undefined && !keys.has('aws:calledvialast')) keys.set('aws:calledvialast', [last]);
  if (!keys.has('aws:viaawsservice')) keys.set('aws:viaawsservice', keys.has('aws:calledvialast') || keys.has('kms:viaservice') ? YES : NO);
}

const MFA_PRESENT = 'aws:multifactorauthpresent';
const MFA_AGE = 'aws:multifactorauthage';
const PRESENCE_UNKNOWN: readonly string[] = [UNKNOWN_PRESENCE];

/**
 * Adds what is known of MFA where nobody said whether it was used. Temporary credentials may carry it; for those of roles
 * AWS's pages disagree: the key is there whenever credentials are temporary, and sessions of AssumeRole carry no MFA
 * information. So not even its presence is known. Long-term credentials never carry it.
 *
 * Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-multifactorauthpresent,
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_mfa_configure-api-require.html
 *
 * @param given whether a key was given, also as an empty list, which says that it is absent
 */
export function deriveMfa(keys: Map<string, readonly string[]>, kind: Principal['kind'], given: (key: string) => boolean): void {
  if (!keys.has('aws:tokenissuetime')) return;
  if (!given(MFA_PRESENT))
    keys.set(MFA_PRESENT, given(MFA_AGE) && keys.has(MFA_AGE) ? YES : kind === 'user' || kind === 'root' ? UNKNOWN_VALUE : PRESENCE_UNKNOWN);
  if (given(MFA_AGE)) return;
  // The age is there if, and only if, MFA was used.
  const present = keys.get(MFA_PRESENT)?.[0];
  if (present === 'true') keys.set(MFA_AGE, UNKNOWN_VALUE);
  else if (present === UNKNOWN || present === UNKNOWN_PRESENCE) keys.set(MFA_AGE, PRESENCE_UNKNOWN);
}
