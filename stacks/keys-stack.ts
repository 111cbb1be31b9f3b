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
    const { names, place } = this;
    const roles = this.handedOutBy(identity);
    const deployers = new Deployers(this, 'deployers', {
      callerArn: place.callerArn,
      deployerRoleArn: roles.getString('DeployerRole_arn'),
      configured: settings.deployers,
    });
    const { keyArns } = new Keys(this, 'keys', {
      settings,
      names,
      place,
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
    for (const [key, arn] of Object.entries(keyArns)) this.handOut(`${key}_key_arn`, arn, `ARN of the key of the ${key}`);
    this.handOut('deployer_arns', deployers.arns, 'Who maintains the keys; the table keeps its items from them');
  }
}
