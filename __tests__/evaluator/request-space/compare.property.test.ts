import fc from 'fast-check';
import { decideCase } from '../../../evaluator/cases';
import {
  type AccessRequest,
  accessRequest,
  accountOf,
  compilePolicy,
  evaluate,
  type Outcome,
  type Policy,
  type PolicyDocument,
  PolicyError,
  parsePrincipal,
} from '../../../evaluator/index';
import { type Comparison, comparePolicies } from '../../../evaluator/request-space/compare';
import { type DocumentKind, environmentsOf, policySet } from '../../../evaluator/request-space/environment';
import { casesOf, type Witness } from '../../../evaluator/request-space/witness';
import { policyPair, request } from './arbitraries';

/** Pairs of all kinds together. The suite takes the same ones each time; REQUEST_SPACE_PAIRS=10000 takes others. */
const PAIRS = Number(process.env.REQUEST_SPACE_PAIRS ?? 10_000);
/** In milliseconds: busy machines take longer, and no answer depends on it. */
const TIMEOUT = 900_000;
const SEED = process.env.REQUEST_SPACE_PAIRS === undefined ? { seed: 20261125 } : {};
const REQUESTS = 25;
const NAMES = ['first policy', 'second policy'] as const;
const KINDS: readonly DocumentKind[] = ['identity', 'resource', 'key', 'trust'];

type Documents = readonly [PolicyDocument, PolicyDocument];

function isValid(documents: Documents, kind: DocumentKind): boolean {
  try {
    for (const document of documents) compilePolicy('policy', document, kind);
    return true;
  } catch (error) {
    if (error instanceof PolicyError) return false;
    throw error;
  }
}

/** A request that one policy allows and the other does not. */
interface Found {
  readonly side: number;
  readonly action: string;
  /** The statements that allow it. */
  readonly allowing: readonly string[];
}

/** How the policies differ on a request, in each environment in which they do. */
function differencesOn(asked: AccessRequest, policies: readonly [Policy, Policy], kind: DocumentKind): readonly Found[] {
  const account = asked.context.get('aws:resourceaccount')?.[0] ?? accountOf(asked.resource);
  return environmentsOf(kind, asked.principal, asked.action, account).flatMap((environment) => {
    const decisions = policies.map((policy) => evaluate(asked, policySet(kind, policy, environment)));
    const [first, second] = decisions.map(({ outcome }) => outcome);
    if (first === 'undetermined' || second === 'undetermined' || (first === 'allowed') === (second === 'allowed')) return [];
    const side = first === 'allowed' ? 0 : 1;
    const allowing = decisions[side]?.statements
      .filter(({ policy }) => NAMES.some((name) => name === policy))
      .map(({ policy, statement }) => `${statement} of the ${policy}`);
    return [{ side, action: asked.action, allowing: allowing ?? [] }];
  });
}

/** Whether a comparison tells of a difference, by each of the statements that allow it. */
function tells({ groups, undetermined }: Comparison, documents: Documents, { side, action, allowing }: Found): boolean {
  // Of the services that no statement names, one action stands for all.
  const services = documents.flatMap(({ Statement }) => [Statement].flat().flatMap(({ Action, NotAction }) => [Action ?? NotAction ?? []].flat()));
  const isNamed = (name: string) => services.some((pattern) => pattern.startsWith(`${name.split(':')[0]}:`));
  const isTold = (name: string) => (isNamed(action) ? name === action : !isNamed(name));
  const told = groups.filter((group) => group.side === side && group.actions.some(isTold));
  return undetermined.length > 0 || (told.length > 0 && allowing.every((statement) => told.some((group) => group.allowing.includes(statement))));
}

function repeatedByCases(witness: Witness, outcomes: readonly [Outcome, Outcome], documents: Documents, kind: DocumentKind): readonly string[] {
  return casesOf(witness, kind, documents, outcomes, 'witness').map((accessCase) => decideCase(accessCase).outcome);
}

function repeated({ principal, action, resource, context, environment }: Witness, policies: readonly [Policy, Policy], kind: DocumentKind): readonly string[] {
  const roleArn = context['aws:PrincipalArn'];
  const caller = parsePrincipal(principal, typeof roleArn === 'string' ? roleArn : undefined);
  if (caller === undefined) throw new Error(`${principal} is no principal`);
  const asked = accessRequest(caller, action, resource, context);
  return policies.map((policy) => evaluate(asked, policySet(kind, policy, environment)).outcome);
}

/** Compares random pairs and puts random requests and all witnesses to the evaluator. */
function check(kind: DocumentKind, pairs: fc.Arbitrary<Documents>, count: number): { readonly differing: number; readonly undetermined: number } {
  const counts = { differing: 0, undetermined: 0 };
  const property = fc.property(
    pairs.filter((documents) => isValid(documents, kind)),
    fc.array(request(kind), { minLength: REQUESTS, maxLength: REQUESTS }),
    (documents, requests) => {
      const comparison = comparePolicies(documents[0], documents[1], { kind });
      const policies = [compilePolicy(NAMES[0], documents[0], kind), compilePolicy(NAMES[1], documents[1], kind)] as const;
      counts.undetermined += Number(comparison.undetermined.length > 0);
      for (const asked of requests) {
        for (const difference of differencesOn(asked, policies, kind)) {
          counts.differing += 1;
          if (!tells(comparison, documents, difference)) throw new Error(`not told: ${JSON.stringify(difference)}, ${describeRequest(asked)}`);
        }
      }
      for (const [index, { witness, outcomes, side }] of comparison.groups.entries()) {
        if (outcomes[side] !== 'allowed' || outcomes[1 - side] === 'allowed') throw new Error(`no difference: ${JSON.stringify(witness)}`);
        // All of them through compiled policies, one also as a case that names its documents.
        const observed = index === 0 ? repeatedByCases(witness, outcomes, documents, kind) : repeated(witness, policies, kind);
        if (observed.join() !== outcomes.join()) throw new Error(`${outcomes.join()} is ${observed.join()}: ${JSON.stringify(witness)}`);
      }
    },
  );
  fc.assert(property, { numRuns: count, ...SEED });
  return counts;
}

describe.each(KINDS)('a comparison of two policies, kind %s', (kind) => {
  it(
    'tells of every request on which they differ, and its witnesses differ as it says',
    () => {
      const count = Math.ceil(PAIRS / KINDS.length);
      const { differing, undetermined } = check(kind, policyPair(kind), count);
      // The requests do hit the patterns.
      expect({ hits: differing > count / 2, undetermined }).toEqual({ hits: true, undetermined: 0 });
    },
    TIMEOUT,
  );

  it(
    'does so with policy variables',
    () => {
      const count = Math.min(20, Math.ceil(PAIRS / 100));
      const { undetermined } = check(kind, policyPair(kind, true), count);
      expect(undetermined).toBeLessThan(count);
    },
    TIMEOUT,
  );
});

function describeRequest({ principal, action, resource, context }: AccessRequest): string {
  return JSON.stringify({ principal: principal.arn, action, resource, context: Object.fromEntries(context) });
}
