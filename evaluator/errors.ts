/**
 * The base of the errors that a user of the project can bring about and is expected to mend: a wrong policy, file or
 * call. A program tells such an error by its message alone; every other error is a fault of the project and is told with
 * its stack trace. `name` is the name of the class, `cause` the error that led to this one.
 */
export abstract class ProjectError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}

/**
 * A policy, or a part of one, that cannot be decided about. Never swallowed: an unreadable policy is an error that names
 * the policy, the statement and the path, not a statement that silently matches nothing.
 */
export class PolicyError extends ProjectError {
  /**
   * @param policy name under which the reader knows the policy
   * @param path path in the document, e.g. `Statement[2].Condition.StringEqual`
   * @param reason what is wrong there
   * @param sid the statement's id, when it has one
   */
  constructor(
    readonly policy: string,
    readonly path: string,
    readonly reason: string,
    readonly sid?: string,
    options?: ErrorOptions,
  ) {
    super(`${policy}${sid ? `, statement ${sid}` : ''}: ${path}: ${reason}`, options);
  }
}

/** Makes the error for a path in the policy or statement that is being read. */
export type Fail = (path: string, reason: string, options?: ErrorOptions) => PolicyError;
