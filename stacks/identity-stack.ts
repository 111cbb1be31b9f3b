import type { Construct } from 'constructs';
import { Identity } from './identity/identity';
import { PipelineStack } from './pipeline-stack';
import type { Settings } from './settings';

/** The stack `identity`: who there is. */
export class IdentityStack extends PipelineStack {
  constructor(scope: Construct, settings: Settings) {
    super(scope, 'identity', settings);
    const { roleArns } = new Identity(this, 'identity', { settings, names: this.names, environment: this.environment });
    for (const [role, arn] of Object.entries(roleArns)) this.output(`${role}_arn`, arn, `ARN of ${role}`);
  }
}
