import type { OperationStep } from '../../access/matrix/operation';
import type { Witness } from '../../evaluator/request-space/witness';
import { KEYS } from '../../stacks/names';
import { isServiceName } from '../clients';
import { cryptography } from './cryptography';
import { NotPerformable } from './not-performable';
import { OPERATION_RUNNERS, type OperationRunner, passToEc2, passToLambda } from './operation-runners';
import { hasRequest, sendRequest } from './single-request';
import type { TestBed } from './test-bed';
import { stepContext } from './witness-context';

/**
 * What makes the request of a witness with the clients of an actor.
 *
 * @throws NotPerformable when no client can make it
 */
export function requestOf({ action, resource, context }: Witness, testBed: TestBed): OperationRunner {
  const step: OperationStep = { action, resource, context: stepContext(context, testBed.lab.account) };
  if (action === 'iam:PassRole') return passRole(step);
  const useKey = cryptography(step);
  if (useKey) {
    if (step.context?.['aws:SecureTransport'] === 'false') throw new NotPerformable('requests that use a key are sent over TLS');
    return useKey;
  }
  if (Object.keys(step.context ?? {}).some((key) => key.startsWith('kms:EncryptionContext:'))) {
    throw new NotPerformable(`a request for ${action} has no encryption context`);
  }
  return aliasOfKey(step, testBed) ?? single(step, testBed);
}

function single(step: OperationStep, { lab }: TestBed): OperationRunner {
  const { action, context } = step;
  if (!isServiceName(action.split(':')[0] ?? '')) throw new NotPerformable(`the lab has no service for ${action}`);
  if (!hasRequest(action)) throw new NotPerformable(`proof/verify/requests.json has no request for ${action}`);
  const functionArn = context?.['lambda:FunctionArn'];
  const mappings = [...lab.account.lambda.pollers.values()].map(({ mapping }) => mapping.functionArn);
  if (functionArn !== undefined && !mappings.some((arn) => arn === functionArn))
    throw new NotPerformable('the lab has no event source mapping of that function');
  return (clients, testBed) => sendRequest(step, clients, testBed);
}

/** An alias takes a permission on itself and one on its key: the key is asked about with the alias that it has. */
function aliasOfKey({ action, resource }: OperationStep, { lab, names }: TestBed): OperationRunner | undefined {
  const key = KEYS.find((name) => lab.account.kms.find(names.keyAlias(name)).arn === resource);
  return /^kms:\w+Alias$/.test(action) && key ? OPERATION_RUNNERS.get(`permission/key/${key}/${action}`) : undefined;
}

function passRole({ resource, context }: OperationStep): OperationRunner {
  const service = context?.['iam:PassedToService'];
  if (service === 'lambda.amazonaws.com') return passToLambda(() => resource);
  if (service === 'ec2.amazonaws.com') return passToEc2;
  throw new NotPerformable('no client passes a role to another service than Lambda and EC2');
}
