import type { ArgumentDeclaration, CommandDeclaration, Program, ValueDeclaration } from './command-line';

const INDENT = '  ';
const WIDTH = 100;

type Row = readonly [name: string, text: string];

/** The help of a whole program: its commands, or all of the only one. */
export function programHelp(program: Program): string {
  const version: Row = ['--version', 'print the version of the project'];
  if ('command' in program) return commandHelp(program, { ...program.command.declaration, summary: program.summary.replace(/\.$/, '') }, [version]);
  const rows = program.commands.map(({ declaration }): Row => [`${declaration.name} ${argumentsOf(declaration)}`.trim(), declaration.summary]);
  const sections = [
    program.summary,
    `Usage: ${program.usage} COMMAND`,
    table('Commands', rows),
    table('Options', [['--help', 'print this; after a command, the help of that command'], version]),
    program.details,
  ];
  return sections.filter(Boolean).join('\n\n');
}

/** The help of one command. */
export function commandHelp(program: Program, declaration: CommandDeclaration, more: readonly Row[] = []): string {
  const { name, summary, details, options, arguments: args, examples, exitCodes } = declaration;
  const given = Object.entries(options);
  const usage = [program.usage, name, given.length > 0 ? '[OPTIONS]' : '', argumentsOf(declaration)].filter(Boolean).join(' ');
  const sections = [
    `${summary.charAt(0).toUpperCase()}${summary.slice(1)}.`,
    `Usage: ${usage}`,
    ...(details ? [details] : []),
    table(
      'Arguments',
      Object.values(args).map((argument): Row => [argument.placeholder, described(argument)]),
    ),
    table('Options', [...given.map(([option, value]): Row => [optionName(option, value), described(value)]), ['--help', 'print this'], ...more]),
    table('Exit codes', Object.entries(exitCodes)),
    examples.length > 0 ? `Examples:\n${examples.map((example) => INDENT + example).join('\n')}` : '',
  ];
  return sections.filter(Boolean).join('\n\n');
}

function optionName(name: string, { type, placeholder, choices }: ValueDeclaration): string {
  if (type === 'boolean') return `--${name}`;
  return `--${name} ${placeholder ?? choices?.join('|') ?? type.toUpperCase()}`;
}

function argumentsOf({ arguments: args }: CommandDeclaration): string {
  return Object.values(args).map(argumentName).join(' ');
}

function argumentName({ placeholder, required, multiple, afterHyphens }: ArgumentDeclaration): string {
  const name = `${afterHyphens ? '-- ' : ''}${placeholder}${multiple ? '...' : ''}`;
  return required ? name : `[${name}]`;
}

function described({ description, choices, placeholder, default: byDefault, multiple }: ValueDeclaration): string {
  const notes = [
    ...(choices && placeholder ? [`one of ${choices.join(', ')}`] : []),
    ...(byDefault === undefined ? [] : [`default ${byDefault}`]),
    ...(multiple ? ['more than one can be given'] : []),
  ];
  return `${description}${notes.length > 0 ? ` (${notes.join('; ')})` : ''}`;
}

function table(title: string, rows: readonly Row[]): string {
  if (rows.length === 0) return '';
  const column = Math.max(...rows.map(([name]) => name.length)) + 2;
  const lines = rows.flatMap(([name, text]) =>
    wrapped(text, Math.max(40, WIDTH - column)).map((line, index) => `${INDENT}${(index === 0 ? name : '').padEnd(column)}${line}`),
  );
  return [`${title}:`, ...lines].join('\n');
}

function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + word.length < width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}
