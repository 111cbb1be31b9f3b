import { type Decision, denialMessage, type Outcome } from './decision';
import { type Fail, PolicyError } from './errors';
import { evaluate } from './evaluate';
import type { Grant } from './grants';
import { compilePolicy, type Policy, type PolicyKind } from './policy/compile';
import type { PolicyDocument } from './policy/document';
import { parsePrincipal } from './principal';
import { accessRequest, type ContextInput } from './request';
import { checkAction } from './service-data/check';

/** One access case as people write it; docs/access-cases.md describes the form. */
export interface AccessCase {
  readonly name: string;
  /** The rule of AWS that it follows. */
  readonly rule?: string;
  readonly request: { readonly principal: string; readonly action: string; readonly resource: string; readonly context?: ContextInput };
  readonly policies: {
    readonly identity?: readonly PolicyDocument[];
    readonly resource?: PolicyDocument | null;
    readonly boundary?: readonly PolicyDocument[];
    readonly session?: PolicyDocument | readonly PolicyDocument[] | null;
    readonly serviceControl?: readonly PolicyDocument[];
    readonly grants?: readonly Grant[];
  };
  readonly expected: CaseOutcome;
}

/** How a case can end: as a request does, or with policies or a request that are not valid. */
export type CaseOutcome = Outcome | 'invalid';

/** What came out of one case. */
export interface CaseResult {
  readonly outcome: CaseOutcome;
  /** The statements that decided, each with its policy; on a denial AWS's message; on `invalid` what is wrong, and where. */
  readonly reason: string;
}

/**
 * Decides one case. What is wrong in its policies or its request is the outcome `invalid`, not an error.
 *
 * @example
 * decideCase({
 *   name: 'nobody has allowed it',
 *   request: { principal: 'arn:aws:iam::111122223333:user/ann', action: 'sqs:ListQueues', resource: '*' },
 *   policies: { identity: [] },
 *   expected: 'implicitly denied',
 * }).outcome; // 'implicitly denied'
 */
export function decideCase({ request, policies }: AccessCase): CaseResult {
  try {
    const decision = evaluateCase(request, policies);
    return { outcome: decision.outcome, reason: explain(decision, request) };
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error;
    return { outcome: 'invalid', reason: error.message };
  }
}

function explain(decision: Decision, { principal, action, resource }: AccessCase['request']): string {
  const by = decision.statements.map(({ policy, statement }) => `${statement} of ${policy}`).join(', ');
  if (decision.outcome === 'allowed') return `by ${by}`;
  return `${denialMessage(decision, principal, action, resource)}${by ? `: ${by}` : ''}`;
}

function evaluateCase(request: AccessCase['request'], policies: AccessCase['policies']): Decision {
  const fail: Fail = (path, reason) => new PolicyError('request', path, reason);
  const roleArn = Object.entries(request.context ?? {}).find(([key]) => key.toLowerCase() === 'aws:principalarn')?.[1];
  const principal = parsePrincipal(request.principal, typeof roleArn === 'string' ? roleArn : undefined);
  if (!principal) throw fail('principal', `${JSON.stringify(request.principal)} is not a principal`);
  if (!/^[a-z0-9-]+:[A-Za-z0-9]+$/i.test(request.action)) throw fail('action', `${JSON.stringify(request.action)} is not an action`);
  checkAction(request.action, 'action', fail);
  if (request.resource !== '*' && !request.resource.startsWith('arn:')) throw fail('resource', `${JSON.stringify(request.resource)} is not an ARN`);
  const compile = (name: string, documents: PolicyDocument | readonly PolicyDocument[] | null | undefined, kind: PolicyKind): Policy[] | undefined => {
    if (documents === undefined || documents === null) return undefined;
    const all = Array.isArray(documents) ? (documents as readonly PolicyDocument[]) : [documents as PolicyDocument];
    return all.map((document, index) => compilePolicy(all.length > 1 ? `${name} ${index + 1}` : name, document, kind));
  };
  // An empty list of boundaries or organization policies is none at all; an empty list of identity policies allows nothing.
  const some = (list: Policy[] | undefined) => (list && list.length > 0 ? list : undefined);
  return evaluate(accessRequest(principal, request.action, request.resource, request.context), {
    identity: compile('identity policy', policies.identity, 'identity') ?? [],
    resource: compile('resource policy', policies.resource, resourceKind(request.action))?.[0],
    boundary: some(compile('permissions boundary', policies.boundary, 'identity')),
    session: some(compile('session policy', policies.session, 'identity')),
    serviceControl: some(compile('service control policy', policies.serviceControl, 'identity')),
    grants: policies.grants,
  });
}

function resourceKind(action: string): PolicyKind {
  if (/^sts:/i.test(action)) return 'trust';
  return /^kms:/i.test(action) ? 'key' : 'resource';
}
