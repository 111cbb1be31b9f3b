import { ProjectError } from '../../evaluator/errors';

/** A request that the lab cannot perform; its message is the reason, the same for all requests of a kind. */
export class NotPerformable extends ProjectError {}
