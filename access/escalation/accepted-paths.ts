import { z } from 'zod';
import { actorLabel, dataLabel, isActorId, isDataId, isStepId, stepLabel } from '../matrix/id-labels';
import type { ActorId, DataId, StepId } from '../matrix/ids';
import type { EscalationPath } from './escalation-paths';

/** A path that is known, and why it is accepted. */
export interface AcceptedPath extends EscalationPath {
  readonly reason: string;
}

const ACCEPTED_PATHS = z.array(
  z.strictObject({
    actor: z.custom<ActorId>((id) => typeof id === 'string' && isActorId(id), 'not the id of an actor'),
    reads: z.custom<DataId>((id) => typeof id === 'string' && isDataId(id), 'not the id of a table or queue'),
    steps: z.array(z.custom<StepId>((id) => typeof id === 'string' && isStepId(id), 'not the id of a step')),
    reason: z.string().trim().min(1),
  }),
);

/**
 * Reads accepted paths from parsed JSON.
 *
 * @throws z.ZodError when they have another form, an id that is none, or no reason
 */
export const parseAcceptedPaths = (json: unknown): readonly AcceptedPath[] => ACCEPTED_PATHS.parse(json);

/** How computed paths differ from accepted ones. */
export interface PathComparison {
  readonly accepted: readonly AcceptedPath[];
  /** Computed, but not accepted. */
  readonly unexpected: readonly EscalationPath[];
  /** Accepted, but not there any more. */
  readonly stale: readonly AcceptedPath[];
}

/**
 * Compares computed paths with accepted ones. The first deployer is there only until another principal deploys
 * the keys.
 */
export function comparePaths(paths: readonly EscalationPath[], accepted: readonly AcceptedPath[]): PathComparison {
  return {
    accepted: paths.flatMap((path) => accepted.find((known) => isSamePath(known, path)) ?? []),
    unexpected: paths.filter((path) => !accepted.some((known) => isSamePath(known, path))),
    stale: accepted.filter((known) => known.actor !== 'first-deployer' && !paths.some((path) => isSamePath(known, path))),
  };
}

const isSamePath = (a: EscalationPath, b: EscalationPath) => a.actor === b.actor && a.reads === b.reads && a.steps.join() === b.steps.join();

/** A path as people read it: `AdminRole reads Person: change the trust of DBAccessRole and assume it`. */
export const pathLabel = ({ actor, reads, steps }: EscalationPath): string =>
  `${actorLabel(actor)} reads ${dataLabel(reads)}${steps.length > 0 ? `: ${steps.map(stepLabel).join(', then ')}` : ''}`;
