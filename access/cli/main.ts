import { evaluateCases } from './evaluate';
import { Failure } from './failure';

const HELP = `Who may do what, from the policies' own JSON.

Usage: npm run access -- COMMAND

  evaluate CASES.json...   decide cases and compare with what they expect (docs/access-cases.md); exit 1 if any differs

Exit code 2 when it was called wrongly.
`;

const print = (line: string) => void process.stdout.write(`${line}\n`);

type Command = (words: readonly string[]) => number | Promise<number>;
const COMMANDS: Readonly<Record<string, Command>> = {
  evaluate: (words) => evaluateCases(words, print),
};

async function main([name, ...words]: readonly string[]): Promise<number> {
  if (name === undefined || ['--help', '-h', 'help'].includes(name) || words.includes('--help')) {
    process.stdout.write(HELP);
    return name === undefined ? 2 : 0;
  }
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (!command) throw new Failure(`There is no command ${name}. See: npm run access -- --help`, 2);
  return command(words);
}

main(process.argv.slice(2)).then(
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Failure ? error.message : ((error as Error).stack ?? String(error))}\n`);
    process.exit(error instanceof Failure ? error.exitCode : 1);
  },
);
