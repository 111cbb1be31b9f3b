import type { Output } from './output';
import { parseValues } from './parse-values';

/** What an option or an argument takes. */
export interface ValueDeclaration {
  readonly type: 'string' | 'integer' | 'boolean';
  /** One sentence without its full stop. */
  readonly description: string;
  /** What stands for the value in the help, e.g. `FILE`; the allowed values by default. */
  readonly placeholder?: string;
  /** The only values that are allowed. */
  readonly choices?: readonly string[];
  /** Limits of an integer, both included. */
  readonly minimum?: number;
  readonly maximum?: number;
  readonly default?: string | number;
  /** Can be given more than once. */
  readonly multiple?: true;
}

/** An argument: a value without an option's name, known by its position. */
export interface ArgumentDeclaration extends ValueDeclaration {
  readonly type: 'string' | 'integer';
  readonly placeholder: string;
  readonly required?: true;
  /** Stands behind `--` and takes all that follows, options of another program included. */
  readonly afterHyphens?: true;
}

/** Options by their names, without hyphens. */
export type Options = Readonly<Record<string, ValueDeclaration>>;
/** Arguments in their order; one with `multiple` takes all that are left. */
export type Arguments = Readonly<Record<string, ArgumentDeclaration>>;

type SingleValue<D extends ValueDeclaration> = D extends { type: 'boolean' }
  ? boolean
  : D extends { type: 'integer' }
    ? number
    : D extends { choices: readonly (infer Choice)[] }
      ? Choice
      : string;
type Value<D extends ValueDeclaration> = D extends { multiple: true }
  ? readonly SingleValue<D>[]
  : D extends { type: 'boolean' } | { required: true } | { default: string | number }
    ? SingleValue<D>
    : SingleValue<D> | undefined;

/** The values of a call by their declared names. A boolean that was not given is false, a multiple one is empty. */
export type Values<D extends Readonly<Record<string, ValueDeclaration>>> = { readonly [Name in keyof D]: Value<D[Name]> };

/** All that is said about a command: its parsing, its types and its help follow from it. */
export interface CommandDeclaration<O extends Options = Options, A extends Arguments = Arguments> {
  readonly name: string;
  /** One sentence without its full stop. */
  readonly summary: string;
  /** What else its help says. */
  readonly details?: string;
  readonly options: O;
  readonly arguments: A;
  /** Whole command lines. */
  readonly examples: readonly string[];
  /** What each exit code means. */
  readonly exitCodes: Readonly<Record<string, string>>;
  /**
   * The exit code of every error, a wrong call included. For commands whose other exit codes say something about access.
   */
  readonly errorExitCode?: number;
}

/** A declared command with its types hidden, so that commands of all kinds fit in one list. */
export interface Command {
  readonly declaration: CommandDeclaration;
  /**
   * Parses what follows the command's name and runs it.
   *
   * @returns the exit code
   * @throws CommandLineError when it was called wrongly
   */
  run(args: readonly string[], output: Output): Promise<number>;
}

interface ProgramDescription {
  /** How it is called: `npm run access --`. */
  readonly usage: string;
  /** One sentence, with its full stop. */
  readonly summary: string;
  /** What else its help says. */
  readonly details?: string;
}

/** A program that is nothing but one command, whose name does not count. */
export interface SingleProgram extends ProgramDescription {
  readonly command: Command;
}

/** Some commands under one name. */
export interface MultiProgram extends ProgramDescription {
  readonly commands: readonly Command[];
}

export type Program = SingleProgram | MultiProgram;

/**
 * Makes a command of its declaration and what it does. The values that it is run with have the declared types.
 *
 * @example
 * export const advanceCommand = defineCommand(
 *   { name: 'advance', summary: '…', options: {}, arguments: { seconds: { type: 'integer', required: true, … } }, … },
 *   async ({ seconds }, { print }) => { print(`${seconds} s`); return 0; },
 * );
 */
export function defineCommand<const O extends Options, const A extends Arguments>(
  declaration: CommandDeclaration<O, A>,
  run: (values: Values<O & A>, output: Output) => Promise<number>,
): Command {
  return {
    declaration,
    // A call without a value that is required, or with one of another type, does not get this far.
    run: async (args, output) => run(parseValues(declaration, args) as Values<O & A>, output),
  };
}
