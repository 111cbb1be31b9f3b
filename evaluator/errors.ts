/**
 * A policy, or a part of one, that cannot be decided about. Never swallowed: an unreadable policy is an error that names
 * the policy, the statement and the place, not a statement that silently matches nothing.
 */
export class PolicyError extends Error {
  /**
   * @param policy name under which the reader knows the policy
   * @param place JSON place inside the policy, e.g. `Statement[2].Condition.StringEqual`
   * @param reason what is wrong there
   * @param sid the statement's id, when it has one
   */
  constructor(
    readonly policy: string,
    readonly place: string,
    readonly reason: string,
    readonly sid?: string,
  ) {
    super(`${policy}${sid ? `, statement ${sid}` : ''}: ${place}: ${reason}`);
    this.name = 'PolicyError';
  }
}
