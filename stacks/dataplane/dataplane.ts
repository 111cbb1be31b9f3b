import { Construct } from 'constructs';
import { Arns, type Environment, type KeyName, type Names } from '../names';
import type { Settings } from '../settings';
import { Alarms } from './alarms';
import { Consumer } from './consumer';
import { Queues } from './queues';
import { PersonTable, type PersonTableProps } from './table';

/** What the construct {@link Dataplane} needs to know. */
export interface DataplaneProps {
  readonly settings: Settings;
  readonly names: Names;
  readonly environment: Environment;
  readonly keyArns: Readonly<Record<KeyName, string>>;
  readonly consumerRoleArn: string;
  readonly deployers: PersonTableProps['deployers'];
}

/** Where the data flows: queue → consumer → table, watched by alarms. */
export class Dataplane extends Construct {
  readonly queues: Queues;
  readonly table: PersonTable;
  readonly consumer: Consumer;

  constructor(scope: Construct, id: string, { settings, names, environment, keyArns, consumerRoleArn, deployers }: DataplaneProps) {
    super(scope, id);
    const arns = new Arns(names, environment);
    this.queues = new Queues(this, 'queues', { settings, arns, keyArn: keyArns.queue });
    this.table = new PersonTable(this, 'people', { settings, arns, keyArn: keyArns.table, deployers });
    this.consumer = new Consumer(this, 'consumer', {
      settings,
      names,
      roleArn: consumerRoleArn,
      logsKeyArn: keyArns.logs,
      queue: this.queues.queue,
      tableName: this.table.table.name,
      after: [this.queues.queuePolicy],
    });
    new Alarms(this, 'alarms', { settings, names });
  }
}
