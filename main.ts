import { App } from 'cdktf';
import { DataplaneStack } from './stacks/dataplane-stack';
import { IdentityStack } from './stacks/identity-stack';
import { KeysStack } from './stacks/keys-stack';
import { readSettings, SettingsError } from './stacks/settings';

try {
  const app = new App();
  const settings = readSettings(app.node);
  const identity = new IdentityStack(app, settings);
  const keys = new KeysStack(app, settings, identity);
  new DataplaneStack(app, settings, identity, keys);
  app.synth();
} catch (error) {
  if (!(error instanceof SettingsError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
