import { accessRequest, isOfAccount, type Principal, parsePrincipal } from '../index';
import { testAutomaton, testTokens, type VariableValue } from './condition-patterns';
import { isOfPrincipal } from './key-table';
import type { KeyTest, StatementReading } from './statement-reading';
import { automatonOf, type TextAutomaton, type Token } from './text-automaton';
import { textClasses } from './text-classes';

/** The principals to ask about, and those that are named and cannot be asked about. */
export interface PrincipalClasses {
  readonly principals: readonly Principal[];
  /** Why there may be more, one sentence each. */
  readonly incomplete: readonly string[];
  readonly unknown: readonly { readonly statement: StatementReading; readonly reason: string }[];
}

/** Values that policy variables bring in, by key. */
export type ExtraValues = ReadonlyMap<string, readonly string[]>;

const text = (literal: string): Token[] => [...literal].map((character) => ({ character }));
const DIGITS: Token[] = Array.from({ length: 12 }, () => ({ only: '0123456789' }));
/** A name after any path. */
const NAME: Token[] = [{ except: ':', repeats: true }, { except: ':/' }];
const ANYTHING: Token = { repeats: true };

const SHAPES = {
  user: automatonOf([...text('arn:aws:iam::'), ...DIGITS, ...text(':user/'), ...NAME]),
  role: automatonOf([...text('arn:aws:iam::'), ...DIGITS, ...text(':role/'), ...NAME]),
  root: automatonOf([...text('arn:aws:iam::'), ...DIGITS, ...text(':root')]),
  federated: automatonOf([...text('arn:aws:sts::'), ...DIGITS, ...text(':federated-user/'), { except: ':/' }, { except: ':/', repeats: true }]),
  service: automatonOf([{ except: ':/*?' }, { only: 'abcdefghijklmnopqrstuvwxyz0123456789-.', repeats: true }, ...text('.amazonaws.com')]),
} as const;

const OWN_ACCOUNT = '111122223333';

/**
 * Everybody whom the policies can tell from others: users, roles, root users, services, anonymous callers; of an identity
 * policy the users and roles that it can be attached to.
 */
export function principalClasses(statements: readonly StatementReading[], isIdentity: boolean, extra: ExtraValues): PrincipalClasses {
  const tests = statements.flatMap((statement) => statement.tests);
  const named = statements.flatMap((statement) => entriesOf(statement).map((entry) => ({ statement, ...entry })));
  const patterns = callerPatterns(
    tests,
    named.map(({ value }) => value),
    extra,
  );
  const texts: string[] = [];
  const incomplete = new Set<string>();
  const shapes = isIdentity ? (['user', 'role'] as const) : (['user', 'role', 'root', 'federated'] as const);
  for (const shape of shapes) {
    const list = [...patterns, ...(shape === 'user' ? userNamePatterns(tests, extra) : [])];
    const { classes, incomplete: reason } = textClasses(list, SHAPES[shape]);
    texts.push(...classes.map(({ text: arn }) => usualAccount(arn, list)));
    if (reason) incomplete.add(`the principals: ${reason}`);
  }
  if (!isIdentity) texts.push(...named.map(({ value }) => value).filter((value) => value !== '*'), ...serviceTexts(tests, named), '*');
  const keys = [...new Set(statements.flatMap((statement) => [...statement.tests.map(({ key }) => key), ...statement.variables]))];
  const principals = new Map<string, Principal>();
  for (const principal of texts.flatMap((principal) => parsePrincipal(principal) ?? [])) {
    const id = signature(principal, statements, keys);
    if (!principals.has(id)) principals.set(id, principal);
  }
  const unknown = named.flatMap(({ statement, type, value }) => {
    const reason = reasonOfUnknown(type, value);
    return reason ? [{ statement, reason }] : [];
  });
  return { principals: [...principals.values()], unknown, incomplete: [...incomplete] };
}

function entriesOf({ principals }: StatementReading): readonly { readonly type: string; readonly value: string }[] {
  if (principals === undefined) return [];
  if (typeof principals === 'string') return [{ type: 'AWS', value: principals }];
  return Object.entries(principals).flatMap(([type, values]) => (typeof values === 'string' ? [values] : (values ?? [])).map((value) => ({ type, value })));
}

/** A principal that is named and cannot be asked about is told, unless it names nobody. */
function reasonOfUnknown(type: string, value: string): string | undefined {
  if ((type === 'CanonicalUser' || type === 'Federated') && parsePrincipal(value) === undefined)
    return `requests of the ${type} principal ${value} are not asked about`;
  if (value === '*' || parsePrincipal(value) !== undefined || /^\d+$/.test(value)) return undefined;
  // The stored unique id of a deleted user or role, and an account that is no account, name nobody.
  if (/^A(ROA|IDA)[A-Z0-9]{12,}$/.test(value)) return undefined;
  const account = value.split(':')[4];
  if (value.startsWith('arn:') && account !== undefined && !/^\d{12}$/.test(account)) return undefined;
  return `requests of the principal ${value} are not asked about`;
}

function callerPatterns(tests: readonly KeyTest[], named: readonly string[], extra: ExtraValues): readonly TextAutomaton[] {
  const none: VariableValue = () => undefined;
  const of = (key: string) => tests.filter((test) => test.key === key);
  const automata = of('aws:principalarn').map((test) => testAutomaton(test, none));
  for (const key of ['aws:principalaccount', 'kms:calleraccount']) {
    for (const tokens of [...of(key).flatMap((test) => testTokens(test, none)), ...(extra.get(key) ?? []).map(text)]) automata.push(ofAccount(tokens));
  }
  for (const value of [...named, ...(extra.get('aws:principalarn') ?? [])]) {
    if (/^\d{12}$/.test(value)) automata.push(ofAccount(text(value)));
    const account = /^arn:[^:]*:(?:iam|sts)::(\d{12}):/.exec(value)?.[1];
    if (account) automata.push(ofAccount(text(account)), automatonOf(text(value)));
  }
  return [...new Set(automata)];
}

const ofAccount = (account: readonly Token[]) =>
  automatonOf([...text('arn:aws:'), { except: ':' }, { except: ':', repeats: true }, ...text('::'), ...account, ...text(':'), ANYTHING]);

function userNamePatterns(tests: readonly KeyTest[], extra: ExtraValues): readonly TextAutomaton[] {
  const patterns = tests.filter(({ key }) => key === 'aws:username').flatMap((test) => testTokens(test, () => undefined));
  return [...patterns, ...(extra.get('aws:username') ?? []).map(text)].map((tokens) =>
    automatonOf([...text('arn:aws:iam::'), ...DIGITS, ...text(':user/'), ...tokens]),
  );
}

/** Services that are named, those that a test tells apart, and one that nobody names. */
function serviceTexts(tests: readonly KeyTest[], named: readonly { readonly type: string; readonly value: string }[]): readonly string[] {
  const patterns = tests.filter(({ key }) => key === 'aws:principalservicename').map((test) => testAutomaton(test, () => undefined));
  const values = new Set(named.map(({ value }) => value));
  const usual = ['ec2.amazonaws.com', 'events.amazonaws.com', 'sns.amazonaws.com', 'config.amazonaws.com'].filter((service) => !values.has(service));
  return [...usual, ...(patterns.length > 0 ? textClasses(patterns, SHAPES.service).classes.map(({ text: service }) => service) : [])];
}

function usualAccount(arn: string, patterns: readonly TextAutomaton[]): string {
  const usual = arn.replace(/^(arn:aws:[a-z]+::)\d{12}:/, `$1${OWN_ACCOUNT}:`);
  return patterns.every((pattern) => pattern.matches(usual) === pattern.matches(arn)) ? usual : arn;
}

/** What the policies can tell of a principal: how each statement names it, and the keys that follow from it and are compared or taken in. */
function signature(principal: Principal, statements: readonly StatementReading[], keys: readonly string[]): string {
  const named = statements.map(({ compiled }) => compiled.principal?.(principal));
  const { context } = accessRequest(principal, 'kms:Decrypt', '*');
  const compared = keys.map((key) => (isOfPrincipal(key) ? (context.get(key) ?? null) : context.has(key)));
  // Roles and sessions have keys of their own, which a table lists.
  const type = isOfAccount(principal) ? 'of an account' : principal.kind;
  return JSON.stringify([named, compared, type]);
}
