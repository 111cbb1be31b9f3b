import { formatArn, lastSegment, parseArn } from './arn';

/** Who makes a request, as IAM sees it. */
export interface Principal {
  readonly kind: 'user' | 'role' | 'session' | 'federated' | 'root' | 'service' | 'anonymous';
  /** As it appears in a policy's Principal: an ARN, a service name or `*`. */
  readonly arn: string;
  /** The value of `aws:PrincipalArn`: the role of a session, otherwise the ARN itself. */
  readonly principalArn: string;
  readonly account?: string;
  /** User name or role name. */
  readonly name?: string;
}

/**
 * Reads a principal: the ARN of a user, role, role session or root user, a service name such as `lambda.amazonaws.com`,
 * or `*` for an anonymous caller. `undefined` for anything else.
 *
 * @param roleArn the role behind a session, needed when the role has a path; a session's own ARN does not show it
 */
export function parsePrincipal(text: string, roleArn?: string): Principal | undefined {
  if (text === '*') return { kind: 'anonymous', arn: '*', principalArn: '*' };
  if (/^[a-z0-9.-]+\.amazonaws\.com(\.cn)?$/.test(text)) return { kind: 'service', arn: text, principalArn: text };
  const arn = parseArn(text);
  if (!arn || !/^\d{12}$/.test(arn.account)) return undefined;
  const of = (kind: Principal['kind'], principalArn = text, name = lastSegment(text)): Principal => ({
    kind,
    arn: text,
    principalArn,
    account: arn.account,
    name,
  });
  if (arn.service === 'iam') {
    if (arn.resource === 'root') return of('root');
    if (/^user\/./.test(arn.resource)) return of('user');
    if (/^role\/./.test(arn.resource)) return of('role');
  }
  if (arn.service === 'sts') {
    const session = /^assumed-role\/([^/]+)\/[^/]+$/.exec(arn.resource);
    if (session?.[1]) {
      return of('session', roleArn ?? formatArn({ ...arn, service: 'iam', region: '', resource: `role/${session[1]}` }), session[1]);
    }
    if (/^federated-user\/[^/]+$/.test(arn.resource)) return of('federated');
  }
  return undefined;
}
