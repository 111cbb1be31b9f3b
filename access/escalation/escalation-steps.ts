import type { Deployment } from '../graph/deployment';
import type { EscalationStep } from './escalation-step';
import { federationSteps } from './federation-steps';
import { functionSteps } from './function-steps';
import { roleSteps, userSteps } from './identity-steps';
import { keySteps } from './key-steps';
import { serviceSteps } from './service-steps';
import { logSteps, queueSteps, tableSteps } from './store-steps';

/**
 * Every way in which a permission leads to others, or to a copy of the data. What no step follows is named by
 * `notFollowed`.
 */
export const escalationStepsOf = (deployment: Deployment): EscalationStep[] =>
  [roleSteps, userSteps, keySteps, functionSteps, queueSteps, tableSteps, logSteps, serviceSteps, federationSteps].flatMap((stepsOf) => stepsOf(deployment));
