import { ProjectError } from '../../evaluator';

/** How a {@link UserError} ends the program, and what led to it. */
export interface UserErrorOptions extends ErrorOptions {
  /** 1 by default; 2 when the program was called wrongly. */
  readonly exitCode?: number;
}

/**
 * Something that the user can put right: printed as one message, without a stack trace.
 *
 * @example throw new UserError(`${file} is not JSON`, { exitCode: 2, cause: error });
 */
export class UserError extends ProjectError {
  readonly exitCode: number;

  constructor(message: string, { exitCode = 1, cause }: UserErrorOptions = {}) {
    super(message, cause === undefined ? undefined : { cause });
    this.exitCode = exitCode;
  }
}
