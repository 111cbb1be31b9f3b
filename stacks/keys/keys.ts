import { KmsAlias } from '@cdktf/provider-aws/lib/kms-alias';
import { KmsKey } from '@cdktf/provider-aws/lib/kms-key';
import { Construct } from 'constructs';
import { Arns, type Environment, KEYS, type KeyName, type Names } from '../names';
import { policyJson } from '../policies/document';
import { type KeyPrincipals, keyPolicy } from '../policies/keys';
import type { Settings } from '../settings';
import type { Precondition } from './deployers';

/** What the construct {@link Keys} needs to know. */
export interface KeysProps {
  readonly settings: Settings;
  readonly names: Names;
  readonly environment: Environment;
  readonly principals: KeyPrincipals;
  readonly preconditions: readonly Precondition[];
}

const DESCRIPTIONS: Readonly<Record<KeyName, string>> = {
  queue: 'Messages of the queue and its dead-letter queue',
  table: 'Items of the table',
  logs: 'Logs of the consumer',
};

/** The customer managed keys, rotated every year, each with an alias. */
export class Keys extends Construct {
  readonly keyArns: Readonly<Record<KeyName, string>>;

  constructor(scope: Construct, id: string, { settings, names, environment, principals, preconditions }: KeysProps) {
    super(scope, id);
    const arns = new Arns(names, environment);
    const make = (name: KeyName) => {
      const key = new KmsKey(this, name, {
        description: DESCRIPTIONS[name],
        policy: policyJson(keyPolicy(name, arns, principals)),
        enableKeyRotation: true,
        deletionWindowInDays: settings.keyDeletionWindowDays,
        lifecycle: { precondition: [...preconditions] },
      });
      new KmsAlias(this, `${name}Alias`, { name: names.keyAlias(name), targetKeyId: key.keyId });
      return [name, key.arn] as const;
    };
    this.keyArns = Object.fromEntries(KEYS.map(make)) as Record<KeyName, string>;
  }
}
