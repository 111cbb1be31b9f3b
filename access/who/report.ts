import { accessModelOf } from '../graph/access-model-of';
import { connectionsOf } from '../graph/connections';
import type { ResourceGraph } from '../graph/graph';
import { malformedPolicies, mistakenPolicies } from './policies';
import { unreadableIdentities } from './principals';
import type { WhoReport } from './render';
import { whoCan } from './who';

/** Who can do what in any project, with everything that is not decided. */
export function whoReportOf(graph: ResourceGraph): WhoReport {
  const model = accessModelOf(graph);
  const { account, region, assumed } = graph.location;
  const unreadable = unreadableIdentities(model).map(({ address, arn }) => ({ address, reason: `its ARN ${arn} is not one of AWS` }));
  return {
    account,
    region,
    assumed,
    resources: whoCan(model),
    connections: connectionsOf(graph),
    warnings: mistakenPolicies(model),
    undetermined: [...model.undetermined, ...unreadable, ...malformedPolicies(model)],
  };
}
