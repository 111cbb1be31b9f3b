/** How a request ends. */
export type Outcome = 'allowed' | 'implicitly denied' | 'explicitly denied' | 'undetermined';

/** The kinds of policy that take part, named as AWS names them in its denial messages. */
export type PolicyType = 'identity-based' | 'resource-based' | 'permissions boundary' | 'session' | 'service control' | 'role trust';

/** A statement that decided a request. */
export interface DecidingStatement {
  readonly type: PolicyType | 'grant' | 'root user';
  readonly policy: string;
  /** Sid, or the place in the document. */
  readonly statement: string;
}

/** The answer to one request. */
export interface Decision {
  readonly outcome: Outcome;
  /** What allowed or denied it; on `undetermined`, the statements whose effect is not known. */
  readonly statements: readonly DecidingStatement[];
  /** On an implicit denial: the type of policy in which an Allow was missing. */
  readonly missing?: PolicyType;
}

/**
 * A denial in AWS's words.
 * Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
 */
export function denialMessage(decision: Decision, principalArn: string, action: string, resource: string): string {
  const subject = `User: ${principalArn} is not authorized to perform: ${action} on resource: ${resource}`;
  const type = decision.statements[0]?.type;
  if (decision.outcome === 'explicitly denied') return `${subject} with an explicit deny in ${article(String(type))} ${type} policy`;
  if (decision.outcome === 'undetermined') return `${subject} because ${type ?? 'a'} policy cannot be decided`;
  return `${subject} because no ${decision.missing} policy allows the ${action} action`;
}

const article = (word: string) => (/^[aeiou]/.test(word) ? 'an' : 'a');
