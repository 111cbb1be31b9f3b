import type { CreateFunctionUrlConfigResponse, FunctionUrlConfig } from '@aws-sdk/client-lambda';
import { ServiceError } from '../errors';
import { type Operation, operationsOf } from '../operation';
import type { LambdaFunction } from './function';
import { describeUrl, type FunctionUrl, functionUrl, refuseQualifier, type UrlRequest } from './function-url';
import type { Lambda } from './lambda';

const operation = operationsOf('lambda', ['FunctionName', 'Resource']);

/** Operations on the URLs of functions. What a URL would let in is not served: nothing listens at it. */
export function urlOperations(lambda: Lambda) {
  const { account } = lambda;
  const onUrl = <O>(name: string, event: 'read' | 'write', run: (lambdaFunction: LambdaFunction, input: UrlRequest) => O): Operation<UrlRequest, O> =>
    operation<UrlRequest, O>(name, {
      event,
      target: (input) => lambda.target(input.FunctionName),
      run: (input) => {
        refuseQualifier(input);
        return run(lambda.find(input.FunctionName), input);
      },
    });
  const set = (lambdaFunction: LambdaFunction, input: UrlRequest, before?: FunctionUrl): FunctionUrlConfig => {
    lambdaFunction.url = functionUrl(input, account.region, account.clock.date(), before);
    return describeUrl(lambdaFunction.url, lambdaFunction.arn);
  };
  return {
    CreateFunctionUrlConfig: onUrl<CreateFunctionUrlConfigResponse>('CreateFunctionUrlConfig', 'write', (lambdaFunction, input) => {
      if (lambdaFunction.url) throw new ServiceError('ResourceConflictException', `The function ${lambdaFunction.name} has a URL already`, 409);
      const { LastModifiedTime: _modified, ...created } = set(lambdaFunction, input);
      return created;
    }),
    GetFunctionUrlConfig: onUrl<FunctionUrlConfig>('GetFunctionUrlConfig', 'read', (lambdaFunction) => describeUrl(urlOf(lambdaFunction), lambdaFunction.arn)),
    UpdateFunctionUrlConfig: onUrl<FunctionUrlConfig>('UpdateFunctionUrlConfig', 'write', (lambdaFunction, input) =>
      set(lambdaFunction, input, urlOf(lambdaFunction)),
    ),
    DeleteFunctionUrlConfig: onUrl<object>('DeleteFunctionUrlConfig', 'write', (lambdaFunction) => {
      urlOf(lambdaFunction);
      delete lambdaFunction.url;
      return {};
    }),
    ListFunctionUrlConfigs: onUrl<{ FunctionUrlConfigs: FunctionUrlConfig[] }>('ListFunctionUrlConfigs', 'read', ({ url, arn }) => ({
      FunctionUrlConfigs: url ? [describeUrl(url, arn)] : [],
    })),
  };
}

function urlOf({ name, url }: LambdaFunction): FunctionUrl {
  if (!url) throw new ServiceError('ResourceNotFoundException', `The function ${name} has no URL`, 404);
  return url;
}
