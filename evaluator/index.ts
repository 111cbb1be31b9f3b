/** Who may do what: IAM's decision for one request, from the policies' own JSON. */
export { accountOf, formatArn, lastSegment, parseArn } from './arn';
export { type DecidingStatement, type Decision, denialMessage, type Outcome } from './decision';
export { PolicyError } from './errors';
export { evaluate, type PolicySet } from './evaluate';
export { matchesGlob } from './glob';
export type { Grant } from './grants';
export { compilePolicy, type Policy } from './policy/compile';
export type { PolicyDocument, StatementDocument } from './policy/document';
export { type Principal, parsePrincipal } from './principal';
export { type AccessRequest, accessRequest, type ContextInput } from './request';
export { UNKNOWN } from './unknown';
