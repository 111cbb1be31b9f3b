import { type Deployment, policiesOf } from '../graph/deployment';

/** Addresses of the resources that hold the policies of deployments, by the names that decisions give these. */
export function policyAddresses(...deployments: readonly (Deployment | undefined)[]): Readonly<Record<string, string>> {
  const policies = deployments.flatMap((deployment) => (deployment ? policiesOf(deployment) : []));
  return Object.fromEntries(policies.map(({ name, address }) => [name, address]));
}
