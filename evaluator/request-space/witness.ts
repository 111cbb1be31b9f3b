import type { AccessCase } from '../cases';
import { accessRequest, type ContextInput, type Outcome, type PolicyDocument, type Principal, parsePrincipal } from '../index';
import type { DocumentKind, Environment } from './environment';

/** One request that two policies decide differently, as a program or a person can repeat it. */
export interface Witness {
  readonly principal: string;
  readonly action: string;
  readonly resource: string;
  /** Condition keys; an empty list takes a key away that would otherwise be derived. */
  readonly context: ContextInput;
  /** The policies that stand with the one that is compared. */
  readonly environment: Environment;
}

/** The context of a request: what was chosen, and what does not follow from the rest. */
export function contextOf(principal: Principal, resourceAccount: string | undefined, chosen: ReadonlyMap<string, readonly string[] | null>): ContextInput {
  const context: Record<string, string | readonly string[]> = {};
  if (parsePrincipal(principal.arn)?.principalArn !== principal.principalArn) context['aws:PrincipalArn'] = principal.principalArn;
  if (resourceAccount !== undefined) context['aws:ResourceAccount'] = resourceAccount;
  for (const [key, values] of chosen) {
    if (values !== null) context[key] = values.length === 1 ? (values[0] ?? '') : values;
    else if (accessRequest(principal, '', '*', context).context.has(key) || DERIVED.includes(key)) context[key] = [];
  }
  return context;
}

/** Keys that the evaluator derives from other keys of a request. */
const DERIVED = ['kms:encryptioncontextkeys', 'aws:calledviafirst', 'aws:calledvialast'];

/**
 * A witness in the form of docs/access-cases.md, once for each policy, so that `npm run access -- evaluate` repeats it.
 *
 * @param documents the two policies
 * @param outcomes what the evaluator said of each
 */
export function casesOf(
  { principal, action, resource, context, environment }: Witness,
  kind: DocumentKind,
  documents: readonly [PolicyDocument, PolicyDocument],
  outcomes: readonly [Outcome, Outcome],
  name: string,
): readonly AccessCase[] {
  return documents.map((document, side) => ({
    name: `${name}: ${side === 0 ? 'first' : 'second'} policy`,
    request: { principal, action, resource, context },
    policies: kind === 'identity' ? { ...environment, identity: [document] } : { ...environment, resource: document },
    expected: outcomes[side] ?? 'undetermined',
  }));
}
