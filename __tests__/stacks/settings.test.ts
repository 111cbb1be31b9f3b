import fc from 'fast-check';
import { environmentVariable, readSettings, SETTING_NAMES, SettingsError } from '../../stacks/settings';

const context = (values: Record<string, unknown>) => ({ tryGetContext: (key: string) => values[key] });

describe('settings', () => {
  it('come from the context, with defaults for the rest', () => {
    const settings = readSettings(context({ namePrefix: 'demo' }), {});
    expect(settings).toMatchObject({ namePrefix: 'demo', region: 'eu-west-1', requireMfa: true, deployers: [] });
  });

  it('are overridden by the environment', () => {
    const settings = readSettings(context({ region: 'eu-west-1', requireMfa: true }), {
      PIPELINE_REGION: 'eu-central-1',
      PIPELINE_REQUIRE_MFA: 'false',
      PIPELINE_DEPLOYERS: 'arn:aws:iam::111122223333:role/CI, arn:aws:iam::111122223333:user/ann',
    });
    expect(settings).toMatchObject({
      region: 'eu-central-1',
      requireMfa: false,
      deployers: ['arn:aws:iam::111122223333:role/CI', 'arn:aws:iam::111122223333:user/ann'],
    });
  });

  it.each([
    ['region', 'Dublin'],
    ['namePrefix', 'no blanks please'],
    ['requireMfa', 'perhaps'],
    ['maxSessionSeconds', '60'],
    ['deployers', 'arn:aws:iam::111122223333:root'],
    ['logRetentionDays', '2'],
    ['keyDeletionWindowDays', '3'],
  ] as const)('refuses an unusable %s by its name and its variable', (name, value) => {
    const read = () => readSettings(context({}), { [environmentVariable(name)]: value });
    expect(read).toThrow(SettingsError);
    expect(read).toThrow(`${name} (${environmentVariable(name)})`);
  });

  it('refuses a variable that is no setting', () => {
    expect(() => readSettings(context({}), { PIPELINE_REGOIN: 'eu-west-1' })).toThrow('PIPELINE_REGOIN: there is no such setting');
  });

  it('refuses a visibility timeout that is too short for the function', () => {
    expect(() => readSettings(context({ visibilityTimeoutSeconds: 30 }), {})).toThrow('must be at least 91');
  });

  it('has a distinct variable for each setting', () => {
    expect(new Set(SETTING_NAMES.map(environmentVariable)).size).toBe(SETTING_NAMES.length);
  });

  it('never accepts a prefix that could not be part of every name', () => {
    fc.assert(
      fc.property(fc.string(), (namePrefix) => {
        fc.pre(!/^[A-Za-z][A-Za-z0-9-]{0,19}$/.test(namePrefix));
        expect(() => readSettings(context({ namePrefix }), {})).toThrow(SettingsError);
      }),
    );
  });
});
