import { ProjectError } from '../../evaluator';

/** An error that a service answers with, in AWS's terms. */
export class ServiceError extends ProjectError {
  /**
   * @param code the error code, e.g. `NotFoundException`
   * @param message AWS's own text where it is known
   * @param status HTTP status
   * @param queryCode the code in AWS's older query protocol, where it differs
   * @param options `cause`: the error that led to this one
   */
  constructor(
    readonly code: string,
    message: string,
    readonly status = 400,
    readonly queryCode = code,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = code;
  }
}

/** The answer to a dry run: the call is allowed, and nothing was done. The code is that of EC2's dry runs. */
export function dryRunOperation(action: string, resource: string): ServiceError {
  return new ServiceError('DryRunOperation', `Allowed, and not done: ${action} on ${resource}`, 412);
}

/** What the lab does not model is refused by name. */
export function notModelled(what: string): ServiceError {
  return new ServiceError('NotModelledByTheLab', `The lab does not model ${what}`, 501);
}
