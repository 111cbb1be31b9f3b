import type { Principal } from '../index';
import type { ActionClass } from './action-classes';
import { shapeOf } from './arn-shapes';
import { regionsOf } from './condition-regions';
import { isOfPrincipal, presenceOf } from './key-table';
import type { KnownKeys } from './known-keys';
import { type PatternPiece, variableKeys } from './pattern-pieces';
import type { StatementReading } from './statement-reading';
import { automatonOf, type TextAutomaton, tokensOf } from './text-automaton';
import { canMeet } from './text-classes';
import { variableValues } from './variable-values';

/** Values of the keys that stand as policy variables, `null` for absent. */
export type Assignment = ReadonlyMap<string, string | null>;

/**
 * The policy variables of a comparison: which values of their keys are to be asked about.
 * Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
 */
export class PolicyVariables {
  /** The values by key. */
  readonly values: ReadonlyMap<string, readonly string[]>;
  /** Why there may be values that none of these stands for, one sentence each. */
  readonly incomplete: readonly string[];

  private readonly used = new Map<string, readonly string[]>();

  /** @param templates ARN templates of the resources that count */
  constructor(statements: readonly StatementReading[], templates: readonly string[]) {
    const keys = [...new Set(statements.flatMap(({ variables }) => variables))];
    const perKey = keys.map((key) => [key, variableValues(statements, key, templates)] as const);
    const own = new Map(perKey.map(([key, { values }]) => [key, values]));
    const links = keys.flatMap((key) => linksOf(statements, key).map((other) => [key, other] as const));
    // What is told apart of a key that is compared with a variable is told apart of the variable, too.
    this.values = new Map(
      keys.map((key) => [key, [...new Set([key, ...links.flatMap(([from, to]) => (to === key ? [from] : []))].flatMap((linked) => own.get(linked) ?? []))]]),
    );
    const chained = links.filter(([, other]) => !isOfPrincipal(other)).map(([key, other]) => `${key} is compared with another policy variable, \${${other}}`);
    this.incomplete = [...perKey.flatMap(([, { incomplete }]) => incomplete ?? []), ...chained];
  }

  /** Every assignment to the variables that matter for a class of actions that a request of the principal can have. */
  assignments(principal: Principal, { statements, template }: ActionClass, known: KnownKeys): readonly Assignment[] {
    let all: readonly Assignment[] = [new Map()];
    const keys = new Set(statements.flatMap(({ variables }) => variables));
    if (keys.size === 0) return all;
    const used = new Set(statements.flatMap((statement) => this.usedVariables(statement, template)));
    const compared = new Set(statements.flatMap(({ tests }) => tests.map(({ key }) => key)));
    for (const key of [...keys].sort((a, b) => Number(isOfPrincipal(b)) - Number(isOfPrincipal(a)))) {
      const own = known(key, principal);
      // A value that matters only where it is compared is chosen there.
      if (own === undefined && !used.has(key) && compared.has(key)) continue;
      const choices = (assignment: Assignment): readonly (string | null)[] => {
        if (own !== undefined) return [own];
        const values = [...new Set([...(this.values.get(key) ?? []), ...linkedValues(statements, key, assignment)])];
        const free = withAbsence(values, presenceOf(key, principal));
        return used.has(key) ? free : free.slice(0, 1);
      };
      all = all.flatMap((assignment) => choices(assignment).map((value) => new Map([...assignment, [key, value]])));
    }
    return all;
  }

  /** The variables of a statement, without those of patterns that match no resource of the template. */
  private usedVariables(statement: StatementReading, template: string | undefined): readonly string[] {
    if (statement.variables.length === 0) return [];
    const id = `${statement.uid} ${template}`;
    let used = this.used.get(id);
    if (used === undefined) {
      const shape = template === undefined || template === '*' ? undefined : shapeOf(template);
      const resources = statement.resources.filter((pieces) => shape === undefined || canMeet(anyText(pieces), shape));
      used = [...resources, ...statement.tests.flatMap(({ pieces }) => pieces)].flatMap(variableKeys);
      this.used.set(id, used);
    }
    return used;
  }
}

/** The other variables with which a variable is compared. */
function linksOf(statements: readonly StatementReading[], key: string): readonly string[] {
  const tests = statements.flatMap((statement) => statement.tests.filter((test) => test.key === key));
  return [...new Set(tests.flatMap(({ pieces }) => pieces.flatMap(variableKeys)))].filter((other) => other !== key);
}

/** Values of a variable that is compared with others, whose values are known. */
function linkedValues(statements: readonly StatementReading[], key: string, known: Assignment): readonly string[] {
  if (linksOf(statements, key).length === 0) return [];
  const tests = statements.flatMap((statement) => statement.tests.filter((test) => test.key === key && (test.family === 'text' || test.family === 'arn')));
  return regionsOf(key, tests, (other) => known.get(other) ?? undefined).values;
}

/** The pattern with any text in the place of its variables. */
function anyText(pieces: readonly PatternPiece[]): TextAutomaton {
  return automatonOf(tokensOf(pieces.map((piece) => ('key' in piece ? { wildcard: '*' } : piece))));
}

function withAbsence(values: readonly string[], presence: ReturnType<typeof presenceOf>): readonly (string | null)[] {
  if (presence === 'never') return [null];
  return presence === 'always' ? values : [null, ...values];
}
