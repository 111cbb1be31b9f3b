import { type Deployment, type PolicySource, policiesOf, policySourceId, withPolicies } from '../graph/deployment';
import { decideCell } from '../matrix/matrix';
import { type OperationModel, shortName } from '../matrix/operation';
import { operationsOf } from '../matrix/operations';
import { type Actor, ALLOW_ALL, actorsOf } from '../matrix/principals';
import { allowAllDocument, type EscalationStep, escalationStepsOf } from './steps';

/** How somebody can come to read data in clear: the shortest chain of permitted steps. */
export interface EscalationPath {
  readonly who: string;
  /** The table or queue, by its name. */
  readonly reads: string;
  /** Empty for those who read by themselves. */
  readonly steps: readonly string[];
}

/** What somebody has made of its permissions so far. */
interface Reached {
  /** Actors of the matrix as whom it can act. */
  readonly identities: ReadonlySet<string>;
  /** Those of them that have every permission of IAM. */
  readonly raised: ReadonlySet<string>;
  /** Places of policies that allow everything. */
  readonly opened: ReadonlySet<string>;
  readonly steps: readonly string[];
}

const MAX_STEPS = 4;

/**
 * Finds who can become able to read, by steps that the policies permit. A changed policy is taken to allow everything to
 * everybody, so no way is missed; what cannot be decided counts as permitted.
 */
export function escalationPaths(deployment: Deployment): EscalationPath[] {
  const world = new EscalationState(deployment);
  const steps = escalationStepsOf(deployment);
  return [...world.actors].flatMap((who) =>
    dataOf(deployment).flatMap(({ reads, operation }) => {
      const found = shortest(world, steps, who, operation);
      return found ? [{ who, reads, steps: found }] : [];
    }),
  );
}

/** What is read, and the operation by which. */
function dataOf(deployment: Deployment): { reads: string; operation: string }[] {
  const short = (name: string) => shortName(deployment, name);
  const letters = new Set(deployment.queues.map(({ deadLetterArn }) => deadLetterArn));
  return [
    ...deployment.tables.map(({ name }) => ({ reads: short(name), operation: `${short(name)}: scan` })),
    ...deployment.queues.map(({ name, arn }) => ({ reads: short(name), operation: `${short(name)}: receive${letters.has(arn) ? ' dead letters' : ''}` })),
  ];
}

/** Decides operations for actors that may be raised, in a deployment of which some policies may be opened. */
class EscalationState {
  private readonly known = new Map<string, Actor>();
  private readonly policies: ReadonlyMap<string, PolicySource>;
  private readonly states = new Map<string, ReadonlyMap<string, OperationModel>>();
  private readonly decided = new Map<string, boolean>();

  constructor(private readonly deployment: Deployment) {
    for (const actor of actorsOf(deployment)) this.known.set(actor.name, actor);
    this.policies = new Map(policiesOf(deployment).map((policy) => [policySourceId(policy), policy]));
  }

  get actors(): Iterable<string> {
    return this.known.keys();
  }

  /** Whether one of the identities reached can do something. */
  can({ identities, raised, opened }: Reached, operation: string, as: Iterable<string> = identities): boolean {
    return [...as].some((name) => this.decide(name, raised.has(name), opened, operation));
  }

  private decide(name: string, raised: boolean, opened: ReadonlySet<string>, operationName: string): boolean {
    const state = [...opened].sort().join('\n');
    const slot = `${state}\n${name}\n${raised}\n${operationName}`;
    let result = this.decided.get(slot);
    if (result === undefined) {
      const actor = this.known.get(name);
      const operation = this.operations(state, opened).get(operationName);
      const strong = actor && raised ? { ...actor, identity: [...actor.identity, ALLOW_ALL] } : actor;
      result = strong !== undefined && operation !== undefined && decideCell(strong, operation).outcome !== 'denied';
      this.decided.set(slot, result);
    }
    return result;
  }

  private operations(state: string, opened: ReadonlySet<string>): ReadonlyMap<string, OperationModel> {
    let known = this.states.get(state);
    if (!known) {
      const texts = new Map(
        [...opened].flatMap((place) => [this.policies.get(place) ?? []].flat().map((policy): [string, string] => [place, allowAllDocument(policy)])),
      );
      known = new Map(operationsOf(withPolicies(this.deployment, texts)).map((operation) => [operation.name, operation]));
      this.states.set(state, known);
    }
    return known;
  }
}

/** Breadth first over what can be reached; powers only grow, so the first hit is the shortest chain. */
function shortest(world: EscalationState, steps: readonly EscalationStep[], who: string, operation: string): readonly string[] | undefined {
  let level: Reached[] = [{ identities: new Set([who]), raised: new Set(), opened: new Set(), steps: [] }];
  const seen = new Set<string>();
  for (let depth = 0; depth <= MAX_STEPS; depth++) {
    const hit = level.find((reached) => world.can(reached, operation));
    if (hit) return hit.steps;
    level = level.flatMap((reached) =>
      steps.flatMap((step): Reached[] => {
        const next = taken(world, reached, step);
        if (!next) return [];
        const slot = [next.identities, next.raised, next.opened].map((set) => [...set].sort().join()).join(' / ');
        if (seen.has(slot)) return [];
        seen.add(slot);
        return [next];
      }),
    );
  }
  return undefined;
}

/** What is reached by a step; nothing when it is not permitted, or brings nothing new. */
function taken(world: EscalationState, reached: Reached, step: EscalationStep): Reached | undefined {
  const { identities, raised, opened } = reached;
  const who = [...identities].filter((name) => !(step.notByRoot && name === 'the root user') && (step.from === undefined || step.from === name));
  const becomes = step.assumes !== undefined && !identities.has(step.assumes) ? [step.assumes] : [];
  const raises = (step.escalates ?? []).filter((name) => identities.has(name) && !raised.has(name));
  const opens = (step.exposes ?? []).map(policySourceId).filter((place) => !opened.has(place));
  if (becomes.length + raises.length + opens.length === 0) return undefined;
  if (![step.operation, ...(step.and ?? [])].every((operation) => world.can(reached, operation, who))) return undefined;
  return {
    identities: new Set([...identities, ...becomes]),
    raised: new Set([...raised, ...raises]),
    opened: new Set([...opened, ...opens]),
    steps: [...reached.steps, step.label],
  };
}
