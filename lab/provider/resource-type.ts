import type { Account } from '../account/account';
import type { Call } from '../account/caller';
import type { Operation } from '../account/operation';
import type { Files } from './files';
import { isRecord, ValueError, type Values } from './values';

/** What a resource needs to act: the account, the caller in whose name, and the files of the Terraform run. */
export interface Context {
  readonly account: Account;
  readonly files: Files;
  readonly region: string;
  perform<Input, Output>(operation: Operation<Input, Output>, input: Input): Promise<Output>;
  readonly call: Call;
}

/** One resource type: how it is made, read, changed and removed through the account's services. */
export interface ResourceType {
  /** Configurable attributes and blocks that the lab models, e.g. `redrive_policy`, `environment.variables`. */
  readonly supportedPaths: readonly string[];
  /** Makes it; answers its id. */
  create(planned: Values, context: Context): Promise<string>;
  /** What is really there, by attribute; `undefined` when it is gone. Attributes left out keep their value. */
  read(state: Values, context: Context): Promise<Values | undefined>;
  /** Changes it in place. */
  update?(prior: Values, planned: Values, changed: ReadonlySet<string>, context: Context): Promise<void>;
  /** The id after a change, where a change in place can give it another one. */
  idAfterUpdate?(planned: Values): string;
  delete(state: Values, context: Context): Promise<void>;
  /** Attributes whose value is not known before a change of others is made. */
  recomputed?(changed: ReadonlySet<string>): readonly string[];
  /** Problems of a configuration that the schema data does not state. */
  check?(config: Values): readonly string[];
  /** The state to read when a resource is imported; by default its id alone. */
  importState?(id: string): Values;
}

/** One data source. */
export interface DataSource {
  /** Configurable attributes that the lab models. */
  readonly supportedPaths: readonly string[];
  /** All its attributes. */
  read(config: Values, context: Context): Promise<Values>;
}

/** A text attribute, empty when null. */
export const text = (values: Values, name: string) => String(values[name] ?? '');
/** A text attribute, absent when null or empty. */
export const optionalText = (values: Values, name: string) => (values[name] ? String(values[name]) : undefined);
/** A numeric attribute, absent when null. */
export const optionalNumber = (values: Values, name: string) => (values[name] === null || values[name] === undefined ? undefined : Number(values[name]));
/**
 * An object or map, empty when null.
 *
 * @throws ValueError when it is anything else
 */
export function recordOf(value: unknown): Values {
  if (value === null || value === undefined) return {};
  if (!isRecord(value)) throw new ValueError(`Terraform sent ${JSON.stringify(value)} where an object belongs`);
  return value;
}

/** A map of texts, empty when null. @throws ValueError when it is no map */
export const textsOf = (value: unknown): Record<string, string> =>
  Object.fromEntries(Object.entries(recordOf(value)).map(([key, member]) => [key, String(member ?? '')]));

/** All tags of a resource, those of the provider's defaults too. @throws ValueError when they are no map */
export const tagsOf = (values: Values) => textsOf(values.tags_all);

/**
 * The blocks of one name, none when null.
 *
 * @throws ValueError when it is no list of objects
 */
export function blocksOf(values: Values, name: string): Values[] {
  return listOf(values, name).map(recordOf);
}

/** A list or set of texts, empty when null. @throws ValueError when it is no list */
export const listOfTexts = (values: Values, name: string) => listOf(values, name).map(String);

function listOf(values: Values, name: string): unknown[] {
  const list = values[name] ?? [];
  if (!Array.isArray(list)) throw new ValueError(`Terraform sent ${JSON.stringify(list)} where a list belongs: ${name}`);
  return list;
}

/** The only block of its name, if there. @throws ValueError when it is no list of objects */
export const blockOf = (values: Values, name: string): Values | undefined => blocksOf(values, name)[0];
