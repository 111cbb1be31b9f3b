import { IamPolicy } from '@cdktf/provider-aws/lib/iam-policy';
import { IamRole } from '@cdktf/provider-aws/lib/iam-role';
import { IamRolePolicy } from '@cdktf/provider-aws/lib/iam-role-policy';
import { IamRolePolicyAttachment } from '@cdktf/provider-aws/lib/iam-role-policy-attachment';
import { Construct } from 'constructs';
import { Arns, type Environment, HUMAN_ROLES, type HumanRole, type Names } from '../names';
import { type DEPLOYED_POLICIES, deployerPolicy } from '../policies/deployer';
import { type PolicyDocument, policyJson } from '../policies/document';
import { adminPolicy, consumerPolicy, keyManagerPolicy, operatorPolicy, producerPolicy, tableUserPolicy } from '../policies/roles';
import { functionTrust, humanTrust } from '../policies/trust';
import type { Settings } from '../settings';
import { People } from './users-and-groups';

/** What the construct {@link Identity} needs to know. */
export interface IdentityProps {
  readonly settings: Settings;
  readonly names: Names;
  readonly environment: Environment;
}

type PolicyName = (typeof DEPLOYED_POLICIES)[number];

/** Which policy each human role has. The two roles of a pair have the same one: only key policies tell them apart. */
const POLICY_OF: Readonly<Record<HumanRole, PolicyName>> = {
  AdminRole: 'Admin',
  DeployerRole: 'Deployer',
  KeyManagerRole: 'KeyManager',
  DBAccessRole: 'TableUser',
  DBAccessNotAllowedRole: 'TableUser',
  SQSAccessRole: 'Producer',
  SQSAccessNotAllowedRole: 'Producer',
  OperatorRole: 'Operator',
};

/** Roles and their policies, groups, and the optional user. */
export class Identity extends Construct {
  /** ARN of each role, by its name without prefix. */
  readonly roleArns: Readonly<Record<HumanRole | 'ConsumerRole', string>>;

  constructor(scope: Construct, id: string, { settings, names, environment }: IdentityProps) {
    super(scope, id);
    const arns = new Arns(names, environment);
    const policies = this.policies(arns, settings);
    const trust = policyJson(humanTrust(arns.root, settings.requireMfa));
    const roles = new Map<HumanRole, IamRole>();
    for (const name of HUMAN_ROLES) {
      const role = new IamRole(this, name, { name: names.of(name), assumeRolePolicy: trust, maxSessionDuration: settings.maxSessionSeconds });
      new IamRolePolicyAttachment(this, `${name}Policy`, { role: role.name, policyArn: policies[POLICY_OF[name]].arn });
      roles.set(name, role);
    }
    const consumer = new IamRole(this, 'ConsumerRole', { name: names.executionRole, assumeRolePolicy: policyJson(functionTrust()) });
    new IamRolePolicy(this, 'ConsumerRolePolicy', { name: 'Consumer', role: consumer.name, policy: policyJson(consumerPolicy(arns)) });
    new People(this, 'people', { settings, arns });
    this.roleArns = {
      ...(Object.fromEntries([...roles].map(([name, role]) => [name, role.arn])) as Record<HumanRole, string>),
      ConsumerRole: consumer.arn,
    };
  }

  private policies(arns: Arns, settings: Settings): Record<PolicyName, IamPolicy> {
    const make = (name: PolicyName, description: string, document: PolicyDocument) =>
      new IamPolicy(this, `${name}Policy`, { name: arns.names.of(name), description, policy: policyJson(document) });
    return {
      Admin: make('Admin', 'Everything that IAM can allow', adminPolicy()),
      Deployer: make('Deployer', 'Deploys keys and data plane; reads no data', deployerPolicy(arns, settings.user)),
      KeyManager: make('KeyManager', 'Finds the keys; key policies say what it may do to them', keyManagerPolicy()),
      TableUser: make('TableUser', 'Reads and writes the table', tableUserPolicy(arns)),
      Producer: make('Producer', 'Sends to the queue', producerPolicy(arns)),
      Operator: make('Operator', 'Reads and redrives dead-letter messages', operatorPolicy(arns)),
    };
  }
}
