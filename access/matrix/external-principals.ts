import { accountOf, formatArn, parseArn } from '../../evaluator/arn';
import { parsePrincipal } from '../../evaluator/principal';
import { isUnknown } from '../../evaluator/unknown';
import { type Deployment, policiesOf } from '../graph/deployment';
import type { ActorId } from './ids';

/**
 * Users and roles that are not deployed here, but that every key policy names: the first deployer, likely an
 * administrator.
 */
export function firstDeployers(deployment: Deployment): string[] {
  const known = new Set(deployment.roles.map((role) => role.arn));
  const named = deployment.keys
    .filter(({ policy }) => !isUnknown(policy.text))
    .map(({ policy }) => [...policy.text.matchAll(PRINCIPAL_ARN)].map(([arn]) => arn));
  const [first = [], ...others] = named;
  return [...new Set(first)].filter((arn) => /:(user|role)\//.test(arn) && !known.has(arn) && others.every((list) => list.includes(arn))).slice(0, 1);
}

const PRINCIPAL_ARN = /arn:[a-z-]+:(?:iam|sts)::\d{12}:(?:root|(?:user|role|assumed-role|federated-user)\/[^"]+)/g;

/** A principal that is not deployed here, but that a policy of a resource names. */
interface ExternalPrincipal {
  readonly id: ActorId;
  readonly arn: string;
}

/**
 * Everybody else whom a policy of a resource names, in any element: users and roles that are not deployed
 * here, other accounts, other services. They are taken to have every permission of IAM; a pattern stands for
 * one that it matches.
 */
export function externalPrincipals(deployment: Deployment): ExternalPrincipal[] {
  const { account, partition, region } = deployment;
  const known = new Set([
    ...deployment.roles.map(({ arn }) => arn),
    ...firstDeployers(deployment),
    rootOf(partition, account),
    'lambda.amazonaws.com',
    `logs.${region}.amazonaws.com`,
  ]);
  const texts = policiesOf(deployment).flatMap(({ kind, text }) => (kind === 'identity' || isUnknown(text) ? [] : [text]));
  const named = new Set(texts.flatMap((text) => principalsIn(text, partition)));
  return [...named]
    .filter((principal) => !known.has(principal))
    .map(externalPrincipal)
    .filter(({ arn }) => parsePrincipal(arn) !== undefined);
}

const rootOf = (partition: string, account: string) => formatArn({ partition, service: 'iam', region: '', account, resource: 'root' });

/** ARNs, accounts and services in the text of a policy. */
function principalsIn(text: string, partition: string): string[] {
  const accounts = [...text.matchAll(/"AWS":\s*(?:"(\d{12})"|\[([^\]]*)\])/g)].flatMap(([, single, list = '']) =>
    single === undefined ? [...list.matchAll(/"(\d{12})"/g)].map(([, account]) => String(account)) : [single],
  );
  const services = [...text.matchAll(/"([a-z0-9.-]+\.amazonaws\.com)"/g)].map(([, service]) => String(service));
  return [
    ...[...text.matchAll(PRINCIPAL_ARN)].map(([arn]) => arn),
    ...accounts.map((account) => rootOf(partition, account)),
    ...services.filter((service) => !isHost(service)),
  ];
}

/** An account stands for an administrator of it. */
function externalPrincipal(named: string): ExternalPrincipal {
  const arn = named.replace(/[*?]/g, 'x');
  const account = parseArn(arn)?.resource === 'root' ? accountOf(arn) : undefined;
  if (account !== undefined) return { id: `account/${account}/administrator`, arn: arn.replace(/root$/, 'user/administrator') };
  return { id: named.startsWith('arn:') ? `principal/${named}` : `service/${named}`, arn };
}

/** The value of `kms:ViaService` names a service by its host; it is nobody who calls. */
const isHost = (name: string) => /^(sqs|dynamodb)\.[a-z0-9-]+\.amazonaws\.com$/.test(name) || ['sqs.amazonaws.com', 'dynamodb.amazonaws.com'].includes(name);
