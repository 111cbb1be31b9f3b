import { Testing } from 'cdktf';
import type { Construct } from 'constructs';
import { type Environment, Names } from '../../stacks/names';
import { readSettings, type Settings } from '../../stacks/settings';

/** An environment with real values, so that synthesized policies are plain JSON. */
export const ENVIRONMENT: Environment = { partition: 'aws', region: 'eu-west-1', account: '111122223333' };
export const NAMES = new Names('demo');

export const role = (name: string) => `arn:aws:iam::111122223333:role/demo-${name}`;

/** Settings with some of them chosen. */
export function settingsWith(values: Partial<Settings> = {}): Settings {
  return readSettings({ tryGetContext: (key: string) => (values as Record<string, unknown>)[key] }, {});
}

type Attributes = Readonly<Record<string, unknown>>;

/** The resources of a construct by type, and the address of one of them by its name. */
export interface Synthesized {
  (type: string): Attributes[];
  addressOf(type: string, name: string): string;
}

/** Synthesizes a construct. */
export function synthesize(make: (scope: Construct) => void): Synthesized {
  const { resource = {} } = JSON.parse(Testing.synthScope(make)) as { resource?: Record<string, Record<string, Attributes>> };
  return Object.assign((type: string) => Object.values(resource[type] ?? {}), {
    addressOf(type: string, name: string): string {
      const [address, ...others] = Object.entries(resource[type] ?? {}).filter(([, attributes]) => attributes.name === name);
      if (!address || others.length > 0) throw new Error(`There is not exactly one ${type} ${name}`);
      return `${type}.${address[0]}`;
    },
  });
}

/** A statement of a synthesized policy. */
export interface Statement {
  readonly Sid: string;
  readonly Effect: string;
  readonly Principal?: '*' | Readonly<Record<string, string | string[]>>;
  readonly Action?: string | string[];
  readonly Resource?: string | string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

/** The statements of a policy attribute, with Terraform's escapes undone. */
export function statementsOf(attributes: Attributes, name = 'policy'): Statement[] {
  return (JSON.parse(String(attributes[name]).replaceAll('$${', '${')) as { Statement: Statement[] }).Statement;
}

export const actionsOf = (statement: Statement | undefined): string[] => [statement?.Action ?? []].flat();
