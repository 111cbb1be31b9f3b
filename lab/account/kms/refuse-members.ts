import { notModelled } from '../errors';

/** Refuses request members that the lab does not model. */
export function refuseMembers(operation: string, input: object, members: readonly string[]): void {
  const member = members.find((name) => (input as Record<string, unknown>)[name] !== undefined);
  if (member) throw notModelled(`${operation} with ${member}`);
}
