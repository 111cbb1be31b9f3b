import { logGroupTarget } from '../../access/matrix/operation';
import type { AccessDifference } from '../../access/space/difference';
import type { Witness } from '../../evaluator/request-space/witness';
import { Clients } from '../clients';
import { observe } from '../observation';
import { NotPerformable } from './not-performable';
import type { TestBed } from './test-bed';
import type { WitnessActors } from './witness-actors';
import { requestOf } from './witness-request';

/** A witness that the account did not allow, with how the attempt ended. */
export interface RefusedWitness {
  readonly difference: AccessDifference;
  readonly ended: string;
}

/** What came of performing witnesses. */
export interface WitnessVerification {
  readonly performed: number;
  readonly refused: readonly RefusedWitness[];
  /** How many could not be performed, by the reason. */
  readonly notPerformed: ReadonlyMap<string, number>;
}

/**
 * Performs the witnesses of what a deployment allows against the lab, through real AWS clients. A witness holds when the
 * account decided about just its action on its resource, and allowed it.
 *
 * @throws Error when an attempt sent no request
 * @example
 * const actors = new WitnessActors(lab, identities, names);
 * await verifyWitnesses(compareAccess(undefined, model).differences, actors, await TestBed.prepare(lab, names));
 */
export async function verifyWitnesses(differences: readonly AccessDifference[], actors: WitnessActors, testBed: TestBed): Promise<WitnessVerification> {
  const refused: RefusedWitness[] = [];
  const notPerformed = new Map<string, number>();
  let performed = 0;
  for (const difference of differences) {
    try {
      const ended = await performWitness(difference, actors, testBed);
      performed += 1;
      if (ended !== 'allowed') refused.push({ difference, ended });
    } catch (error) {
      if (!(error instanceof NotPerformable)) throw error;
      notPerformed.set(error.message, (notPerformed.get(error.message) ?? 0) + 1);
    }
  }
  return { performed, refused, notPerformed };
}

/**
 * Performs one witness.
 *
 * @returns `allowed`, or how the attempt ended
 * @throws NotPerformable when the lab cannot perform it
 */
export async function performWitness(difference: AccessDifference, actors: WitnessActors, testBed: TestBed): Promise<string> {
  const { witness } = difference;
  const request = requestOf(witness, testBed);
  const { account } = testBed.lab;
  return actors.performAs(difference, async (actor) => {
    const { error, requestId } = await observe(account, request(new Clients(testBed.lab, actor), testBed));
    const ended = error ? `${error.name}: ${error.message}` : 'done';
    if (requestId === undefined) throw new Error(`${witness.action} was performed without a request: ${ended}`, { cause: error });
    const decisions = account.decisionsOf(requestId);
    const own = decisions.filter(({ action, resource }) => action === witness.action && isAsked(witness, resource));
    if (own.length > 0) return own.every(({ decision }) => decision.outcome === 'allowed') ? 'allowed' : ended;
    const last = decisions.at(-1);
    if (last && last.action !== witness.action && last.decision.outcome !== 'allowed')
      throw new NotPerformable(`${last.action} is asked for first, and refused`);
    if (!last && /NotFound|NonExistent|NoSuchEntity/.test(error?.name ?? '')) throw new NotPerformable('what the request is about is not in the lab');
    return `${last ? `decided about ${last.action} on ${last.resource}` : 'not decided'}: ${ended}`;
  });
}

/**
 * Whether a decision about a resource is one about that of a witness: CloudWatch Logs decides about another form of the ARN
 * of a log group, and about all log groups where a request names none.
 */
const isAsked = ({ action, resource }: Witness, decided: string): boolean =>
  resource === '*' || decided === (/:log-group:[^:]+$/.test(resource) ? logGroupTarget(action, resource) : resource);
