import { queueContext, tableContext } from '../../access/matrix/operation';
import type { ContextInput } from '../../evaluator/index';
import type { Account } from '../../lab/account/account';
import { NotPerformable } from './not-performable';

/**
 * The value of a condition key in the context of a witness, where keys are in lower case; nothing where the key is absent.
 *
 * @throws NotPerformable when it has several values
 */
export function valueIn(context: ContextInput, key: string): string | undefined {
  const [value, ...others] = [context[key] ?? []].flat();
  if (others.length > 0) throw new NotPerformable(`a request cannot carry several values of ${key}`);
  return value;
}

const ENCRYPTION_CONTEXT = 'kms:encryptioncontext:';

/** Names in encryption contexts as services write them: conditions do not distinguish their case, requests do. */
const ENCRYPTION_NAMES = [...Object.keys(queueContext('')), ...Object.keys(tableContext('', ''))];
const spelled = (name: string) => ENCRYPTION_NAMES.find((known) => known.toLowerCase() === name) ?? name;

/**
 * The context of a witness as a step of an operation has it.
 *
 * @param context with keys in lower case
 * @throws NotPerformable when it has a key that no request of a client brings about
 */
export function stepContext(context: ContextInput, account: Account): ContextInput {
  const via = viaOf(context, account);
  const step: Record<string, string | readonly string[]> = via === undefined ? {} : { 'aws:CalledVia': [`${via}.amazonaws.com`] };
  for (const key of Object.keys(context)) {
    const value = valueIn(context, key);
    if (key.startsWith(ENCRYPTION_CONTEXT) && value !== undefined) step[`kms:EncryptionContext:${spelled(key.slice(ENCRYPTION_CONTEXT.length))}`] = value;
    else if (!isBroughtAbout(key, value, context, account, via)) throw new NotPerformable(`no request of the lab's clients brings about this ${key}`);
  }
  for (const key of ['aws:SecureTransport', 'kms:ViaService', 'lambda:FunctionArn', 'iam:PassedToService']) {
    const value = valueIn(context, key.toLowerCase());
    if (value !== undefined) step[key] = value;
  }
  return step;
}

/** The service that makes the request for its caller, by its prefix. */
function viaOf(context: ContextInput, { region }: Account): string | undefined {
  const called = ['aws:calledvia', 'aws:calledviafirst', 'aws:calledvialast'].flatMap((key) => valueIn(context, key) ?? []);
  // KMS is told the host of the service, see viaService of Call in lab/.
  const host = valueIn(context, 'kms:viaservice');
  const services = new Set([...called, ...(host === undefined ? [] : [host.replace(`.${region}.amazonaws.com`, '.amazonaws.com')])]);
  if (services.size > 1) throw new NotPerformable('a request that passes through several services cannot be sent');
  return [...services][0]?.replace(/\.amazonaws\.com$/, '');
}

/** Whether a request has this value of a key: because of who makes it, of how it is sent, or of what it is about. */
function isBroughtAbout(key: string, value: string | undefined, context: ContextInput, account: Account, via: string | undefined): boolean {
  switch (key) {
    case 'aws:multifactorauthpresent':
    case 'aws:principalarn':
    case 'lambda:sourcefunctionarn':
      // Of the actor, see witness-actors.ts.
      return true;
    case 'aws:securetransport':
    case 'lambda:functionarn':
    case 'iam:passedtoservice':
      return value !== undefined;
    case 'kms:viaservice':
      return value === undefined ? via === undefined : value === `${via}.${account.region}.amazonaws.com`;
    case 'aws:calledvia':
    case 'aws:calledviafirst':
    case 'aws:calledvialast':
      return value === undefined ? via === undefined : value === `${via}.amazonaws.com`;
    case 'aws:viaawsservice':
    case 'kms:grantisforawsresource':
      return value === String(via !== undefined);
    case 'aws:resourceaccount':
      return value === account.accountId;
    case 'aws:requestedregion':
      return value === account.region;
    case 'kms:encryptioncontextkeys':
      return Object.hasOwn(context, `${ENCRYPTION_CONTEXT}${value?.toLowerCase()}`);
    default:
      return false;
  }
}
