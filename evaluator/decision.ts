/** How a request ends. */
export type Outcome = 'allowed' | 'implicitly denied' | 'explicitly denied' | 'undetermined';

/** The kinds of policy that take part, named as AWS names them in its denial messages. */
export type PolicyType = 'identity-based' | 'resource-based' | 'permissions boundary' | 'session' | 'service control' | 'role trust';

/** A statement that decided a request. */
export interface DecidingStatement {
  /** The type of its policy; a grant, and the root user's own right, count like a statement. */
  readonly type: PolicyType | 'grant' | 'root user';
  /** Name of the policy; of a grant, the ARN of its key. */
  readonly policy: string;
  /** Sid, or the path in the document. */
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
 *
 * @param decision one whose outcome is not `allowed`
 * @example
 * denialMessage({ outcome: 'implicitly denied', statements: [], missing: 'identity-based' }, 'arn:aws:iam::111122223333:user/ann', 'sqs:SendMessage', '*');
 * // User: arn:… is not authorized to perform: sqs:SendMessage on resource: * because no identity-based policy allows the sqs:SendMessage action
 */
export function denialMessage(decision: Decision, principalArn: string, action: string, resource: string): string {
  const subject = `User: ${principalArn} is not authorized to perform: ${action} on resource: ${resource}`;
  const type = titled(decision.statements[0]?.type ?? decision.missing ?? 'identity-based');
  if (decision.outcome === 'explicitly denied') return `${subject} with an explicit deny in ${article(type)} ${type}`;
  if (decision.outcome === 'undetermined') return `${subject} because ${article(type)} ${type} cannot be decided`;
  return `${subject} because no ${type} allows the ${action} action`;
}

const article = (word: string) => (/^[aeiou]/.test(word) ? 'an' : 'a');
/** AWS speaks of policies of a type, but of a permissions boundary. */
const titled = (type: DecidingStatement['type']) => (type === 'permissions boundary' ? type : `${type} policy`);
