import type { Construct } from 'constructs';
import type { IdentityStack } from './identity-stack';
import { Deployers } from './keys/deployers';
import { Keys } from './keys/keys';
import { PipelineStack } from './pipeline-stack';
import type { Settings } from './settings';

/** The stack `keys`: what encrypts, and for whom. */
export class KeysStack extends PipelineStack {
  constructor(scope: Construct, settings: Settings, identity: IdentityStack) {
    super(scope, 'keys', settings);
    const { names, environment } = this;
    const roles = this.remoteOutputsOf(identity);
    const deployers = new Deployers(this, 'deployers', {
      callerArn: environment.callerArn,
      deployerRoleArn: roles.getString('DeployerRole_arn'),
      configured: settings.deployers,
    });
    const { keyArns } = new Keys(this, 'keys', {
      settings,
      names,
      environment,
      principals: {
        keyManager: roles.getString('KeyManagerRole_arn'),
        deployers: deployers.principals,
        sender: roles.getString('SQSAccessRole_arn'),
        consumer: roles.getString('ConsumerRole_arn'),
        operator: roles.getString('OperatorRole_arn'),
        tableUser: roles.getString('DBAccessRole_arn'),
      },
      preconditions: deployers.preconditions,
    });
    for (const [key, arn] of Object.entries(keyArns)) this.output(`${key}_key_arn`, arn, `ARN of the key of the ${key}`);
    this.output('deployer_arns', deployers.arns, 'Who maintains the keys; the table keeps its items from them');
  }
}
