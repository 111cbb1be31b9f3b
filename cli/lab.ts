import './shared/quiet';
import { parseArgs } from 'node:util';
import { exec } from './lab/exec';
import { writeProfiles } from './lab/profiles';
import { ask } from './lab/running-lab';
import { serveLab } from './lab/serve';
import { requireTerraform } from './shared/requirements';
import { runCommand } from './shared/run-command';
import { UserError } from './shared/user-error';

const HELP = `An AWS account on this machine, which real Terraform deploys to and real AWS clients call.

Usage: npm run lab -- COMMAND

  up [--port PORT]                 start a lab with an empty account; it runs until Ctrl-C (port 4599 by default)
  exec [--as WHO] -- COMMAND...    run cdktf, terraform, aws or anything else against the running lab
  credentials --as WHO             print credentials in the form of the AWS CLI's credential_process
  advance SECONDS                  move the account's clock ahead
  status                           tell where the lab listens and what time it is there
  down                             stop the running lab

WHO is bootstrap (an administrator that exists before anything is deployed; the default), user (the deployed user, signed
in with MFA), or a human role such as DBAccessRole, which the user assumes.

Examples:
  npm run lab -- exec -- cdktf deploy identity keys dataplane
  npm run lab -- exec --as DBAccessRole -- aws dynamodb scan --table-name pipeline-Person
`;

const DEFAULT_PORT = 4599;

async function up(words: readonly string[]): Promise<number> {
  const { values } = parse(words, { port: { type: 'string' } });
  const port = Number(values.port ?? DEFAULT_PORT);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new UserError(`${values.port} is not a port`, 2);
  requireTerraform();
  const served = await serveLab(port);
  const { lab } = served;
  const config = writeProfiles(lab.endpoint.url, lab.account.region);
  process.stdout.write(`The lab runs: account ${lab.account.accountId}, region ${lab.account.region}, endpoint ${lab.endpoint.url}
Deploy to it from another terminal:  npm run lab -- exec -- cdktf deploy identity keys dataplane
AWS CLI profiles for everybody:      export AWS_CONFIG_FILE=${config}
Stop it with Ctrl-C, or:             npm run lab -- down
`);
  await served.stopped;
  await served.stop();
  process.stdout.write('The lab has stopped.\n');
  return 0;
}

async function runExec(words: readonly string[]): Promise<number> {
  const end = words.indexOf('--');
  const { values } = parse(end < 0 ? words : words.slice(0, end), { as: { type: 'string' } });
  const command = end < 0 ? [] : words.slice(end + 1);
  if (command.length === 0) throw new UserError('Say which command to run, after two hyphens: npm run lab -- exec -- terraform version', 2);
  return exec(values.as ?? 'bootstrap', command);
}

async function credentials(words: readonly string[]): Promise<number> {
  const { values } = parse(words, { as: { type: 'string' } });
  const found = await ask('credentials', { as: values.as ?? 'bootstrap' });
  const answer = { Version: 1, AccessKeyId: found.accessKeyId, SecretAccessKey: found.secretAccessKey, SessionToken: found.sessionToken };
  process.stdout.write(`${JSON.stringify(answer)}\n`);
  return 0;
}

async function advance([seconds, ...rest]: readonly string[]): Promise<number> {
  if (rest.length > 0 || !/^\d+$/.test(seconds ?? '')) throw new UserError('Say by how many seconds: npm run lab -- advance 300', 2);
  const { now } = await ask('advance', { seconds: Number(seconds) });
  process.stdout.write(`It is now ${now} in the lab.\n`);
  return 0;
}

async function status(): Promise<number> {
  const { now, endpointUrl, plainEndpointUrl } = await ask('status', {});
  process.stdout.write(`Endpoint ${endpointUrl} (without TLS: ${plainEndpointUrl}), account time ${now}\n`);
  return 0;
}

async function down(): Promise<number> {
  await ask('stop', {});
  process.stdout.write('The lab is told to stop.\n');
  return 0;
}

const COMMANDS: Readonly<Record<string, (words: readonly string[]) => Promise<number>>> = { up, exec: runExec, credentials, advance, status, down };

function parse(words: readonly string[], options: Readonly<Record<string, { type: 'string' }>>): { values: Readonly<Record<string, string | undefined>> } {
  try {
    const { values } = parseArgs({ args: [...words], options });
    return { values: values as Record<string, string | undefined> };
  } catch (error) {
    throw new UserError(`${(error as Error).message}. See: npm run lab -- --help`, 2);
  }
}

async function main([name, ...words]: readonly string[]): Promise<number> {
  if (name === undefined || name === '--help' || name === '-h' || name === 'help' || words[0] === '--help') {
    process.stdout.write(HELP);
    return name === undefined ? 2 : 0;
  }
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (!command) throw new UserError(`There is no command ${name}. See: npm run lab -- --help`, 2);
  return command(words);
}

runCommand(() => main(process.argv.slice(2)));
