import { DataAwsIamSessionContext } from '@cdktf/provider-aws/lib/data-aws-iam-session-context';
import { Fn, Op, Token } from 'cdktf';
import { Construct } from 'constructs';
import { computedJson } from '../policies/document';

/** What the construct {@link Deployers} needs to know. */
export interface DeployersProps {
  /** ARN of this deployment's caller. */
  readonly callerArn: string;
  readonly deployerRoleArn: string;
  /** The setting `deployers`; empty means DeployerRole and this deployment's caller. */
  readonly configured: readonly string[];
}

/** A condition that must hold before Terraform makes or changes a key. */
export interface Precondition {
  readonly condition: string;
  readonly errorMessage: string;
}

/**
 * Who maintains the keys with Terraform. The caller counts by its role or user, not by its session, which a key policy
 * could not name lastingly.
 */
export class Deployers extends Construct {
  /** The principals for a policy. */
  readonly principals: string | readonly string[];
  /** The same as a list for other stacks. */
  readonly arns: readonly string[];
  /** A deployment that would shut its own caller out of the keys, or let the whole account in, is refused. */
  readonly preconditions: readonly Precondition[];

  constructor(scope: Construct, id: string, { callerArn, deployerRoleArn, configured }: DeployersProps) {
    super(scope, id);
    const caller = new DataAwsIamSessionContext(this, 'caller', { arn: callerArn }).issuerArn;
    if (configured.length > 0) {
      this.principals = configured;
      this.arns = configured;
      this.preconditions = [
        {
          condition: Token.asString(Fn.contains([...configured], caller)),
          errorMessage: `This deployment would lock its own caller, ${caller}, out of the keys. Add it to the setting deployers (PIPELINE_DEPLOYERS), or deploy as one of them.`,
        },
      ];
      return;
    }
    const all = Fn.distinct([deployerRoleArn, caller]);
    this.principals = computedJson(Fn.jsonencode(all));
    this.arns = Token.asList(all);
    this.preconditions = [
      {
        // In a key policy the root user's ARN would mean the whole account.
        condition: Token.asString(Op.not(Fn.endswith(caller, ':root'))),
        errorMessage:
          'The root user deploys nothing here: naming it in a key policy would delegate the keys to the whole account. Deploy as an IAM user or role, or set deployers (PIPELINE_DEPLOYERS).',
      },
    ];
  }
}
