import { ProjectError } from '../../evaluator/errors';

/** Terraform's JSON does not describe a deployment that can be decided about. */
export class DeploymentError extends ProjectError {}
