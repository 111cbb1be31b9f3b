import type { VariableValue } from './condition-patterns';
import { regionsOf } from './condition-regions';
import { CLOCK_KEYS, type KeyPresence, VIA, VIA_KEYS } from './key-table';
import { isList } from './service-catalog';
import type { KeyTest } from './statement-reading';

/** What one key, or several that follow from each other, can be in a request. */
export interface KeyDomain {
  /** Lower-case. */
  readonly keys: readonly string[];
  /** Each a list of values for each of the keys; `null` for absent. */
  readonly choices: readonly (readonly (readonly string[] | null)[])[];
  /** An operator asks whether the key is there. */
  readonly asksPresence: boolean;
  /** Why there may be values that no choice stands for, if so. */
  readonly incomplete?: string;
}

/** Up to so many regions every combination of them among the values of one key is asked about. */
const LIST_LIMIT = 7;

/**
 * The choices for the keys that the tests compare.
 *
 * @param tests all tests, by key
 * @param presenceOf whether requests have a key
 */
export function domainsOf(
  tests: ReadonlyMap<string, readonly KeyTest[]>,
  presenceOf: (key: string) => KeyPresence,
  variableValue: VariableValue,
): readonly KeyDomain[] {
  const domains: KeyDomain[] = [];
  const clock = CLOCK_KEYS.filter((key) => tests.has(key));
  if (clock.length > 1) domains.push(clockDomain(clock.flatMap((key) => tests.get(key) ?? [])));
  const via = VIA_KEYS.filter((key) => tests.has(key));
  if (via.length > 1)
    domains.push(
      viaDomain(
        via.flatMap((key) => tests.get(key) ?? []),
        presenceOf(VIA),
        variableValue,
      ),
    );
  for (const [key, list] of tests) {
    if ((clock.length < 2 || !clock.includes(key)) && (via.length < 2 || !via.includes(key))) domains.push(domainOf(key, list, presenceOf(key), variableValue));
  }
  return domains;
}

function domainOf(key: string, tests: readonly KeyTest[], presence: KeyPresence, variableValue: VariableValue): KeyDomain {
  const absent = presence === 'always' ? [] : [[null]];
  const asksPresence = tests.some(({ family }) => family === 'presence');
  if (presence === 'never') return { keys: [key], asksPresence, choices: [[null]] };
  const { values, incomplete } = regionsOf(key, tests, variableValue);
  const isQuantified = tests.some(({ quantified }) => quantified);
  // ForAllValues also holds where no value has a text.
  const empty = isQuantified && !values.includes('') ? [['']] : [];
  if (!(isList(key) ?? isQuantified))
    return { keys: [key], asksPresence, choices: [...absent, ...[...values.map((value) => [value]), ...empty].map((list) => [list])], incomplete };
  const lists = values.length <= LIST_LIMIT ? combinations(values) : values.map((value) => [value]);
  const tooMany = values.length > LIST_LIMIT ? `${key} has ${values.length} regions and may have several values` : undefined;
  return { keys: [key], asksPresence, choices: [...absent, ...[...lists, ...empty].map((list) => [list])], incomplete: incomplete ?? tooMany };
}

/** Every choice of some of the values, small ones first. */
function combinations(values: readonly string[]): readonly (readonly string[])[] {
  let all: (readonly string[])[] = [[]];
  for (const value of values) all = [...all, ...all.map((list) => [...list, value])];
  return all.filter((list) => list.length > 0).sort((a, b) => a.length - b.length);
}

/** The date and the seconds since 1970 tell the same instant. */
function clockDomain(tests: readonly KeyTest[]): KeyDomain {
  const [epoch = '', current = ''] = [...CLOCK_KEYS].reverse();
  const { values, incomplete } = regionsOf(epoch, tests, () => undefined);
  const seconds = values.filter((value) => Number.isFinite(Number(value)));
  return {
    keys: [current, epoch],
    asksPresence: false,
    choices: seconds.map((value) => [[new Date(Number(value) * 1000).toISOString()], [value]]),
    incomplete,
  };
}

/** Up to so many regions every combination of them between the first and the last service is asked about. */
const VIA_LIMIT = 3;

/** The services that pass a request on, in order, the first of them and the last. */
function viaDomain(tests: readonly KeyTest[], presence: KeyPresence, variableValue: VariableValue): KeyDomain {
  const asksPresence = tests.some(({ family }) => family === 'presence');
  const keys = [...VIA_KEYS];
  if (presence === 'never') return { keys, asksPresence, choices: [[null, null, null]] };
  const { values, incomplete } = regionsOf(VIA, tests, variableValue);
  const between = values.length <= VIA_LIMIT ? [[], ...combinations(values)] : [[]];
  const chains = values.flatMap((first) => values.flatMap((last) => between.map((some) => [first, ...some, last])));
  const choices = [...values.map((value) => [value]), ...chains].map((chain) => [chain, chain.slice(0, 1), chain.slice(-1)]);
  const tooMany = values.length > VIA_LIMIT ? `${VIA} has ${values.length} regions` : undefined;
  return { keys, asksPresence, choices: [[null, null, null], ...choices], incomplete: incomplete ?? tooMany };
}
