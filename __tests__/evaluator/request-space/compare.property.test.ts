import fc from 'fast-check';
import { decideCase } from '../../../evaluator/cases';
import { type AccessRequest, accountOf, compilePolicy, evaluate, type Policy, type PolicyDocument, PolicyError } from '../../../evaluator/index';
import { type Comparison, comparePolicies } from '../../../evaluator/request-space/compare';
import { type DocumentKind, environmentsOf, policySet } from '../../../evaluator/request-space/environment';
import { casesOf } from '../../../evaluator/request-space/witness';
import { policyPair, request } from './arbitraries';

/** Pairs of all kinds together. The suite takes the same ones each time; REQUEST_SPACE_PAIRS=10000 takes others. */
const PAIRS = Number(process.env.REQUEST_SPACE_PAIRS ?? 1000);
const SEED = process.env.REQUEST_SPACE_PAIRS === undefined ? { seed: 20261125 } : {};
const REQUESTS = 25;
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

/** The sides that allow the request where the other does not, in some environment. */
function differingSides(asked: AccessRequest, policies: readonly [Policy, Policy], kind: DocumentKind): readonly number[] {
  const account = asked.context.get('aws:resourceaccount')?.[0] ?? accountOf(asked.resource);
  return environmentsOf(kind, asked.principal, asked.action, account).flatMap((environment) => {
    const [one, two] = policies.map((policy) => evaluate(asked, policySet(kind, policy, environment)).outcome);
    if (one === 'undetermined' || two === 'undetermined' || (one === 'allowed') === (two === 'allowed')) return [];
    return [one === 'allowed' ? 0 : 1];
  });
}

/** Whether a comparison tells of what a side allows more with an action. */
function tells({ groups, undetermined }: Comparison, documents: Documents, side: number, { action }: AccessRequest): boolean {
  // Of the services that no statement names, one action stands for all.
  const services = documents.flatMap(({ Statement }) => [Statement].flat().flatMap(({ Action, NotAction }) => [Action ?? NotAction ?? []].flat()));
  const isNamed = (name: string) => services.some((pattern) => pattern.startsWith(`${name.split(':')[0]}:`));
  const isTold = (name: string) => (isNamed(action) ? name === action : !isNamed(name));
  return undetermined.length > 0 || groups.some((group) => group.side === side && group.actions.some(isTold));
}

describe.each(KINDS)('a comparison of two policies, kind %s', (kind) => {
  it('tells of every request on which they differ, and its witnesses differ as it says', () => {
    let compared = 0;
    let differing = 0;
    let undetermined = 0;
    fc.assert(
      fc.property(
        policyPair(kind).filter((documents) => isValid(documents, kind)),
        fc.array(request(kind), { minLength: REQUESTS, maxLength: REQUESTS }),
        (documents, requests) => {
          const comparison = comparePolicies(documents[0], documents[1], { kind });
          compared += 1;
          undetermined += Number(comparison.undetermined.length > 0);
          const policies = [compilePolicy('first', documents[0], kind), compilePolicy('second', documents[1], kind)] as const;
          for (const asked of requests) {
            for (const side of differingSides(asked, policies, kind)) {
              differing += 1;
              if (!tells(comparison, documents, side, asked)) throw new Error(`not told: side ${side}, ${describeRequest(asked)}`);
            }
          }
          for (const { witness, outcomes, side } of comparison.groups) {
            expect([outcomes[side], outcomes[1 - side] === 'allowed']).toEqual(['allowed', false]);
            const cases = casesOf(witness, kind, documents, outcomes, 'witness');
            expect(cases.map((accessCase) => decideCase(accessCase).outcome)).toEqual(outcomes);
          }
        },
      ),
      { numRuns: Math.ceil(PAIRS / KINDS.length), ...SEED },
    );
    // The requests do hit the patterns.
    expect({ compared, differs: differing > compared / 2, undetermined: undetermined < compared / 2 }).toEqual({ compared, differs: true, undetermined: true });
  });
});

function describeRequest({ principal, action, resource, context }: AccessRequest): string {
  return JSON.stringify({ principal: principal.arn, action, resource, context: Object.fromEntries(context) });
}
