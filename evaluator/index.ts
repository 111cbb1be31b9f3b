/** Who may do what: IAM's decision for one request, from the policies' own JSON. */
export { type Arn, accountOf, formatArn, lastSegment, parseArn } from './arn';
export { type DecidingStatement, type Decision, denialMessage, type Outcome } from './decision';
export { PolicyError, ProjectError } from './errors';
export { evaluate, type PolicySet } from './evaluate';
export { matchesGlob } from './glob';
export type { Grant } from './grants';
export { type CompileOptions, compilePolicy, type Policy, type PolicyKind, type PolicyWarning } from './policy/compile';
export { many, type PolicyDocument, type StatementDocument } from './policy/document';
export { isOfAccount, type Principal, parsePrincipal } from './principal';
export { type AccessRequest, accessRequest, type ContextInput } from './request';
export { isUnknown, UNKNOWN, UNKNOWN_PRESENCE } from './unknown';
