import { many, type OneOrMany, type StatementDocument } from '../../evaluator/policy/document';
import { serviceData } from '../../evaluator/service-data/service-data';
import { isUnknown } from '../../evaluator/unknown';
import { type Deployment, documentOf, type RoleModel } from '../graph/deployment';
import { roleActorId } from '../matrix/actors';
import { segment } from '../matrix/ids';
import { idName } from '../matrix/operation';
import { expandActions } from '../permissions/expand-actions';
import { allOf, type EscalationStep, request } from './escalation-step';

/**
 * A service that a role trusts works as the role: in what somebody makes with the role passed to it, and in what runs with it
 * already. Which resources of the account carry the role is not known here, so any action counts that could make the service
 * work: every one that writes in the service, unless it only takes something away.
 *
 * Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html, https://pathfinding.cloud/
 */
export const serviceSteps = (deployment: Deployment): EscalationStep[] =>
  deployment.roles.flatMap((role): EscalationStep[] => {
    const [name, assumes] = [idName(deployment, role.name), [roleActorId(deployment, role)]];
    const isOfFunction = deployment.functions.some(({ roleArn }) => roleArn === role.arn);
    return trustedBy(role, 'Service').flatMap((service): EscalationStep[] => {
      const passed = request('iam:PassRole', role.arn, undefined, { 'iam:PassedToService': service });
      const pass = { id: `role/${name}/pass-to/${segment(service)}`, assumes } as const;
      const uses = usesOf(service);
      // Of a service that the data do not know, passing the role is all that can be asked about.
      if (uses.length === 0) return [{ ...pass, needs: allOf(passed) }];
      // What runs as the role of a function is told by the functions themselves.
      if (service === 'lambda.amazonaws.com' && isOfFunction) return [];
      return [
        { ...pass, needs: allOf(passed, { anyOf: uses }) },
        { id: `role/${name}/use-in/${segment(service)}`, needs: allOf({ anyOf: uses }), assumes },
      ];
    });
  });

/** Whom the trust policy of a role lets assume it, of one type of principal. */
export function trustedBy({ trust }: RoleModel, type: 'Service' | 'Federated'): string[] {
  if (isUnknown(trust.text)) return [];
  const allows = many<StatementDocument>(documentOf(trust)?.Statement).filter(({ Effect }) => Effect === 'Allow');
  const principals = allows.flatMap(({ Principal }) => (typeof Principal === 'object' ? many<string>(Principal[type] as OneOrMany<string> | undefined) : []));
  return [...new Set(principals)];
}

/** Prefixes of the actions that make a service work whose principal has another name. */
const PREFIXES: Readonly<Record<string, readonly string[]>> = {
  ec2: ['ec2', 'ec2-instance-connect', 'ssm', 'autoscaling'],
  'ecs-tasks': ['ecs', 'ssm'],
  edgelambda: ['lambda', 'cloudfront'],
  'vpc-flow-logs': ['ec2'],
};

/** What takes something away makes nothing work. */
const TAKES_AWAY = /^(delete|remove|stop|terminate|cancel|deregister|disassociate|detach|disable|untag|revoke|reject)/;

/** The actions that could make a service work, as far as the service data know it. */
function usesOf(service: string): string[] {
  const labels = service.split('.').slice(0, -2);
  const prefixes = new Set(labels.flatMap((label) => PREFIXES[label] ?? (serviceData(label) ? [label] : [])));
  return [...prefixes]
    .flatMap((prefix) => expandActions({ Effect: 'Allow', Action: `${prefix}:*` }))
    .filter(({ accessLevel }) => accessLevel !== 'Read' && accessLevel !== 'List' && accessLevel !== 'Tagging')
    .map(({ action }) => action)
    .filter((action) => !TAKES_AWAY.test(action.slice(action.indexOf(':') + 1).toLowerCase()));
}
