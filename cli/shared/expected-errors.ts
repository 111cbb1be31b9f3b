import { ProjectError } from '../../evaluator';
import { SettingsError } from '../../stacks/settings';

/**
 * Whether an error tells a user what to put right, so that its message is enough. Anything else is a fault of the program.
 * The stacks import nothing of ours, so their error stands apart from the project's base class.
 */
export function isExpected(error: unknown): error is Error {
  return error instanceof ProjectError || error instanceof SettingsError;
}
