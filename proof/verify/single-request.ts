import type { Step } from '../../access/matrix/operation';
import { lastSegment } from '../../evaluator/index';
import type { Clients, ServiceName } from './clients';
import requests from './requests.json';
import type { TestBed } from './test-bed';

/** How an action is asked for: the API operation, its input, and whether it is really done (it changes nothing that matters) or only rehearsed. */
interface Request {
  readonly operation: string;
  readonly real?: boolean;
  readonly input: object;
}

type Send = (input: object) => Promise<unknown>;

function requestFor(action: string): Request {
  const request = (requests as Readonly<Record<string, Request>>)[action];
  if (!request) throw new Error(`proof/verify/requests.json does not say how to ask for ${action}`);
  return request;
}

/** Whether an action is only rehearsed. */
export const isDryRun = (action: string) => !requestFor(action).real;

/** Asks for one action on one resource, as requests.json says. What it would change there is only rehearsed. */
export function sendRequest({ action, resource, context }: Step, clients: Clients, stage: TestBed): Promise<unknown> {
  const request = requestFor(action);
  const functionArn = context?.['lambda:FunctionArn'];
  const arn =
    typeof functionArn === 'string' ? (resource.includes(':event-source-mapping:') ? stage.mappingOf(functionArn) : resource) : own(resource, clients);
  const values = valuesFor(arn, typeof functionArn === 'string' ? functionArn : undefined, stage);
  const client = clients.of(action.split(':')[0] as ServiceName, { dryRun: !request.real }) as unknown as Readonly<Record<string, Send | undefined>>;
  const method = client[request.operation.charAt(0).toLowerCase() + request.operation.slice(1)];
  if (!method) throw new Error(`The client for ${action} has no operation ${request.operation}`);
  return method.call(client, fill(request.input, values) as object);
}

/** The matrix asks about somebody's own user and MFA device; here that is whoever asks. */
function own(resource: string, { actor }: Clients): string {
  const { kind, name } = actor.caller.principal;
  return kind === 'user' ? resource.replace(/(user|mfa)\/somebody$/, `$1/${name}`) : resource;
}

/** What the placeholders in requests.json stand for. */
function valuesFor(arn: string, functionArn: string | undefined, stage: TestBed): Readonly<Record<string, string>> {
  const { lab, names } = stage;
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
    key: account.kms.find(names.keyAlias('table')).arn,
    alias: `alias/${name}`,
    logGroup: /:log-group:([^:]+)/.exec(arn)?.[1] ?? '',
    device: account.iam.arn('mfa', '/', name),
    accessKey: stage.accessKeyOf(arn),
  };
}

function fill(template: unknown, values: Readonly<Record<string, string>>): unknown {
  if (typeof template === 'string') return template.replace(/\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole);
  if (Array.isArray(template)) return template.map((one) => fill(one, values));
  if (typeof template !== 'object' || template === null) return template;
  return Object.fromEntries(Object.entries(template).map(([name, value]) => [fill(name, values), fill(value, values)]));
}
