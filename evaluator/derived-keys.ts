import { lastSegment, parseArn } from './arn';
import { memoize } from './memoize';
import { isOfAccount, type Principal } from './principal';
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
    const isCaller = isOfAccount(principal);
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
  // A caller with a token of the provider has no identity of AWS yet.
  provider: undefined,
  // The root user of an account whose number the id does not tell.
  canonical: 'Account',
};

function userIdOf({ kind, account, arn }: Principal): string | undefined {
  if (kind === 'service' || kind === 'provider' || kind === 'canonical') return undefined;
  if (kind === 'anonymous') return 'anonymous';
  if (kind === 'root') return account;
  return kind === 'federated' ? `${account}:${lastSegment(arn)}` : UNKNOWN;
}

/**
 * Adds the keys that follow from the resource and the operation: its account, and the Region that is called, which every
 * request has. Where nothing tells the Region it is unknown.
 */
export function addKeysOfTarget(keys: Map<string, readonly string[]>, action: string, resource: string, principal: Principal): void {
  const target = targetOf(resource);
  keys.set('aws:requestedregion', globalRegion(action, target.partition ?? parseArn(principal.arn)?.partition) ?? target.region);
  if (target.account) keys.set('aws:resourceaccount', target.account);
  if (ON_FUNCTION_URL.test(action) && FUNCTION_ARN.test(resource)) keys.set('lambda:functionarn', [resource]);
}

/**
 * The actions on a function for which Lambda tells its ARN by a key as well.
 * Source: https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html
 */
const ON_FUNCTION_URL = /^lambda:(InvokeFunctionUrl|(Create|Delete|Get|Update)FunctionUrlConfig)$/i;
const FUNCTION_ARN = /^arn:[^:]+:lambda:[^:]+:\d{12}:function:[^:*]+$/;

const targetOf = memoize((resource: string) => {
  const arn = parseArn(resource);
  const region = arn?.region && !/[*?]/.test(arn.region) ? [arn.region] : UNKNOWN_VALUE;
  return { partition: arn?.partition, region, account: arn?.account ? [arn.account] : undefined };
});

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

const regionOfAction = memoize((action: string): readonly string[] | undefined => {
  // PassRole is no call of its own: whatever service the role is passed to asks for it, in its Region.
  if (/^iam:PassRole$/i.test(action)) return undefined;
  const region = GLOBAL_REGIONS.get(action.slice(0, action.indexOf(':')).toLowerCase());
  return region === undefined ? undefined : [region];
});

/** The Region of a global service; those of other partitions than AWS's own are not known. */
const globalRegion = (action: string, partition = 'aws') => (partition === 'aws' ? regionOfAction(action) : undefined);

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

export const MFA_PRESENT = 'aws:multifactorauthpresent';
export const MFA_AGE = 'aws:multifactorauthage';
const PRESENCE_UNKNOWN: readonly string[] = [UNKNOWN_PRESENCE];

/**
 * Adds what is known of MFA where nobody said whether it was used. Temporary credentials may carry it; for those of roles
 * AWS's pages disagree: the key is there whenever credentials are temporary, and sessions of AssumeRole carry no MFA
 * information. So not even its presence is known. Long-term credentials never carry it.
 *
 * Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-multifactorauthpresent,
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_mfa_configure-api-require.html
 *
 * @param presentGiven whether it was given if MFA was used, also by an empty list, which says that the key is absent
 * @param ageGiven the same for the age of its use
 */
export function deriveMfa(keys: Map<string, readonly string[]>, kind: Principal['kind'], presentGiven: boolean, ageGiven: boolean): void {
  if (!keys.has('aws:tokenissuetime')) return;
  const isOfUser = kind === 'user' || kind === 'root';
  if (!presentGiven) keys.set(MFA_PRESENT, keys.has(MFA_AGE) ? YES : isOfUser ? UNKNOWN_VALUE : PRESENCE_UNKNOWN);
  if (ageGiven) return;
  // The age is there if, and only if, MFA was used.
  const present = keys.get(MFA_PRESENT)?.[0];
  if (present === 'true') keys.set(MFA_AGE, UNKNOWN_VALUE);
  else if (present === UNKNOWN || present === UNKNOWN_PRESENCE) keys.set(MFA_AGE, PRESENCE_UNKNOWN);
}
