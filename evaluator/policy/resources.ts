import { completeArn } from '../arn-pattern';
import type { Fail } from '../errors';
import { compilePattern, type Matcher } from '../pattern';
import { any, not } from '../ternary';
import { isUnknown } from '../unknown';
import type { PolicyKind } from './compile';
import { type StatementDocument, stringsOf } from './document';

/** Compiles Resource or NotResource. @throws PolicyError unless exactly one of them is there, and holds ARNs */
export function compileResources(statement: StatementDocument, kind: PolicyKind, variables: boolean, fail: Fail): Matcher {
  if (statement.Resource !== undefined && statement.NotResource !== undefined) throw fail('Resource', 'only one of Resource and NotResource is possible');
  const member = statement.NotResource === undefined ? 'Resource' : 'NotResource';
  if (statement[member] === undefined) {
    if (kind === 'trust') return () => true;
    throw fail(member, 'missing');
  }
  const matchers = stringsOf(statement[member], member, fail).map((text) => {
    const pattern = readResource(text, variables);
    if (pattern === undefined) throw fail(member, `${JSON.stringify(text)} is not an ARN`);
    return compilePattern(pattern, { wildcards: true, variables, fail: (reason) => fail(member, reason) });
  });
  if (member === 'Resource') return (resource, context) => any(matchers, (matcher) => matcher(resource, context));
  return (resource, context) => not(any(matchers, (matcher) => matcher(resource, context)));
}

/** What a text of a Resource element stands for; `undefined` when it is neither an ARN nor begins with a wildcard or variable. */
export function readResource(text: string, variables: boolean): string | undefined {
  if (isUnknown(text) || /^[*?$]/.test(text)) return text;
  return completeArn(text, variables);
}
