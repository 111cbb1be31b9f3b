import type {
  CreateFunctionRequest,
  FunctionConfiguration,
  GetFunctionResponse,
  UpdateFunctionCodeRequest,
  UpdateFunctionConfigurationRequest,
} from '@aws-sdk/client-lambda';
import { notModelled, ServiceError } from '../errors';
import { type Operation, operationsOf, unmodelledOf } from '../operation';
import { describeFunction, type LambdaFunction } from './function';
import { functionSettings, refuseUnsupported } from './function-settings';
import type { Lambda } from './lambda';
import { checkPackage } from './package';

const operation = operationsOf('lambda', ['FunctionName', 'Resource']);

interface FunctionNamed {
  FunctionName: string | undefined;
}

/** Operations on functions themselves. */
export function functionOperations(lambda: Lambda) {
  return {
    ...createOperation(lambda),
    ...readOperations(lambda),
    ...updateOperations(lambda),
    ...concurrencyOperations(lambda),
    DeleteFunction: onFunction(lambda)<FunctionNamed, object>('DeleteFunction', 'write', ({ name }) => {
      lambda.functions.delete(name);
      lambda.runtime.drain(name);
      return {};
    }),
    AddPermission: unmodelledOf('lambda', ['FunctionName', 'Resource'])<FunctionNamed>('AddPermission', (input) => lambda.target(input.FunctionName)),
  };
}

/** Makes operations on a function that exists. */
function onFunction(lambda: Lambda) {
  return <I extends FunctionNamed, O>(
    name: string,
    event: 'read' | 'write',
    run: (lambdaFunction: LambdaFunction, input: I) => O | Promise<O>,
  ): Operation<I, O> =>
    operation<I, O>(name, {
      event,
      target: (input) => lambda.target(input.FunctionName),
      run: (input) => run(lambda.find(input.FunctionName), input),
    });
}

function createOperation(lambda: Lambda) {
  const { account } = lambda;
  return {
    CreateFunction: operation<CreateFunctionRequest, FunctionConfiguration>('CreateFunction', {
      event: 'write',
      target: (input) => lambda.target(input.FunctionName),
      run: (input, call) => {
        refuseUnsupported(input);
        const name = String(input.FunctionName);
        if (lambda.functions.has(name)) throw new ServiceError('ResourceConflictException', `Function already exist: ${name}`, 409);
        lambda.passRole(String(input.Role), name, call);
        const created: LambdaFunction = {
          name,
          arn: lambda.arn(name),
          config: functionSettings(name, input),
          zip: checkZip(input.Code),
          lastModified: account.clock.date(),
          tags: { ...input.Tags },
        };
        lambda.functions.set(name, created);
        return describeFunction(created);
      },
    }),
  };
}

function readOperations(lambda: Lambda) {
  const read = onFunction(lambda);
  return {
    GetFunction: read<FunctionNamed, GetFunctionResponse>('GetFunction', 'read', (lambdaFunction) => ({
      Configuration: describeFunction(lambdaFunction),
      Code: { RepositoryType: 'S3' },
      Tags: { ...lambdaFunction.tags },
      ...(lambdaFunction.reservedConcurrency === undefined ? {} : { Concurrency: { ReservedConcurrentExecutions: lambdaFunction.reservedConcurrency } }),
    })),
    GetFunctionConfiguration: read<FunctionNamed, FunctionConfiguration>('GetFunctionConfiguration', 'read', describeFunction),
    GetFunctionCodeSigningConfig: read<FunctionNamed, { FunctionName: string }>('GetFunctionCodeSigningConfig', 'read', ({ name }) => ({
      FunctionName: name,
    })),
    ListVersionsByFunction: read<FunctionNamed, { Versions: FunctionConfiguration[] }>('ListVersionsByFunction', 'read', (lambdaFunction) => ({
      Versions: [describeFunction(lambdaFunction)],
    })),
  };
}

function updateOperations(lambda: Lambda) {
  const { account } = lambda;
  return {
    UpdateFunctionConfiguration: operation<UpdateFunctionConfigurationRequest, FunctionConfiguration>('UpdateFunctionConfiguration', {
      event: 'write',
      target: (input) => lambda.target(input.FunctionName),
      run: (input, call) => {
        refuseUnsupported(input);
        const lambdaFunction = lambda.find(input.FunctionName);
        if (input.Role !== undefined) lambda.passRole(input.Role, lambdaFunction.name, call);
        lambdaFunction.config = functionSettings(lambdaFunction.name, input, lambdaFunction.config);
        lambdaFunction.lastModified = account.clock.date();
        return describeFunction(lambdaFunction);
      },
    }),
    UpdateFunctionCode: onFunction(lambda)<UpdateFunctionCodeRequest, FunctionConfiguration>('UpdateFunctionCode', 'write', (lambdaFunction, input) => {
      lambdaFunction.zip = checkZip(input);
      if (input.Architectures) lambdaFunction.config = { ...lambdaFunction.config, architectures: input.Architectures };
      lambdaFunction.lastModified = account.clock.date();
      return describeFunction(lambdaFunction);
    }),
  };
}

function concurrencyOperations(lambda: Lambda) {
  const write = onFunction(lambda);
  return {
    PutFunctionConcurrency: write<FunctionNamed & { ReservedConcurrentExecutions: number }, object>(
      'PutFunctionConcurrency',
      'write',
      (lambdaFunction, input) => {
        lambdaFunction.reservedConcurrency = input.ReservedConcurrentExecutions;
        return { ReservedConcurrentExecutions: lambdaFunction.reservedConcurrency };
      },
    ),
    DeleteFunctionConcurrency: write<FunctionNamed, object>('DeleteFunctionConcurrency', 'write', (lambdaFunction) => {
      delete lambdaFunction.reservedConcurrency;
      return {};
    }),
  };
}

function checkZip(code: { ZipFile?: Uint8Array; S3Bucket?: string; ImageUri?: string } | undefined): Buffer {
  if (!code?.ZipFile) throw notModelled('function code that is not an uploaded zip file');
  checkPackage(code.ZipFile);
  return Buffer.from(code.ZipFile);
}
