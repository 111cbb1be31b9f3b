import { type Decision, denialMessage, type Outcome } from './decision';
import { type Fail, PolicyError } from './errors';
import { evaluate } from './evaluate';
import type { Grant } from './grants';
import { type CompileOptions, compilePolicy, type Policy, type PolicyKind } from './policy/compile';
import type { PolicyDocument } from './policy/document';
import { parsePrincipal } from './principal';
import { type AccessRequest, accessRequest, type ContextInput } from './request';
import { actionMistake } from './service-data/check';

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
  /** Whether policies that AWS accepts, but that look mistaken, are `invalid`; see {@link decideCase}. */
  readonly strict?: boolean;
  readonly expected: CaseOutcome;
}

/** How a case can end: as a request does, or with policies or a request that are not valid. */
export type CaseOutcome = Outcome | 'invalid';

/** What came out of one case. */
export interface CaseResult {
  readonly outcome: CaseOutcome;
  /** The statements that decided, each with its policy; on a denial AWS's message; on `invalid` what is wrong, and where. */
  readonly reason: string;
  /** What AWS accepts in the policies although it looks mistaken, each with its policy and path. */
  readonly warnings: readonly string[];
}

/**
 * Decides one case. What is wrong in its policies or its request is the outcome `invalid`, not an error. Policies that AWS
 * accepts, but that look mistaken, are evaluated as AWS does and told as warnings.
 *
 * @param options.strict makes such policies `invalid`; a case that says `strict` itself decides
 * @example
 * decideCase({
 *   name: 'nobody has allowed it',
 *   request: { principal: 'arn:aws:iam::111122223333:user/ann', action: 'sqs:ListQueues', resource: '*' },
 *   policies: { identity: [] },
 *   expected: 'implicitly denied',
 * }).outcome; // 'implicitly denied'
 */
export function decideCase(accessCase: AccessCase, options: CompileOptions = {}): CaseResult {
  const { request, policies, strict = options.strict ?? false } = accessCase;
  const warnings: string[] = [];
  const compile: Compile = (name, document, kind) => {
    const policy = compilePolicy(name, document, kind, { strict });
    warnings.push(...policy.warnings.map(({ path, reason }) => `${name}: ${path}: ${reason}`));
    return policy;
  };
  try {
    const decision = evaluateCase(request, policies, compile);
    return { outcome: decision.outcome, reason: explain(decision, request), warnings };
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error;
    return { outcome: 'invalid', reason: error.message, warnings };
  }
}

type Compile = (name: string, document: PolicyDocument, kind: PolicyKind) => Policy;

function explain(decision: Decision, { principal, action, resource }: AccessCase['request']): string {
  const by = decision.statements.map(({ policy, statement }) => `${statement} of ${policy}`).join(', ');
  if (decision.outcome === 'allowed') return `by ${by}`;
  return `${denialMessage(decision, principal, action, resource)}${by ? `: ${by}` : ''}`;
}

function evaluateCase(request: AccessCase['request'], policies: AccessCase['policies'], compile: Compile): Decision {
  const { resource, session } = policies;
  const prepared = readRequest(request);
  const all = (name: string, documents: readonly PolicyDocument[], kind: PolicyKind) =>
    documents.map((document, index) => compile(documents.length > 1 ? `${name} ${index + 1}` : name, document, kind));
  // An empty list of boundaries or organization policies is none at all; an empty list of identity policies allows nothing.
  const limit = (name: string, documents: readonly PolicyDocument[] | null | undefined) =>
    documents && documents.length > 0 ? all(name, documents, 'identity') : undefined;
  return evaluate(prepared, {
    identity: all('identity policy', policies.identity ?? [], 'identity'),
    resource: resource ? compile('resource policy', resource, resourceKind(request.action)) : undefined,
    boundary: limit('permissions boundary', policies.boundary),
    session: limit('session policy', isList(session) ? session : session && [session]),
    serviceControl: limit('service control policy', policies.serviceControl),
    grants: policies.grants,
  });
}

const isList = <T>(value: T | readonly T[]): value is readonly T[] => Array.isArray(value);

function readRequest({ principal: text, action, resource, context }: AccessCase['request']): AccessRequest {
  const fail: Fail = (path, reason) => new PolicyError('request', path, reason);
  const roleArn = Object.entries(context ?? {}).find(([key]) => key.toLowerCase() === 'aws:principalarn')?.[1];
  const principal = parsePrincipal(text, typeof roleArn === 'string' ? roleArn : undefined);
  if (!principal) throw fail('principal', `${JSON.stringify(text)} is not a principal`);
  if (!/^[a-z0-9-]+:[A-Za-z0-9]+$/i.test(action)) throw fail('action', `${JSON.stringify(action)} is not an action`);
  const mistake = actionMistake(action);
  if (mistake !== undefined) throw fail('action', mistake);
  if (resource !== '*' && !resource.startsWith('arn:')) throw fail('resource', `${JSON.stringify(resource)} is not an ARN`);
  return accessRequest(principal, action, resource, context);
}

function resourceKind(action: string): PolicyKind {
  if (/^sts:/i.test(action)) return 'trust';
  return /^kms:/i.test(action) ? 'key' : 'resource';
}
