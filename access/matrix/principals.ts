import { compileAt, type Deployment, type PolicyAt } from '../deployment/deployment';
import { compilePolicy, type Policy } from '../policy/compile';
import { type Principal, parsePrincipal } from '../principal';
import type { ContextInput } from '../request';

/** Somebody whom the matrix asks about. */
export interface Actor {
  /** As the expected matrix names it. */
  readonly name: string;
  readonly principal: Principal;
  readonly identity: readonly Policy[];
  readonly context: ContextInput;
}

const FOREIGN_ACCOUNT = '999988887777';
const EVERYTHING = compilePolicy(
  'everything',
  { Version: '2012-10-17', Statement: { Sid: 'Everything', Effect: 'Allow', Action: '*', Resource: '*' } },
  'identity',
);

/** Everybody whom the matrix asks about: all roles, the function's role in its three places, users, root, strangers, services. */
export function actorsOf(deployment: Deployment): Actor[] {
  const { account, partition, region, prefix } = deployment;
  const short = (name: string) => (name.startsWith(prefix) ? name.slice(prefix.length) : name);
  const compile = (policies: readonly PolicyAt[]) => policies.map(compileAt);
  const session = (arn: string, name: string, identity: readonly Policy[], context: ContextInput = {}): Actor => {
    const sessionArn = `arn:${partition}:sts::${account}:assumed-role/${arn.split('/').at(-1)}/session`;
    return { name, principal: must(sessionArn, arn), identity, context: { 'aws:SecureTransport': 'true', ...context } };
  };
  const functionOf = (roleArn: string) => deployment.functions.find((one) => one.roleArn === roleArn);
  const roles = deployment.roles.flatMap((role): Actor[] => {
    const identity = compile(role.policies);
    const owner = functionOf(role.arn);
    if (!owner) return [session(role.arn, short(role.name), identity)];
    return [
      session(role.arn, `${short(role.name)} in its function`, identity, { 'lambda:SourceFunctionArn': owner.arn }),
      session(role.arn, `${short(role.name)} in another function`, identity, { 'lambda:SourceFunctionArn': `${owner.arn}-other` }),
      session(role.arn, 'Lambda polling for the function', identity),
    ];
  });
  const member = compile(deployment.groups.filter((group) => /AllUsers$|AssumeAllRoles$/.test(group.name)).flatMap((group) => group.policies));
  const keyMember = compile(deployment.groups.filter((group) => /AllUsers$|KeyManagers$/.test(group.name)).flatMap((group) => group.policies));
  const simple = (name: string, arn: string, identity: readonly Policy[] = [], context: ContextInput = {}): Actor => ({
    name,
    principal: must(arn),
    identity,
    context: { 'aws:SecureTransport': 'true', ...context },
  });
  const user = `arn:${partition}:iam::${account}:user/somebody`;
  const withMfa = { 'aws:MultiFactorAuthPresent': 'true', 'aws:MultiFactorAuthAge': '60' };
  return [
    ...roles,
    simple('a user with MFA', user, member, withMfa),
    simple('a user without MFA', user, member),
    simple('a key manager’s user with MFA', user, keyMember, withMfa),
    simple('the root user', `arn:${partition}:iam::${account}:root`),
    simple('an administrator of another account', `arn:${partition}:iam::${FOREIGN_ACCOUNT}:user/stranger`, [EVERYTHING]),
    simple('anonymous', '*'),
    simple('Lambda', 'lambda.amazonaws.com'),
    simple('CloudWatch Logs', `logs.${region}.amazonaws.com`),
  ];
}

function must(arn: string, roleArn?: string): Principal {
  const principal = parsePrincipal(arn, roleArn);
  if (!principal) throw new TypeError(`${arn} is not a principal`);
  return principal;
}
