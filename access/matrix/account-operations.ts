import type { Deployment } from '../graph/deployment';
import { type OperationModel, shortName } from './operation';

/** Assuming roles. Whether MFA is there depends on who asks: the user comes with and without it, sessions of roles never have it. */
export const roleOperations = (deployment: Deployment): OperationModel[] =>
  deployment.roles.map(
    (role): OperationModel => ({
      name: `assume ${shortName(deployment, role.name)}`,
      steps: [{ action: 'sts:AssumeRole', resource: role.arn, policy: role.trust }],
    }),
  );

/** Operations on functions, and passing their roles. */
export const functionOperations = (deployment: Deployment): OperationModel[] =>
  deployment.functions.flatMap((one): OperationModel[] => [
    { name: `${shortName(deployment, one.name)}: change its code`, steps: [{ action: 'lambda:UpdateFunctionCode', resource: one.arn, policy: one.policy }] },
    { name: `${shortName(deployment, one.name)}: invoke`, steps: [{ action: 'lambda:InvokeFunction', resource: one.arn, policy: one.policy }] },
    {
      name: `pass the role of ${shortName(deployment, one.name)} to Lambda`,
      steps: [
        { action: 'iam:PassRole', resource: one.roleArn, context: { 'iam:PassedToService': 'lambda.amazonaws.com', 'iam:AssociatedResourceArn': one.arn } },
      ],
    },
    {
      name: `pass the role of ${shortName(deployment, one.name)} to EC2`,
      steps: [{ action: 'iam:PassRole', resource: one.roleArn, context: { 'iam:PassedToService': 'ec2.amazonaws.com' } }],
    },
  ]);

/** Operations on logs. */
export const logOperations = (deployment: Deployment): OperationModel[] =>
  deployment.logGroups.flatMap((group): OperationModel[] => [
    { name: `logs of ${shortName(deployment, group.name.split('/').at(-1) ?? '')}: read`, steps: [{ action: 'logs:FilterLogEvents', resource: group.arn }] },
    {
      name: `logs of ${shortName(deployment, group.name.split('/').at(-1) ?? '')}: write`,
      steps: [{ action: 'logs:PutLogEvents', resource: `${group.arn}:log-stream:stream` }],
    },
  ]);
