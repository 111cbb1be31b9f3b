import type { Account } from '../account/account';
import type { Call } from '../account/caller';
import type { Operation } from '../account/operation';
import type { Files } from './files';
import type { Values } from './values';

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
  readonly models: readonly string[];
  /** Makes it; answers its id. */
  create(planned: Values, context: Context): Promise<string>;
  /** What is really there, by attribute; `undefined` when it is gone. Attributes left out keep their value. */
  read(state: Values, context: Context): Promise<Values | undefined>;
  /** Changes it in place. */
  update?(prior: Values, planned: Values, changed: ReadonlySet<string>, context: Context): Promise<void>;
  /** The id after a change, where a change in place can give it another one. */
  idAfter?(planned: Values): string;
  delete(state: Values, context: Context): Promise<void>;
  /** Attributes whose value is not known before a change of others is made. */
  recomputed?(changed: ReadonlySet<string>): readonly string[];
  /** Problems of a configuration that the schema data does not state. */
  check?(config: Values): readonly string[];
  /** The state to read when a resource is imported; by default its id alone. */
  imported?(id: string): Values;
}

/** One data source. */
export interface DataSource {
  readonly models: readonly string[];
  read(config: Values, context: Context): Promise<Values>;
}

/** A text attribute, empty when null. */
export const text = (values: Values, name: string) => String(values[name] ?? '');
/** A text attribute, absent when null or empty. */
export const optionalText = (values: Values, name: string) => (values[name] ? String(values[name]) : undefined);
/** A numeric attribute, absent when null. */
export const optionalNumber = (values: Values, name: string) => (values[name] === null || values[name] === undefined ? undefined : Number(values[name]));
/** All tags of a resource, those of the provider's defaults too. */
export const tagsOf = (values: Values) => (values.tags_all ?? {}) as Record<string, string>;
/** The only block of its name, if there. */
export const blockOf = (values: Values, name: string) => ((values[name] ?? []) as Values[])[0];
