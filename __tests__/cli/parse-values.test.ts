import { type CommandDeclaration, defineCommand } from '../../cli/shared/command-line';
import type { Output } from '../../cli/shared/output';
import { CommandLineError, parseValues } from '../../cli/shared/parse-values';

const SILENT: Output = { print: () => undefined, log: () => undefined };

const DECLARATION = {
  name: 'paint',
  summary: 'paint files',
  options: {
    colour: { type: 'string', choices: ['red', 'green'], default: 'red', description: 'colour' },
    layers: { type: 'integer', minimum: 1, maximum: 9, description: 'layers' },
    from: { type: 'string', placeholder: 'FILE', multiple: true, description: 'sources' },
    wet: { type: 'boolean', description: 'not dried' },
  },
  arguments: {
    first: { type: 'string', placeholder: 'FIRST', required: true, description: 'the first file' },
    others: { type: 'string', placeholder: 'OTHER', multiple: true, description: 'more files' },
  },
  examples: [],
  exitCodes: {},
} as const satisfies CommandDeclaration;

const EXEC = {
  ...DECLARATION,
  options: { as: { type: 'string', default: 'bootstrap', description: 'identity' } },
  arguments: { command: { type: 'string', placeholder: 'COMMAND', required: true, multiple: true, afterHyphens: true, description: 'a command' } },
} as const satisfies CommandDeclaration;

describe('the values of a call', () => {
  it('are of their declared types, with the defaults of what is not given', () => {
    expect(parseValues(DECLARATION, ['a'])).toEqual({ colour: 'red', layers: undefined, from: [], wet: false, first: 'a', others: [] });
    expect(parseValues(DECLARATION, ['a', '--layers', '3', '--from=x', '--wet', 'b', '--from', 'y', '--colour=green', '--', '-c'])).toEqual({
      colour: 'green',
      layers: 3,
      from: ['x', 'y'],
      wet: true,
      first: 'a',
      others: ['b', '-c'],
    });
  });

  it('leave what follows two hyphens to the command that is run', () => {
    expect(parseValues(EXEC, ['--as', 'user', '--', 'aws', '--as', '--', 'x'])).toEqual({ as: 'user', command: ['aws', '--as', '--', 'x'] });
    expect(() => parseValues(EXEC, ['aws'])).toThrow('COMMAND is missing: a command');
    expect(() => parseValues(EXEC, ['x', '--', 'aws'])).toThrow('Unexpected argument x');
  });

  it.each([
    ['an unknown option, with the nearest known', ['a', '--fromm', 'x'], 'There is no option --fromm. Did you mean --from?'],
    ['an exchange of two letters', ['a', '--clour=red'], 'There is no option --clour. Did you mean --colour?'],
    ['an unknown option without a near one', ['a', '--nonsense'], /^There is no option --nonsense\.$/],
    ['an option of an object’s prototype', ['a', '--constructor'], 'There is no option --constructor'],
    ['an unknown short option', ['a', '-w'], 'There is no option -w'],
    ['an option without its value', ['a', '--from'], '--from takes a value: FILE'],
    ['an option that would take the next one as its value', ['a', '--from', '--wet'], '--from takes a value. If that begins with a hyphen, write --from=--wet'],
    ['a value for an option that takes none', ['a', '--wet=yes'], '--wet takes no value'],
    ['an option given twice', ['a', '--colour', 'red', '--colour', 'green'], '--colour can be given once only'],
    ['a value that is not allowed', ['a', '--colour', 'gren'], '--colour cannot be gren. Did you mean green? Allowed: red, green'],
    ['a number below its limit', ['a', '--layers', '0'], '--layers takes an integer from 1 to 9, not 0'],
    ['a number above its limit', ['a', '--layers', '10'], '--layers takes an integer from 1 to 9, not 10'],
    ['a number that is none', ['a', '--layers', '1e0'], '--layers takes an integer from 1 to 9, not 1e0'],
    ['an empty number', ['a', '--layers='], '--layers takes an integer from 1 to 9, not '],
    ['a missing argument', [], 'FIRST is missing: the first file'],
  ])('refuse %s', (_what, args, message) => {
    expect(() => parseValues(DECLARATION, args)).toThrow(message);
    expect(() => parseValues(DECLARATION, args)).toThrow(CommandLineError);
  });

  it('reach the command with their types', async () => {
    const command = defineCommand(DECLARATION, async ({ layers = 1, colour, others }) => {
      const known: 'red' | 'green' = colour;
      return layers + others.length + known.length;
    });
    expect(await command.run(['a', 'b', '--layers', '4', '--colour', 'green'], SILENT)).toBe(4 + 1 + 5);
  });
});
