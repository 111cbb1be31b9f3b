import { SettingsError } from '../../stacks/settings';
import { UserError } from './user-error';

/** Runs a command to its exit code. A user's mistake is told in one message; anything else is a fault, with its stack. */
export function runCommand(command: () => Promise<number>): void {
  command().then(
    (code) => process.exit(code),
    (error: unknown) => {
      const expected = error instanceof UserError || error instanceof SettingsError;
      process.stderr.write(`${expected ? error.message : ((error as Error).stack ?? String(error))}\n`);
      process.exit(error instanceof UserError ? error.exitCode : 1);
    },
  );
}
