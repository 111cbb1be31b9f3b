import type {
  CreateFunctionRequest,
  FunctionConfiguration,
  GetFunctionResponse,
  InvocationRequest,
  InvocationResponse,
  UpdateFunctionCodeRequest,
  UpdateFunctionConfigurationRequest,
} from '@aws-sdk/client-lambda';
import { notModelled, ServiceError } from '../errors';
import { type Operation, operationsOf, unmodelledOf } from '../operation';
import { describeFunction, type FunctionSettings, type LambdaFunction } from './function';
import type { Lambda } from './lambda';
import { checkPackage } from './package';

const operation = operationsOf('lambda');

interface FunctionNamed {
  FunctionName: string | undefined;
}

const UNSUPPORTED = [
  'VpcConfig',
  'DeadLetterConfig',
  'KMSKeyArn',
  'Layers',
  'FileSystemConfigs',
  'CodeSigningConfigArn',
  'ImageConfig',
  'SnapStart',
  'Publish',
  'EphemeralStorage',
  'DurableConfig',
  'CapacityProviderConfig',
  'TenancyConfig',
];

/** Operations on functions. */
export function functionOperations(lambda: Lambda) {
  const { account } = lambda;
  const target = (input: FunctionNamed) => lambda.target(input.FunctionName);
  const onFunction = <I extends FunctionNamed, O>(
    name: string,
    event: 'read' | 'write',
    run: (found: LambdaFunction, input: I) => O | Promise<O>,
  ): Operation<I, O> => operation<I, O>(name, { event, target, run: (input) => run(lambda.find(input.FunctionName), input) });
  const byArn = <I extends object, O>(
    name: string,
    event: 'read' | 'write',
    run: (tags: Record<string, string>, input: I) => O,
  ): Operation<I & { Resource: string }, O> =>
    operation<I & { Resource: string }, O>(name, {
      event,
      target: (input) => ({ resource: input.Resource }),
      run: (input) =>
        run(
          input.Resource.includes(':event-source-mapping:')
            ? (lambda.pollers.get(input.Resource.split(':').at(-1) ?? '')?.mapping.tags ?? missing(input.Resource))
            : lambda.find(input.Resource).tags,
          input,
        ),
    });
  return {
    CreateFunction: operation<CreateFunctionRequest, FunctionConfiguration>('CreateFunction', {
      event: 'write',
      target,
      run: (input, call) => {
        refuse(input);
        const name = String(input.FunctionName);
        if (lambda.functions.has(name)) throw new ServiceError('ResourceConflictException', `Function already exist: ${name}`, 409);
        lambda.passRole(String(input.Role), name, call);
        const created: LambdaFunction = {
          name,
          arn: lambda.arn(name),
          config: settings(name, input),
          zip: checkZip(input.Code),
          lastModified: account.clock.date(),
          tags: { ...input.Tags },
        };
        lambda.functions.set(name, created);
        return describeFunction(created);
      },
    }),
    GetFunction: onFunction<FunctionNamed, GetFunctionResponse>('GetFunction', 'read', (found) => ({
      Configuration: describeFunction(found),
      Code: { RepositoryType: 'S3' },
      Tags: { ...found.tags },
      ...(found.reservedConcurrency === undefined ? {} : { Concurrency: { ReservedConcurrentExecutions: found.reservedConcurrency } }),
    })),
    GetFunctionConfiguration: onFunction<FunctionNamed, FunctionConfiguration>('GetFunctionConfiguration', 'read', describeFunction),
    GetFunctionCodeSigningConfig: onFunction<FunctionNamed, { FunctionName: string }>('GetFunctionCodeSigningConfig', 'read', ({ name }) => ({
      FunctionName: name,
    })),
    ListVersionsByFunction: onFunction<FunctionNamed, { Versions: FunctionConfiguration[] }>('ListVersionsByFunction', 'read', (found) => ({
      Versions: [describeFunction(found)],
    })),
    UpdateFunctionConfiguration: operation<UpdateFunctionConfigurationRequest, FunctionConfiguration>('UpdateFunctionConfiguration', {
      event: 'write',
      target,
      run: (input, call) => {
        refuse(input);
        const found = lambda.find(input.FunctionName);
        if (input.Role !== undefined) lambda.passRole(input.Role, found.name, call);
        found.config = settings(found.name, input, found.config);
        found.lastModified = account.clock.date();
        return describeFunction(found);
      },
    }),
    UpdateFunctionCode: onFunction<UpdateFunctionCodeRequest, FunctionConfiguration>('UpdateFunctionCode', 'write', (found, input) => {
      found.zip = checkZip(input);
      if (input.Architectures) found.config = { ...found.config, architectures: input.Architectures };
      found.lastModified = account.clock.date();
      return describeFunction(found);
    }),
    DeleteFunction: onFunction<FunctionNamed, object>('DeleteFunction', 'write', (found) => {
      lambda.functions.delete(found.name);
      lambda.runtime.drain(found.name);
      return {};
    }),
    PutFunctionConcurrency: onFunction<FunctionNamed & { ReservedConcurrentExecutions: number }, object>('PutFunctionConcurrency', 'write', (found, input) => {
      found.reservedConcurrency = input.ReservedConcurrentExecutions;
      return { ReservedConcurrentExecutions: found.reservedConcurrency };
    }),
    DeleteFunctionConcurrency: onFunction<FunctionNamed, object>('DeleteFunctionConcurrency', 'write', (found) => {
      delete found.reservedConcurrency;
      return {};
    }),
    AddPermission: unmodelledOf('lambda')<FunctionNamed>('AddPermission', target),
    ListTags: byArn<object, { Tags: Record<string, string> }>('ListTags', 'read', (tags) => ({ Tags: { ...tags } })),
    TagResource: byArn<{ Tags: Record<string, string> }, object>('TagResource', 'write', (tags, input) => {
      Object.assign(tags, input.Tags);
      return {};
    }),
    UntagResource: byArn<{ TagKeys: string[] }, object>('UntagResource', 'write', (tags, input) => {
      for (const key of input.TagKeys) delete tags[key];
      return {};
    }),
    Invoke: operation<InvocationRequest, InvocationResponse>('Invoke', {
      action: 'lambda:InvokeFunction',
      event: 'data',
      target,
      run: async (input) => {
        const found = lambda.find(input.FunctionName);
        if (input.InvocationType === 'DryRun') return { StatusCode: 204 };
        const text = Buffer.from(input.Payload ?? new Uint8Array()).toString() || '{}';
        const event = parsePayload(text);
        if (input.InvocationType === 'Event') {
          lambda.asyncEvents.submit(found.name, event);
          return { StatusCode: 202 };
        }
        const outcome = await lambda.runtime.invoke(found, event);
        const failed = 'error' in outcome;
        const payload = Buffer.from(JSON.stringify(failed ? outcome.error : outcome.result));
        return {
          StatusCode: 200,
          Payload: payload as unknown as InvocationResponse['Payload'],
          ExecutedVersion: '$LATEST',
          ...(failed ? { FunctionError: 'Unhandled' } : {}),
        };
      },
    }),
  };
}

function missing(arn: string): never {
  throw new ServiceError('ResourceNotFoundException', `The resource you requested does not exist: ${arn}`, 404);
}

function parsePayload(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new ServiceError('InvalidRequestContentException', 'Could not parse request body into json');
  }
}

function refuse(input: object): void {
  const found = Object.entries(input).find(([member, value]) => UNSUPPORTED.includes(member) && value !== undefined && value !== false);
  if (found) throw notModelled(`functions with ${found[0]}`);
}

function checkZip(code: { ZipFile?: Uint8Array; S3Bucket?: string; ImageUri?: string } | undefined): Buffer {
  if (!code?.ZipFile) throw notModelled('function code that is not an uploaded zip file');
  checkPackage(code.ZipFile);
  return Buffer.from(code.ZipFile);
}

function settings(
  name: string,
  input: Omit<CreateFunctionRequest & UpdateFunctionConfigurationRequest, 'FunctionName' | 'Code' | 'Role'> & { Role?: string },
  before?: FunctionSettings,
): FunctionSettings {
  const runtime = input.Runtime ?? before?.runtime;
  if (!runtime?.startsWith('nodejs')) throw notModelled(`the runtime ${runtime}; functions run in Node.js`);
  const logging = input.LoggingConfig;
  return {
    role: input.Role ?? String(before?.role),
    handler: input.Handler ?? String(before?.handler),
    runtime,
    description: input.Description ?? before?.description ?? '',
    timeoutSeconds: input.Timeout ?? before?.timeoutSeconds ?? 3,
    memoryMb: input.MemorySize ?? before?.memoryMb ?? 128,
    architectures: (input as CreateFunctionRequest).Architectures ?? before?.architectures ?? ['x86_64'],
    environment: input.Environment?.Variables ?? before?.environment ?? {},
    tracingMode: input.TracingConfig?.Mode ?? before?.tracingMode ?? 'PassThrough',
    logging: logging
      ? {
          LogFormat: logging.LogFormat ?? 'Text',
          LogGroup: logging.LogGroup ?? `/aws/lambda/${name}`,
          ...(logging.LogFormat === 'JSON'
            ? { ApplicationLogLevel: logging.ApplicationLogLevel ?? 'INFO', SystemLogLevel: logging.SystemLogLevel ?? 'INFO' }
            : {}),
        }
      : (before?.logging ?? { LogFormat: 'Text', LogGroup: `/aws/lambda/${name}` }),
  };
}
