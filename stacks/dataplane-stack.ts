import { ArchiveProvider } from '@cdktf/provider-archive/lib/provider';
import { Fn } from 'cdktf';
import type { Construct } from 'constructs';
import { Dataplane } from './dataplane/dataplane';
import type { IdentityStack } from './identity-stack';
import type { KeysStack } from './keys-stack';
import { PipelineStack } from './pipeline-stack';
import type { Settings } from './settings';

/** The stack `dataplane`: where the data flows. */
export class DataplaneStack extends PipelineStack {
  constructor(scope: Construct, settings: Settings, identity: IdentityStack, keys: KeysStack) {
    super(scope, 'dataplane', settings);
    new ArchiveProvider(this, 'archive');
    const { names, environment } = this;
    const fromIdentity = this.remoteOutputsOf(identity);
    const fromKeys = this.remoteOutputsOf(keys);
    const { queues, table, consumer } = new Dataplane(this, 'dataplane', {
      settings,
      names,
      environment,
      keyArns: {
        queue: fromKeys.getString('queue_key_arn'),
        table: fromKeys.getString('table_key_arn'),
        logs: fromKeys.getString('logs_key_arn'),
      },
      consumerRoleArn: fromIdentity.getString('ConsumerRole_arn'),
      deployers: { expression: Fn.jsonencode(fromKeys.get('deployer_arns')) },
    });
    this.output('queue_url', queues.queue.url, 'Where producers send');
    this.output('dead_letter_queue_url', queues.deadLetterQueue.url, 'Where operators look after messages that failed');
    this.output('table_name', table.table.name, 'The table of people');
    this.output('function_name', consumer.function.functionName, 'The consumer');
  }
}
