import { DECOY_NAME, OWN_USER } from '../../access/matrix/decoys';
import type { OperationStep } from '../../access/matrix/operation';
import { lastSegment } from '../../evaluator/index';
import { type Clients, isServiceName } from '../clients';
import requests from './requests.json';
import type { TestBed } from './test-bed';

/**
 * The request for an action: the API operation, its input, and whether it is really done (it changes nothing
 * that matters) or a dry run.
 */
interface ActionRequest {
  readonly operation: string;
  readonly real?: boolean;
  readonly input: object;
}

function requestFor(action: string): ActionRequest {
  const request = (requests as Readonly<Record<string, ActionRequest>>)[action];
  if (!request) throw new Error(`proof/verify/requests.json has no request for ${action}`);
  return request;
}

/** Whether there is a request for an action. */
export const hasRequest = (action: string): boolean => Object.hasOwn(requests, action);

/** Whether the request for an action is a dry run. */
export const isDryRun = (action: string) => !requestFor(action).real;

/**
 * Requests one action on one resource, as requests.json says. What would change the deployment is a dry run.
 *
 * @throws Error when requests.json has no request for the action, or the client no such operation
 */
export async function sendRequest({ action, resource, context }: OperationStep, clients: Clients, testBed: TestBed): Promise<unknown> {
  const request = requestFor(action);
  const functionArn = context?.['lambda:FunctionArn'];
  const arn =
    typeof functionArn === 'string'
      ? resource.includes(':event-source-mapping:')
        ? testBed.mappingOf(functionArn)
        : resource
      : ownResource(resource, clients);
  const values = valuesFor(arn, typeof functionArn === 'string' ? functionArn : undefined, testBed);
  const [service = ''] = action.split(':');
  if (!isServiceName(service)) throw new Error(`There is no client for ${action}`);
  const client = clients.of(service, { dryRun: !request.real, via: callingService(context), plain: context?.['aws:SecureTransport'] === 'false' });
  const method: unknown = Reflect.get(client, request.operation.charAt(0).toLowerCase() + request.operation.slice(1));
  if (typeof method !== 'function') throw new Error(`The client for ${action} has no operation ${request.operation}`);
  return method.call(client, fill(request.input, values));
}

/**
 * The service that makes the request for its caller, as the step's context says: it calls with credentials that the account
 * gives to services alone.
 */
function callingService(context: OperationStep['context']): string | undefined {
  const [service, ...others] = [context?.['aws:CalledVia'] ?? []].flat();
  if (others.length > 0) throw new Error(`A request that passes through ${[service, ...others].join(' and ')} cannot be sent`);
  return service?.replace(/\.amazonaws\.com$/, '');
}

/** The matrix asks about the own user and MFA device of one user; here that is the actor itself. */
function ownResource(resource: string, { actor }: Clients): string {
  const { kind, name } = actor.caller.principal;
  return kind === 'user' ? resource.replace(new RegExp(`(user|mfa)/${OWN_USER}$`), `$1/${name}`) : resource;
}

/** What the placeholders in requests.json stand for. */
function valuesFor(arn: string, functionArn: string | undefined, testBed: TestBed): Readonly<Record<string, string>> {
  const { lab, names } = testBed;
  const { account } = lab;
  const name = lastSegment(arn);
  return {
    arn,
    name,
    account: account.accountId,
    url: `${lab.endpoint.url}/${account.accountId}/${name}`,
    moveTask: Buffer.from(JSON.stringify({ taskId: 'verify', sourceArn: arn })).toString('base64'),
    function: functionArn ?? account.arn('lambda', `function:${names.function}`),
    queue: account.arn('sqs', names.queue),
    executionRole: account.iam.arn('role', '/', names.executionRole),
    ownUser: OWN_USER,
    decoyName: DECOY_NAME,
    key: account.kms.find(names.keyAlias('table')).arn,
    alias: `alias/${name}`,
    logGroup: /:log-group:([^:]+)/.exec(arn)?.[1] ?? '',
    logGroupArn: /^.*:log-group:[^:]+/.exec(arn)?.[0] ?? '',
    device: account.iam.arn('mfa', '/', name),
    accessKey: testBed.accessKeyOf(arn),
  };
}

function fill(template: unknown, values: Readonly<Record<string, string>>): unknown {
  if (typeof template === 'string') return template.replace(/\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole);
  if (Array.isArray(template)) return template.map((element) => fill(element, values));
  if (typeof template !== 'object' || template === null) return template;
  return Object.fromEntries(Object.entries(template).map(([name, value]) => [fill(name, values), fill(value, values)]));
}
