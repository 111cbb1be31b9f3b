import type { Command, MultiProgram, Program } from './command-line';
import { isExpected } from './expected-errors';
import { commandHelp, programHelp } from './help';
import { flushOutput, ignoreClosedPipes, type Output, processOutput } from './output';
import { asksForHelp, CommandLineError } from './parse-values';
import { projectVersion } from './project';
import { suggestion } from './suggestion';
import { UserError } from './user-error';

const HELP = ['--help', '-h', 'help'];

/** How a failed command ends. */
interface Failure {
  readonly message: string;
  readonly exitCode: number;
}

/**
 * Runs a program to its exit code and ends the process. An error that a user can put right is printed as its message;
 * anything else is a fault, printed with its stack. All programs of this project end here.
 *
 * @param args what follows the program's name
 */
export function runProgram(program: Program, args: readonly string[] = process.argv.slice(2)): void {
  ignoreClosedPipes();
  call(program, args, processOutput).then(exit, exitWithFault);
}

async function call(program: Program, args: readonly string[], output: Output): Promise<number> {
  let command: Command | undefined;
  try {
    if (args[0] === '--version') {
      output.print(projectVersion());
      return 0;
    }
    if ('commands' in program && (args[0] === undefined || HELP.includes(args[0]))) return printHelp(program, args, output);
    command = 'command' in program ? program.command : commandNamed(program, args[0]);
    const commandArgs = 'command' in program ? args : args.slice(1);
    if (!asksForHelp(commandArgs)) return await command.run(commandArgs, output);
    output.print('command' in program ? programHelp(program) : commandHelp(program, command.declaration));
    return 0;
  } catch (error) {
    const { message, exitCode } = describeFailure(error, helpCall(program, command));
    output.log(message);
    return command?.declaration.errorExitCode ?? exitCode;
  }
}

/** Prints the help of a program, or of the command that is named behind `help`. A call without a command is a wrong one. */
function printHelp(program: MultiProgram, [asked, name]: readonly string[], output: Output): number {
  output.print(asked === 'help' && name !== undefined ? commandHelp(program, commandNamed(program, name).declaration) : programHelp(program));
  return asked === undefined ? 2 : 0;
}

/** @throws CommandLineError naming a command that does not exist */
function commandNamed({ commands }: MultiProgram, name = ''): Command {
  const chosen = commands.find(({ declaration }) => declaration.name === name);
  if (chosen) return chosen;
  if (name.startsWith('-')) throw new CommandLineError(`There is no option ${name}.${suggestion(name, ['--help', '--version'])}`);
  const known = commands.map(({ declaration }) => declaration.name);
  throw new CommandLineError(`There is no command ${name}.${suggestion(name, known)}`);
}

function helpCall({ usage }: Program, command: Command | undefined): string {
  return [usage, command?.declaration.name, '--help'].filter(Boolean).join(' ');
}

/** Maps an error to what is printed and to the exit code, for all programs. */
function describeFailure(error: unknown, help: string): Failure {
  if (error instanceof CommandLineError) return { message: `${error.message}\nSee: ${help}`, exitCode: error.exitCode };
  if (isExpected(error)) return { message: error.message, exitCode: error instanceof UserError ? error.exitCode : 1 };
  return { message: error instanceof Error ? (error.stack ?? error.message) : String(error), exitCode: 1 };
}

/** Open connections and child processes must not keep a finished command alive, so it does not wait for the event loop. */
async function exit(code: number): Promise<void> {
  await flushOutput();
  process.exit(code);
}

async function exitWithFault(error: unknown): Promise<void> {
  processOutput.log(describeFailure(error, '').message);
  await exit(1);
}
