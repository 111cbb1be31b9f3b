import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { DeploymentError } from '../access/graph/resources';
import { PolicyError } from '../evaluator/errors';
import { compare } from './access/compare';
import { evaluateCases } from './access/evaluate';
import { matrix } from './access/matrix';
import { mutateCommand } from './access/mutate';
import { paths } from './access/paths';
import { plan } from './access/plan';
import { Failure } from './shared/user-error';

const HELP = `Who may do what, from the policies' own JSON.

Usage: npm run access -- COMMAND

  evaluate CASES.json...   decide cases and compare with what they expect (docs/access-cases.md); exit 1 if any differs
  compare FIRST SECOND     compare two policy documents over all requests: docs/decisions/08-request-space.md
  matrix [FILE...]         decide every principal x operation, from terraform show -json of states or plans, and compare with
                           the expected matrix; --from state|plan|FILE, --format table|markdown|json|junit|html,
                           --output FILE, --expected FILE, --accept (writes the expected matrix instead); exit 1 if a
                           cell differs
  verify                   deploy to a lab and perform the matrix there with real AWS clients; exit 1 if what is observed is
                           not what is computed
  paths [FILE...]          who can become able to read, by which shortest chain of permitted steps; exit 1 if one is not
                           listed with a reason in access/escalation/expected.json
  plan [PLAN.json...]      what applying does to access: gained and lost, by which statement; undetermined; protection lost;
                           --format text|markdown|json, --output FILE, --allow FILE (a list of accepted differences);
                           exit 0 nothing gained, 1 error, 2 access gained or protection lost, 3 undetermined
  mutate [FILE...]         remove and widen each part of every policy in turn; exit 1 if a change alters no cell of the
                           matrix and is not listed with a reason in access/mutation/exceptions.json

Without files Terraform is asked: for the states of the three stacks, or, by plan, for plans of what the source says now.
Files that do not tell of all three stacks are completed by the states of the others. In the lab, put
npm run lab -- exec -- before the command.

Exit code 2 when it was called wrongly.
`;

const print = (line: string) => void process.stdout.write(`${line}\n`);

type Command = (words: readonly string[]) => number | Promise<number>;
const COMMANDS: Readonly<Record<string, Command>> = {
  compare: (words) => compare(words, print),
  evaluate: (words) => evaluateCases(words, print),
  matrix: (words) => matrix(words, print),
  mutate: (words) => mutateCommand(words, print),
  paths: (words) => paths(words, print),
  plan: (words) => plan(words, print),
  verify: (words) => verify(words),
};

/** The lab builds on this folder, not the other way round: it is called, not imported. */
function verify(words: readonly string[]): number {
  parseArgs({ args: [...words], options: {} });
  return spawnSync(process.execPath, [...process.execArgv, path.resolve(__dirname, 'access/verify.ts')], { stdio: 'inherit' }).status ?? 1;
}

async function main([name, ...words]: readonly string[]): Promise<number> {
  if (name === undefined || ['--help', '-h', 'help'].includes(name) || words.includes('--help')) {
    process.stdout.write(HELP);
    return name === undefined ? 2 : 0;
  }
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (!command) throw new Failure(`There is no command ${name}. See: npm run access -- --help`, 2);
  return command(words);
}

const words = process.argv.slice(2);

main(words).then(
  (code) => process.exit(code),
  (error: unknown) => {
    const wrongCall = (error as NodeJS.ErrnoException).code?.startsWith('ERR_PARSE_ARGS') ?? false;
    const expected = wrongCall || error instanceof Failure || error instanceof PolicyError || error instanceof DeploymentError;
    process.stderr.write(`${expected ? (error as Error).message : ((error as Error).stack ?? String(error))}\n`);
    const code = wrongCall ? 2 : error instanceof Failure ? error.exitCode : 1;
    // To a pipeline that inspects plans, 2 and 3 say something about access: an error is always 1.
    process.exit(words[0] === 'plan' ? 1 : code);
  },
);
