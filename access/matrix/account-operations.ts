import type { Deployment } from '../graph/deployment';
import { LOG_STREAM } from './decoys';
import { idName, idOfLogs, logGroupTarget, type OperationModel } from './operation';

/**
 * Assuming roles. Whether MFA is there depends on the actor: users come with and without it, sessions of
 * roles never have it.
 */
export const roleOperations = (deployment: Deployment): OperationModel[] =>
  deployment.roles.map(
    (role): OperationModel => ({
      id: `role/${idName(deployment, role.name)}/assume`,
      steps: [{ action: 'sts:AssumeRole', resource: role.arn, policy: role.trust }],
    }),
  );

/** Operations on functions, and passing their roles. */
export const functionOperations = (deployment: Deployment): OperationModel[] =>
  deployment.functions.flatMap(({ name, arn, roleArn, policy }): OperationModel[] => {
    const id = `function/${idName(deployment, name)}` as const;
    return [
      { id: `${id}/change-code`, steps: [{ action: 'lambda:UpdateFunctionCode', resource: arn, policy }] },
      { id: `${id}/invoke`, steps: [{ action: 'lambda:InvokeFunction', resource: arn, policy }] },
      {
        id: `${id}/pass-role-to-lambda`,
        steps: [{ action: 'iam:PassRole', resource: roleArn, context: { 'iam:PassedToService': 'lambda.amazonaws.com', 'iam:AssociatedResourceArn': arn } }],
      },
      {
        id: `${id}/pass-role-to-ec2`,
        steps: [{ action: 'iam:PassRole', resource: roleArn, context: { 'iam:PassedToService': 'ec2.amazonaws.com' } }],
      },
    ];
  });

const FILTER = 'logs:FilterLogEvents';

/** Operations on logs. */
export const logOperations = (deployment: Deployment): OperationModel[] =>
  deployment.logGroups.flatMap(({ name, arn }): OperationModel[] => {
    const id = `logs/${idOfLogs(deployment, name)}` as const;
    return [
      { id: `${id}/read`, steps: [{ action: FILTER, resource: logGroupTarget(FILTER, arn) }] },
      { id: `${id}/write`, steps: [{ action: 'logs:PutLogEvents', resource: `${arn}:log-stream:${LOG_STREAM}` }] },
    ];
  });
