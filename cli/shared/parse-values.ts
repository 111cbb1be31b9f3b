import { parseArgs } from 'node:util';
import type { CommandDeclaration, ValueDeclaration } from './command-line';
import { suggestion } from './suggestion';
import { UserError } from './user-error';

/** A program was called wrongly: an unknown command or option, a value missing or not allowed. Its exit code is 2. */
export class CommandLineError extends UserError {
  constructor(message: string) {
    super(message, { exitCode: 2 });
  }
}

type SingleValue = string | number | boolean;
type ParsedValue = SingleValue | readonly SingleValue[] | undefined;

/**
 * The values of a call, each of its declared type.
 *
 * @param args what follows the command's name
 * @throws CommandLineError naming what is unknown, missing, given twice or not allowed
 */
export function parseValues(declaration: CommandDeclaration, args: readonly string[]): Readonly<Record<string, ParsedValue>> {
  const { before, behind } = splitAtHyphens(declaration, args);
  // Not strict: its messages know nothing of near names, and it takes an option that is given twice.
  const { tokens } = parseArgs({ args: [...before], strict: false, allowPositionals: true, tokens: true, options: parserOptions(declaration) });
  const options = new Map<string, SingleValue[]>();
  const positionals: string[] = [];
  for (const token of tokens) {
    if (token.kind === 'positional') positionals.push(token.value);
    if (token.kind !== 'option') continue;
    const option = optionNamed(declaration, token.rawName, token.name);
    if (option.type !== 'boolean' && !token.inlineValue && token.value?.startsWith('-')) {
      throw new CommandLineError(`${token.rawName} takes a value. If that begins with a hyphen, write ${token.rawName}=${token.value}`);
    }
    options.set(token.name, [...(options.get(token.name) ?? []), optionValue(token.rawName, option, token.value)]);
  }
  return {
    ...Object.fromEntries(Object.entries(declaration.options).map(([name, option]) => [name, collect(`--${name}`, option, options.get(name) ?? [])])),
    ...argumentValues(declaration, positionals, behind),
  };
}

/** Whether the help of the command is asked for: only before `--`, because what follows is another program's. */
export function asksForHelp(args: readonly string[]): boolean {
  const end = args.indexOf('--');
  return (end < 0 ? args : args.slice(0, end)).some((arg) => arg === '--help' || arg === '-h');
}

/** Only a command that runs another program gives `--` a meaning of its own; elsewhere it ends the options. */
function splitAtHyphens({ arguments: known }: CommandDeclaration, args: readonly string[]) {
  const end = Object.values(known).some(({ afterHyphens }) => afterHyphens) ? args.indexOf('--') : -1;
  return end < 0 ? { before: args, behind: [] } : { before: args.slice(0, end), behind: args.slice(end + 1) };
}

function parserOptions({ options }: CommandDeclaration) {
  return Object.fromEntries(
    Object.entries(options).map(([name, { type, multiple = false }]) => [
      name,
      { type: type === 'boolean' ? ('boolean' as const) : ('string' as const), multiple },
    ]),
  );
}

function optionNamed({ options }: CommandDeclaration, rawName: string, name: string): ValueDeclaration {
  const option = Object.hasOwn(options, name) ? options[name] : undefined;
  if (option && rawName.startsWith('--')) return option;
  const known = [...Object.keys(options), 'help'].map((known) => `--${known}`);
  throw new CommandLineError(`There is no option ${rawName}.${suggestion(rawName, known)}`);
}

function optionValue(rawName: string, option: ValueDeclaration, value: string | undefined): SingleValue {
  if (option.type === 'boolean') {
    if (value !== undefined) throw new CommandLineError(`${rawName} takes no value`);
    return true;
  }
  if (value === undefined) throw new CommandLineError(`${rawName} takes a value: ${option.placeholder ?? option.choices?.join(', ') ?? option.type}`);
  return typedValue(rawName, option, value);
}

function typedValue(name: string, { type, choices, minimum = 0, maximum = Number.MAX_SAFE_INTEGER }: ValueDeclaration, text: string): SingleValue {
  if (choices && !choices.includes(text)) {
    throw new CommandLineError(`${name} cannot be ${text}.${suggestion(text, choices)} Allowed: ${choices.join(', ')}`);
  }
  if (type !== 'integer') return text;
  const number = Number(text);
  if (/^-?\d+$/.test(text) && number >= minimum && number <= maximum) return number;
  const limit = maximum === Number.MAX_SAFE_INTEGER ? `of at least ${minimum}` : `from ${minimum} to ${maximum}`;
  throw new CommandLineError(`${name} takes an integer ${limit}, not ${text}`);
}

function argumentValues({ arguments: known }: CommandDeclaration, positionals: readonly string[], behind: readonly string[]) {
  const rest = [...positionals];
  const values: Record<string, ParsedValue> = {};
  for (const [name, argument] of Object.entries(known)) {
    const texts = argument.afterHyphens ? behind : rest.splice(0, argument.multiple ? rest.length : 1);
    if (argument.required && texts.length === 0) throw new CommandLineError(`${argument.placeholder} is missing: ${argument.description}`);
    values[name] = collect(
      argument.placeholder,
      argument,
      texts.map((text) => typedValue(argument.placeholder, argument, text)),
    );
  }
  const [unexpected] = rest;
  if (unexpected !== undefined) throw new CommandLineError(`Unexpected argument ${unexpected}`);
  return values;
}

function collect(name: string, { type, multiple, default: byDefault }: ValueDeclaration, given: readonly SingleValue[]): ParsedValue {
  if (multiple) return given;
  if (given.length > 1) throw new CommandLineError(`${name} can be given once only`);
  return given[0] ?? byDefault ?? (type === 'boolean' ? false : undefined);
}
