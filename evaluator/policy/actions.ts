import type { Fail } from '../errors';
import { compilePattern } from '../pattern';
import { type StatementDocument, stringsOf } from './document';

/** Compiles Action or NotAction. @throws PolicyError unless exactly one of them is there, and holds patterns of actions */
export function compileActions(statement: StatementDocument, fail: Fail): (action: string) => boolean {
  if ((statement.Action === undefined) === (statement.NotAction === undefined)) throw fail('Action', 'exactly one of Action and NotAction is needed');
  const member = statement.Action === undefined ? 'NotAction' : 'Action';
  const matchers = stringsOf(statement[member], member, fail).map((pattern) => {
    if (pattern !== '*' && !/^[a-z0-9-]+:[A-Za-z0-9*?]+$/i.test(pattern)) throw fail(member, `${JSON.stringify(pattern)} is not an action`);
    return compilePattern(pattern, { wildcards: true, ignoreCase: true, variables: false, fail: (reason) => fail(member, reason) });
  });
  const results = new Map<string, boolean>();
  const wanted = member === 'Action';
  return (action) => {
    let result = results.get(action);
    if (result === undefined) {
      result = matchers.some((matcher) => matcher(action, NO_CONTEXT) === true) === wanted;
      results.set(action, result);
    }
    return result;
  };
}

const NO_CONTEXT = new Map<string, readonly string[]>();
