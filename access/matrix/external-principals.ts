import { parsePrincipal } from '../../evaluator/principal';
import { isUnknown } from '../../evaluator/unknown';
import { type Deployment, policiesOf } from '../graph/deployment';

/** Users and roles beside the deployed ones that every key policy names: whoever ran the first deployment, likely an administrator. */
export function firstDeployers(deployment: Deployment): string[] {
  const known = new Set(deployment.roles.map((role) => role.arn));
  const named = deployment.keys
    .filter(({ policy }) => !isUnknown(policy.text))
    .map(({ policy }) => [...policy.text.matchAll(PRINCIPAL_ARN)].map(([arn]) => arn));
  const [first = [], ...others] = named;
  return [...new Set(first)].filter((arn) => /:(user|role)\//.test(arn) && !known.has(arn) && others.every((list) => list.includes(arn))).slice(0, 1);
}

const PRINCIPAL_ARN = /arn:[a-z-]+:(?:iam|sts)::\d{12}:(?:root|(?:user|role|assumed-role|federated-user)\/[^"]+)/g;

/**
 * Everybody else whom a policy of a resource names, in whichever element: users and roles that are not deployed here, other
 * accounts, other services. They are taken to have every permission of IAM; a pattern stands for one that it matches.
 */
export function externalPrincipals(deployment: Deployment): { name: string; arn: string }[] {
  const { account, partition, region } = deployment;
  const known = new Set([
    ...deployment.roles.map(({ arn }) => arn),
    ...firstDeployers(deployment),
    `arn:${partition}:iam::${account}:root`,
    'lambda.amazonaws.com',
    `logs.${region}.amazonaws.com`,
  ]);
  const texts = policiesOf(deployment).flatMap(({ kind, text }) => (kind === 'identity' || isUnknown(text) ? [] : [text]));
  const found = texts.flatMap((text) => [
    ...[...text.matchAll(PRINCIPAL_ARN)].map(([arn]) => arn),
    ...[...text.matchAll(/"AWS":\s*(?:"(\d{12})"|\[([^\]]*)\])/g)].flatMap(([, one, list = '']) =>
      [one ?? [], ...[...list.matchAll(/"(\d{12})"/g)].map(([, id]) => id)].flat().map((id) => `arn:${partition}:iam::${id}:root`),
    ),
    ...[...text.matchAll(/"([a-z0-9.-]+\.amazonaws\.com)"/g)].map(([, service]) => String(service)).filter((service) => !isHost(service)),
  ]);
  return [...new Set(found)]
    .filter((named) => !known.has(named))
    .map((named) => {
      const arn = named.replace(/[*?]/g, 'x');
      const other = /^(arn:[^:]+:iam::(\d{12})):root$/.exec(arn);
      return other ? { name: `an administrator of account ${other[2]}`, arn: `${other[1]}:user/administrator` } : { name: named, arn };
    })
    .filter(({ arn }) => parsePrincipal(arn) !== undefined);
}

/** The value of `kms:ViaService` names a service by its host; it is nobody who calls. */
const isHost = (name: string) => /^(sqs|dynamodb)\.[a-z0-9-]+\.amazonaws\.com$/.test(name) || ['sqs.amazonaws.com', 'dynamodb.amazonaws.com'].includes(name);
