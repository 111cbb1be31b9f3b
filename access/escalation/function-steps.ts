import { formatArn } from '../../evaluator/arn';
import { type Deployment, type FunctionModel, policySourceId } from '../graph/deployment';
import type { ActorId } from '../matrix/ids';
import { idName } from '../matrix/operation';
import { allOf, type EscalationStep, heldBy, request } from './escalation-step';

/**
 * Whatever runs other code as the role of a function, or lets the function work for somebody else. What a function answers
 * is up to its code, which nobody reads here: who can call it is taken to get whatever its role can read.
 *
 * Sources: https://docs.aws.amazon.com/lambda/latest/dg/lambda-permissions.html,
 * https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html, https://pathfinding.cloud/paths/lambda-001
 */
export function functionSteps(deployment: Deployment): EscalationStep[] {
  return deployment.functions.flatMap((lambda): EscalationStep[] => {
    const role = deployment.roles.find(({ arn }) => arn === lambda.roleArn);
    if (!role) return [];
    const [name, roleId] = [idName(deployment, lambda.name), `role/${idName(deployment, role.name)}` as const];
    const inFunction: ActorId[] = [`${roleId}/in-function`];
    const passed = `function/${name}/pass-role-to-lambda` as const;
    return [
      { id: `function/${name}/change-code`, needs: allOf(`function/${name}/change-code`), assumes: inFunction },
      // Layers, wrappers and variables of the environment run code as well.
      { id: `function/${name}/change-configuration`, needs: allOf(`permission/function/${name}/lambda:UpdateFunctionConfiguration`), assumes: inFunction },
      {
        id: `function/${name}/pass-role`,
        needs: [[passed], ['permission/other-function/lambda:UpdateFunctionCode', { anyOf: CARRIES_ROLE, except: [lambda.arn] }]],
        assumes: [`${roleId}/in-other-function`],
      },
      { id: `function/${name}/create`, needs: allOf(passed, request('lambda:CreateFunction', lambda.arn)), assumes: inFunction },
      ...callSteps(deployment, name, lambda, inFunction),
    ];
  });
}

/** With these, another function comes to run as the role that is passed. */
const CARRIES_ROLE = ['lambda:CreateFunction', 'lambda:UpdateFunctionConfiguration'];

function callSteps({ partition, region, account }: Deployment, name: string, { arn, policy }: FunctionModel, inFunction: ActorId[]): EscalationStep[] {
  const onFunction = (action: string, context?: Readonly<Record<string, string>>) => request(`lambda:${action}`, arn, policy, context);
  const mapping = formatArn({ partition, service: 'lambda', region, account, resource: 'event-source-mapping:11112222-3333-4444-5555-666677778888' });
  const onMapping = (action: string) => request(`lambda:${action}`, mapping, undefined, { 'lambda:FunctionArn': arn });
  const urls = ['NONE', 'AWS_IAM'].map((type) => onFunction('InvokeFunctionUrl', { 'lambda:FunctionUrlAuthType': type }));
  // A URL without authentication is open to everybody whom the policy of the function lets call it.
  const openUrls = ['CreateFunctionUrlConfig', 'UpdateFunctionUrlConfig'].map((action) => onFunction(action, { 'lambda:FunctionUrlAuthType': 'NONE' }));
  const removals = ['RemovePermission', 'DeleteResourcePolicy'].map((action) => onFunction(action));
  return [
    { id: `function/${name}/invoke`, needs: [[onFunction('InvokeFunction'), onFunction('InvokeAsync'), ...urls]], assumes: inFunction },
    { id: `function/${name}/open-url`, needs: [openUrls], assumes: inFunction },
    { id: `function/${name}/feed`, needs: [['CreateEventSourceMapping', 'UpdateEventSourceMapping'].map(onMapping)], assumes: inFunction },
    {
      // The results of calls are sent to a destination of one's choice.
      id: `function/${name}/send-results`,
      needs: [['PutFunctionEventInvokeConfig', 'UpdateFunctionEventInvokeConfig'].map((action) => onFunction(action))],
      assumes: inFunction,
    },
    {
      id: `function/${name}/change-policy`,
      needs: [['AddPermission', 'PutResourcePolicy'].map((action) => onFunction(action))],
      changes: [{ becomes: 'open', sourceId: policy ? policySourceId(policy) : heldBy(arn) }],
    },
    ...(policy
      ? [{ id: `function/${name}/remove-permission` as const, needs: [removals], changes: [{ becomes: 'gone' as const, sourceId: policySourceId(policy) }] }]
      : []),
  ];
}
