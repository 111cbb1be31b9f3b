import { DataAwsCallerIdentity } from '@cdktf/provider-aws/lib/data-aws-caller-identity';
import { DataAwsPartition } from '@cdktf/provider-aws/lib/data-aws-partition';
import { Construct } from 'constructs';
import type { Environment } from './names';

/** The environment of this deployment, as Terraform learns it: account and partition of its caller. */
export class CurrentEnvironment extends Construct implements Environment {
  readonly partition: string;
  readonly account: string;
  /** ARN of the caller, a user or a role session. */
  readonly callerArn: string;

  constructor(
    scope: Construct,
    id: string,
    readonly region: string,
  ) {
    super(scope, id);
    const caller = new DataAwsCallerIdentity(this, 'caller');
    this.account = caller.accountId;
    this.callerArn = caller.arn;
    this.partition = new DataAwsPartition(this, 'partition').partition;
  }
}
