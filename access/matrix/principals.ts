import { compilePolicy, type Policy } from '../../evaluator/policy/compile';
import { type Principal, parsePrincipal } from '../../evaluator/principal';
import type { ContextInput } from '../../evaluator/request';
import { UNKNOWN } from '../../evaluator/unknown';
import { compileSource, type Deployment, type PolicySource, policySourceId, type RoleModel } from '../graph/deployment';
import { externalPrincipals, firstDeployers } from './external-principals';
import { shortName } from './operation';

/** Somebody whom the matrix asks about. */
export interface Actor {
  /** As the expected matrix names it. */
  readonly name: string;
  readonly principal: Principal;
  readonly identity: readonly Policy[];
  readonly boundary?: readonly Policy[];
  /** Where those policies stand, as `address attribute`. */
  readonly policySourceIds: ReadonlySet<string>;
  readonly context: ContextInput;
}

const OVER_TLS: ContextInput = { 'aws:SecureTransport': 'true' };
/** From where somebody calls is not known: what depends on it is undetermined. */
const ANY_ADDRESS: ContextInput = { ...OVER_TLS, 'aws:SourceIp': UNKNOWN };
/** The account of a stranger. */
export const FOREIGN_ACCOUNT = '999988887777';
/** The policy of an administrator. */
export const ALLOW_ALL = compilePolicy(
  'everything',
  { Version: '2012-10-17', Statement: { Sid: 'Everything', Effect: 'Allow', Action: '*', Resource: '*' } },
  'identity',
);

/** Everybody whom the matrix asks about: all roles, the function's role in its three places, users, root, strangers, services. */
export function actorsOf(deployment: Deployment): Actor[] {
  const { account, partition, region } = deployment;
  const short = (name: string) => shortName(deployment, name);
  const places = (policies: readonly PolicySource[]) => new Set(policies.map(policySourceId));
  const session = ({ arn, policies, boundary }: RoleModel, name: string, context: ContextInput = {}): Actor => {
    const sessionArn = `arn:${partition}:sts::${account}:assumed-role/${arn.split('/').at(-1)}/session`;
    return {
      name,
      principal: parseOrThrow(sessionArn, arn),
      identity: policies.map(compileSource),
      boundary: boundary && [compileSource(boundary)],
      policySourceIds: places([...policies, ...(boundary ? [boundary] : [])]),
      context: { ...ANY_ADDRESS, ...context },
    };
  };
  const functionOf = (roleArn: string) => deployment.functions.find((one) => one.roleArn === roleArn);
  const roles = deployment.roles.flatMap((role): Actor[] => {
    const owner = functionOf(role.arn);
    if (!owner) return [session(role, short(role.name))];
    return [
      session(role, `${short(role.name)} in its function`, { 'lambda:SourceFunctionArn': owner.arn }),
      session(role, `${short(role.name)} in another function`, { 'lambda:SourceFunctionArn': `${owner.arn}-other` }),
      session(role, pollingFor(short(owner.name))),
    ];
  });
  // Whoever is in a group is in AllUsers as well.
  const memberOf = (name?: string) =>
    deployment.groups.filter((group) => short(group.name) === 'AllUsers' || short(group.name) === name).flatMap((group) => group.policies);
  const others = deployment.groups.map((group) => short(group.name)).filter((name) => !['AllUsers', 'AssumeAllRoles', 'KeyManagers'].includes(name));
  const simple = (name: string, arn: string, policies: readonly PolicySource[] = [], context: ContextInput = {}): Actor => ({
    name,
    principal: parseOrThrow(arn),
    identity: policies.map(compileSource),
    policySourceIds: places(policies),
    context: { ...ANY_ADDRESS, ...context },
  });
  const user = `arn:${partition}:iam::${account}:user/somebody`;
  const withMfa = { 'aws:MultiFactorAuthPresent': 'true', 'aws:MultiFactorAuthAge': '60' };
  return [
    ...roles,
    simple('a user with MFA', user, memberOf('AssumeAllRoles'), withMfa),
    simple('a user without MFA', user, memberOf('AssumeAllRoles')),
    simple('a user with MFA in no group but AllUsers', user, memberOf(), withMfa),
    simple('a key manager’s user with MFA', user, memberOf('KeyManagers'), withMfa),
    ...others.map((name) => simple(`a user with MFA in ${name}`, user, memberOf(name), withMfa)),
    { ...simple('an administrator with MFA', `arn:${partition}:iam::${account}:user/administrator`, [], withMfa), identity: [ALLOW_ALL] },
    ...firstDeployers(deployment).map((arn) => ({ ...simple('who deployed first', arn), identity: [ALLOW_ALL] })),
    ...externalPrincipals(deployment).map(({ name, arn }) => ({ ...simple(name, arn), identity: [ALLOW_ALL] })),
    simple('the root user', `arn:${partition}:iam::${account}:root`),
    { ...simple('an administrator of another account', `arn:${partition}:iam::${FOREIGN_ACCOUNT}:user/stranger`), identity: [ALLOW_ALL] },
    simple('anonymous', '*'),
    { ...simple('Lambda', 'lambda.amazonaws.com'), context: OVER_TLS },
    { ...simple('CloudWatch Logs', `logs.${region}.amazonaws.com`), context: OVER_TLS },
  ];
}

/** The actor that is Lambda, polling outside of a function in the name of its role. */
export const pollingFor = (functionName: string) => `Lambda polling for ${functionName}`;

function parseOrThrow(arn: string, roleArn?: string): Principal {
  const principal = parsePrincipal(arn, roleArn);
  if (!principal) throw new TypeError(`${arn} is not a principal`);
  return principal;
}
