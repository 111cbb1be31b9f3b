import { formatArn, lastSegment, parseArn } from './arn';

/** Who makes a request, as IAM sees it. */
export interface Principal {
  readonly kind: 'user' | 'role' | 'session' | 'federated' | 'root' | 'service' | 'provider' | 'canonical' | 'anonymous';
  /** As it appears in a policy's Principal: an ARN, a service name, an identity provider, a canonical user id or `*`. */
  readonly arn: string;
  /** The value of `aws:PrincipalArn`: the role of a session, otherwise the ARN itself. */
  readonly principalArn: string;
  readonly account?: string;
  /** User name or role name. */
  readonly name?: string;
}

/**
 * Reads a principal: the ARN of a user, role, role session or root user, a service name such as `lambda.amazonaws.com`,
 * an identity provider in whose name somebody asks STS for a role, the canonical user id of an account, or `*` for an anonymous caller. `undefined` for anything else.
 *
 * @param roleArn the role behind a session, needed when the role has a path; a session's own ARN does not show it
 */
export function parsePrincipal(text: string, roleArn?: string): Principal | undefined {
  if (text === '*') return { kind: 'anonymous', arn: '*', principalArn: '*' };
  if (/^[0-9a-f]{64}$/.test(text)) return { kind: 'canonical', arn: text, principalArn: text };
  if (WEB_PROVIDERS.includes(text)) return { kind: 'provider', arn: text, principalArn: text };
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
    if (/^(oidc|saml)-provider\/./.test(arn.resource)) return { kind: 'provider', arn: text, principalArn: text };
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

/**
 * Identity providers that trust policies name without an ARN.
 * Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html#principal-federated-web-identity
 */
const WEB_PROVIDERS = ['accounts.google.com', 'cognito-identity.amazonaws.com', 'graph.facebook.com', 'www.amazon.com'];

/** Whether the principal belongs to an account that is known: it has an ARN, and policies of its own. */
export const isOfAccount = ({ kind }: Principal): boolean => !['service', 'provider', 'canonical', 'anonymous'].includes(kind);
