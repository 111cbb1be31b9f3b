import { formatArn, lastSegment } from '../../evaluator/arn';
import { compilePolicy, type Policy } from '../../evaluator/policy/compile';
import { type Principal, parsePrincipal } from '../../evaluator/principal';
import type { ContextInput } from '../../evaluator/request';
import { UNKNOWN } from '../../evaluator/unknown';
import { GROUPS } from '../application';
import { compileSource, type Deployment, policySourceId, type RoleModel } from '../graph/deployment';
import { allowAllDocument } from './allow-all';
import { decoyArns, FOREIGN_ACCOUNT, similarName } from './decoys';
import { externalPrincipals, firstDeployers } from './external-principals';
import { type ActorId, segment } from './ids';
import { idName, shortName } from './operation';
import { requireUniqueIds } from './unique-ids';

/** An identity that the matrix asks about, with everything that decides what it can do. */
export interface Actor {
  readonly id: ActorId;
  readonly principal: Principal;
  readonly identity: readonly Policy[];
  readonly boundary?: readonly Policy[];
  /** The policies among these that are the deployment's, by `policySourceId`. */
  readonly policySourceIds: ReadonlySet<string>;
  readonly context: ContextInput;
}

const OVER_TLS: ContextInput = { 'aws:SecureTransport': 'true' };
/** The address of a caller is not known: what depends on it is undetermined. */
const ANY_ADDRESS: ContextInput = { ...OVER_TLS, 'aws:SourceIp': UNKNOWN };
/**
 * Sessions of roles carry no MFA information.
 * Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_mfa_configure-api-require.html
 */
const WITHOUT_MFA: ContextInput = { 'aws:MultiFactorAuthPresent': [], 'aws:MultiFactorAuthAge': [] };
const WITH_MFA: ContextInput = { 'aws:MultiFactorAuthPresent': 'true', 'aws:MultiFactorAuthAge': '60' };

/** The compiled policy of an administrator. */
export const ALLOW_ALL = compilePolicy('everything', allowAllDocument(), 'identity');

/**
 * Everybody whom the matrix asks about: all roles, an execution role in its function, in another one and as
 * Lambda polls with it, users, administrators, root, principals that policies name, services, and a caller
 * who does not sign.
 *
 * @throws DeploymentError when two actors would have the same id
 */
export function actorsOf(deployment: Deployment): Actor[] {
  const actors = [...roleActors(deployment), ...userActors(deployment), ...otherActors(deployment)];
  requireUniqueIds(actors, 'actors');
  return actors;
}

/** The actor that is a session of a role outside of any function, as AssumeRole gives it. */
export const roleActorId = (deployment: Deployment, { name, arn }: RoleModel): ActorId =>
  deployment.functions.some(({ roleArn }) => roleArn === arn) ? `role/${idName(deployment, name)}/polling` : `role/${idName(deployment, name)}`;

function roleActors(deployment: Deployment): Actor[] {
  return deployment.roles.flatMap((role): Actor[] => {
    const lambda = deployment.functions.find(({ roleArn }) => roleArn === role.arn);
    const session = sessionActor(deployment, role, roleActorId(deployment, role));
    if (!lambda) return [session];
    const id = `role/${idName(deployment, role.name)}` as const;
    return [
      sessionActor(deployment, role, `${id}/in-function`, { 'lambda:SourceFunctionArn': lambda.arn }),
      sessionActor(deployment, role, `${id}/in-other-function`, { 'lambda:SourceFunctionArn': similarName(lambda.arn) }),
      session,
    ];
  });
}

function sessionActor({ partition, account }: Deployment, role: RoleModel, id: ActorId, context: ContextInput = {}): Actor {
  const { arn, policies, boundary } = role;
  const sessionArn = formatArn({ partition, service: 'sts', region: '', account, resource: `assumed-role/${lastSegment(arn)}/session` });
  return {
    id,
    principal: parseOrThrow(sessionArn, arn),
    identity: policies.map(compileSource),
    boundary: boundary && [compileSource(boundary)],
    policySourceIds: new Set([...policies, ...(boundary ? [boundary] : [])].map(policySourceId)),
    context: { ...ANY_ADDRESS, ...WITHOUT_MFA, ...context },
  };
}

/** Users of groups. A member of any group is a member of that of everybody as well. */
function userActors(deployment: Deployment): Actor[] {
  const short = (name: string) => shortName(deployment, name);
  const known: readonly string[] = Object.values(GROUPS);
  const policiesOf = (group?: string) =>
    deployment.groups.filter(({ name }) => short(name) === GROUPS.everybody || short(name) === group).flatMap(({ policies }) => policies);
  const user = (id: ActorId, group: string | undefined, context: ContextInput): Actor => {
    const policies = policiesOf(group);
    return {
      ...callerActor(id, decoyArns(deployment).ownUser, context),
      identity: policies.map(compileSource),
      policySourceIds: new Set(policies.map(policySourceId)),
    };
  };
  const otherGroups = deployment.groups.map(({ name }) => short(name)).filter((name) => !known.includes(name));
  return [
    user('user/mfa', GROUPS.assumeAllRoles, WITH_MFA),
    user('user/no-mfa', GROUPS.assumeAllRoles, {}),
    user(`user/mfa/${GROUPS.everybody}-only`, undefined, WITH_MFA),
    user(`user/mfa/${GROUPS.keyManagers}`, GROUPS.keyManagers, WITH_MFA),
    ...otherGroups.map((group) => user(`user/mfa/${segment(group)}`, group, WITH_MFA)),
  ];
}

/**
 * All who have no policy of the deployment: administrators may do everything, the others nothing, as far as
 * their own policies go.
 */
function otherActors(deployment: Deployment): Actor[] {
  const { partition, account, region } = deployment;
  const iam = (resource: string, owner = account) => formatArn({ partition, service: 'iam', region: '', account: owner, resource });
  const administrator = (id: ActorId, arn: string, context: ContextInput = {}): Actor => ({ ...callerActor(id, arn, context), identity: [ALLOW_ALL] });
  const service = (id: ActorId, name: string): Actor => ({ ...callerActor(id, name), context: OVER_TLS });
  return [
    administrator('administrator/mfa', iam('user/administrator'), WITH_MFA),
    ...firstDeployers(deployment).map((arn) => administrator('first-deployer', arn)),
    ...externalPrincipals(deployment).map(({ id, arn }) => administrator(id, arn)),
    callerActor('root', iam('root')),
    administrator('foreign-administrator', iam('user/administrator', FOREIGN_ACCOUNT)),
    callerActor('anonymous', '*'),
    service('service/lambda.amazonaws.com', 'lambda.amazonaws.com'),
    service('service/logs.REGION.amazonaws.com', `logs.${region}.amazonaws.com`),
  ];
}

const callerActor = (id: ActorId, arn: string, context: ContextInput = {}): Actor => ({
  id,
  principal: parseOrThrow(arn),
  identity: [],
  policySourceIds: new Set(),
  context: { ...ANY_ADDRESS, ...context },
});

function parseOrThrow(arn: string, roleArn?: string): Principal {
  const principal = parsePrincipal(arn, roleArn);
  if (!principal) throw new TypeError(`${arn} is not a principal`);
  return principal;
}
