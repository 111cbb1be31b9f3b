import { type AddressBlock, inBlock, readAddressBlock, readDate, readNumber } from '../conditions/values';
import { testAutomaton, type VariableValue } from './condition-patterns';
import type { KeyTest, TestFamily } from './statement-reading';
import { type TextClasses, textClasses } from './text-classes';

/** Values of one condition key, one for each region that its tests cut. */
export interface Regions {
  readonly values: readonly string[];
  /** Why there may be regions without a value, if so. */
  readonly incomplete?: string;
}

/** Keys hold times as text, or as seconds since 1970. */
const EPOCH = 'aws:epochtime';

/**
 * Cuts the values of a key into regions that none of the tests tells apart.
 *
 * @param tests all tests of the key
 * @param variableValue values of policy variables
 */
export function regionsOf(key: string, tests: readonly KeyTest[], variableValue: VariableValue): Regions {
  const families = new Set<TestFamily>(tests.map(({ family }) => (family === 'arn' ? 'text' : family)));
  families.delete('presence');
  const of = (family: TestFamily) => tests.filter((test) => test.family === family);
  const texts = tests.filter(({ family }) => family === 'text' || family === 'arn');
  const values = new Set<string>();
  const add = (list: readonly string[]) => {
    for (const value of list) values.add(value);
  };
  if (families.has('boolean')) add(['true', 'false']);
  if (families.has('number') || families.has('date')) add(pointRegions(key, of('number'), of('date')));
  if (families.has('address')) add(addressRegions(of('address').flatMap((test) => test.values)));
  if (families.has('binary')) add([...of('binary').flatMap((test) => test.values), Buffer.from('another value').toString('base64')]);
  const inText = families.has('text') || families.size === 0 ? textRegions(texts, variableValue) : { classes: [] };
  add(inText.classes.map(({ text }) => text));
  if (inText.incomplete) return { values: [...values], incomplete: `${key}: ${inText.incomplete}` };
  return { values: [...values], incomplete: mixture(key, families) };
}

/** Regions of texts and of numbers, dates or addresses overlap in ways that are not followed. */
function mixture(key: string, families: ReadonlySet<TestFamily>): string | undefined {
  const typed = ['number', 'date', 'address', 'binary'] as const;
  const present = typed.filter((family) => families.has(family));
  const isTime = present.length === 2 && present.includes('number') && present.includes('date');
  if (present.length + Number(families.has('text')) <= 1 || (isTime && !families.has('text'))) return undefined;
  return `${key} is compared by operators of several types`;
}

function textRegions(tests: readonly KeyTest[], variableValue: VariableValue): TextClasses {
  const automata = [...new Set(tests.map((test) => testAutomaton(test, variableValue)))];
  return textClasses(automata);
}

/** Every point that a test names, one between each two, and one on either side. */
function pointRegions(key: string, numbers: readonly KeyTest[], dates: readonly KeyTest[]): readonly string[] {
  const asNumbers = dates.length === 0;
  const read = (list: readonly KeyTest[], reader: (text: string) => number | undefined) =>
    list.flatMap(({ values }) => values.flatMap((value) => reader(value) ?? []));
  // Times are compared in milliseconds; as a number, a time is in seconds.
  const points = [...read(numbers, readNumber).map((value) => (asNumbers ? value : value * 1000)), ...read(dates, readDate)];
  const sorted = [...new Set(points)].sort((a, b) => a - b);
  const step = asNumbers ? 1 : 1000;
  const around = sorted.flatMap((point, index) => {
    const next = sorted[index + 1];
    const between = next === undefined ? point + step : (point + next) / 2;
    return [point, asNumbers ? between : Math.floor(between)];
  });
  const all = [(sorted[0] ?? 0) - step, ...around];
  if (asNumbers) return all.map(String);
  return all.map((time) => (key === EPOCH || numbers.length > 0 ? String(time / 1000) : new Date(time).toISOString()));
}

/** The first address of each block, and the first after it: every region of nested or separate blocks begins with one of them. */
function addressRegions(values: readonly string[]): readonly string[] {
  const blocks = values.flatMap((value) => readAddressBlock(value) ?? []);
  const addresses = new Map<string, AddressBlock>();
  const add = (family: 4 | 6, address: bigint) => {
    const bits = family === 4 ? 32 : 128;
    if (address >= 1n << BigInt(bits)) return;
    const single = { family, address, bits };
    const region = blocks.map((block) => Number(inBlock(single, block))).join('');
    if (!addresses.has(region)) addresses.set(region, single);
  };
  for (const { family, address, bits } of blocks) {
    const size = 1n << BigInt((family === 4 ? 32 : 128) - bits);
    const first = (address / size) * size;
    add(family, first);
    add(family, first + size);
  }
  // What lies before all blocks.
  add(4, 0n);
  add(6, 0n);
  return [...addresses.values()].map(formatAddress);
}

function formatAddress({ family, address }: AddressBlock): string {
  if (family === 4) return [24n, 16n, 8n, 0n].map((shift) => (address >> shift) & 255n).join('.');
  return [112n, 96n, 80n, 64n, 48n, 32n, 16n, 0n].map((shift) => ((address >> shift) & 0xffffn).toString(16)).join(':');
}
