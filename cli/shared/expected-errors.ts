import { DeploymentError } from '../../access/graph/resources';
import { PolicyError } from '../../evaluator/errors';
import { UnknownIdentity } from '../../proof/identities';
import { SettingsError } from '../../stacks/settings';
import { UserError } from './user-error';

const EXPECTED = [UserError, PolicyError, DeploymentError, SettingsError, UnknownIdentity];

/**
 * Whether an error tells a user what to put right, so that its message is enough. Anything else is a fault of the program.
 * The only list of these errors.
 */
export function isExpected(error: unknown): error is Error {
  return EXPECTED.some((type) => error instanceof type);
}
