import { defineCommand } from '../shared/command-line';
import { requireTerraform } from '../shared/requirements';
import { writeProfiles } from './profiles';
import { serveLab } from './serve';

/** `npm run lab -- up` */
export const upCommand = defineCommand(
  {
    name: 'up',
    summary: 'start a lab with an empty account; it runs until Ctrl-C or `down`',
    options: {
      port: { type: 'integer', placeholder: 'PORT', minimum: 0, maximum: 65_535, default: 4599, description: 'port of its endpoint, 0 for any free one' },
    },
    arguments: {},
    examples: ['npm run lab -- up', 'npm run lab -- up --port 0'],
    exitCodes: { 0: 'it was stopped', 1: 'it could not start', 2: 'called wrongly' },
  },
  async ({ port }, { print }) => {
    await requireTerraform();
    const { lab, stopped, stop } = await serveLab(port);
    const config = writeProfiles(lab.endpoint.url, lab.account.region);
    print(`The lab runs: account ${lab.account.accountId}, region ${lab.account.region}, endpoint ${lab.endpoint.url}
Deploy to it from another terminal:   npm run lab -- exec -- cdktf deploy identity keys dataplane
AWS CLI profiles for every identity:  export AWS_CONFIG_FILE=${config}
Stop it with Ctrl-C, or:              npm run lab -- down`);
    await stopped;
    await stop();
    print('The lab has stopped.');
    return 0;
  },
);
