import { defineCommand } from '../shared/command-line';
import { REQUESTS } from './control-requests';
import { AS_OPTION } from './exec';
import { ask } from './running-lab';

const EXIT_CODES = { 0: 'done', 1: 'no lab runs, or it refused', 2: 'called wrongly' };

/** `npm run lab -- credentials` */
export const credentialsCommand = defineCommand(
  {
    name: 'credentials',
    summary: "print credentials in the form of the AWS CLI's credential_process",
    options: { as: AS_OPTION },
    arguments: {},
    examples: ['npm run --silent lab -- credentials --as DBAccessRole'],
    exitCodes: EXIT_CODES,
  },
  async ({ as }, { print }) => {
    const { accessKeyId, secretAccessKey, sessionToken } = await ask(REQUESTS.credentials, { as });
    // https://docs.aws.amazon.com/cli/v1/userguide/cli-configure-sourcing-external.html
    print(JSON.stringify({ Version: 1, AccessKeyId: accessKeyId, SecretAccessKey: secretAccessKey, SessionToken: sessionToken }));
    return 0;
  },
);

/** `npm run lab -- advance` */
export const advanceCommand = defineCommand(
  {
    name: 'advance',
    summary: "move the account's clock ahead",
    options: {},
    arguments: { seconds: { type: 'integer', placeholder: 'SECONDS', description: 'by how many seconds', required: true } },
    examples: ['npm run lab -- advance 300'],
    exitCodes: EXIT_CODES,
  },
  async ({ seconds }, { print }) => {
    const { now } = await ask(REQUESTS.advance, { seconds });
    print(`It is now ${now} in the lab.`);
    return 0;
  },
);

/** `npm run lab -- status` */
export const statusCommand = defineCommand(
  {
    name: 'status',
    summary: 'print where the lab listens, what time it is there, and the latest faults',
    options: {},
    arguments: {},
    examples: ['npm run lab -- status'],
    exitCodes: EXIT_CODES,
  },
  async (_values, { print }) => {
    const { now, endpointUrl, plainEndpointUrl, accountId, faults } = await ask(REQUESTS.status, {});
    print(`Endpoint ${endpointUrl} (without TLS: ${plainEndpointUrl}), account ${accountId}, account time ${now}`);
    print(faults.total === 0 ? 'No faults' : `Faults: ${faults.total}`);
    for (const { time, where, message } of faults.latest) print(`  ${time} ${where}: ${message}`);
    return 0;
  },
);

/** `npm run lab -- down` */
export const downCommand = defineCommand(
  {
    name: 'down',
    summary: 'stop the running lab',
    options: {},
    arguments: {},
    examples: ['npm run lab -- down'],
    exitCodes: EXIT_CODES,
  },
  async (_values, { print }) => {
    await ask(REQUESTS.stop, {});
    print('The lab was asked to stop.');
    return 0;
  },
);
