import { notModelled } from '../errors';

/** Refuses request members that the lab does not model. */
export function refuseMembers(operation: string, input: object, members: readonly string[]): void {
  const unsupported = members.find((member) => (input as Record<string, unknown>)[member] !== undefined);
  if (unsupported) throw notModelled(`${operation} with ${unsupported}`);
}
