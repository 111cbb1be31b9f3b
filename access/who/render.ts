import type { Connection } from '../graph/connections';
import type { AccessModel } from '../model/access-model';
import type { Holder } from './holders';
import type { ResourceAccess } from './who';

/** Everything that the command tells. */
export interface WhoReport {
  readonly account: string;
  readonly region: string;
  /** What is assumed because the JSON does not tell it. */
  readonly assumed: readonly string[];
  readonly resources: readonly ResourceAccess[];
  readonly connections: readonly Connection[];
  /** What AWS accepts in policies although it looks mistaken. */
  readonly warnings: readonly { readonly address: string; readonly reason: string }[];
  /** What could not be read, and so is not decided. */
  readonly undetermined: AccessModel['undetermined'];
}

/** How many actions of a line are written out. */
const ACTIONS = 4;

/** The report as people read it, one line for each who can, or might. */
export function renderWho({ account, region, assumed, resources, connections, warnings, undetermined }: WhoReport): string {
  const lines = [
    `Account ${account}, region ${region}, requests over TLS`,
    'The root user of the account may do everything that no policy of a resource denies; it is listed for keys and roles only.',
    ...assumed.map((text) => `Assumed: ${text}`),
  ];
  for (const resource of resources) lines.push('', titleOf(resource), ...linesOf(resource));
  if (resources.length === 0) lines.push('', 'No store, key or role is in the JSON.');
  if (connections.length > 0) lines.push('', 'Besides policies:', ...connections.map(({ address, text }) => `  ${text}  (${address})`));
  if (warnings.length > 0) lines.push('', 'Looks mistaken:', ...warnings.map(({ address, reason }) => `  ${address}: ${reason}`));
  if (undetermined.length > 0) lines.push('', 'Not decided:', ...undetermined.map(({ address, reason }) => `  ${address}: ${reason}`));
  return lines.join('\n');
}

/** An id of which others have the same name holds the address already. */
const titleOf = ({ id, address }: ResourceAccess) => (id.includes(address) ? id : `${id}  (${address})`);

function linesOf({ verbs }: ResourceAccess): string[] {
  return verbs.flatMap(({ verb, allowed, undetermined }) => {
    if (allowed.length + undetermined.length === 0) return [`  ${verb}: nobody`];
    return [`  ${verb}:`, ...allowed.map((holder) => `    ${lineOf(holder)}`), ...undetermined.map((holder) => `    undetermined: ${lineOf(holder)}`)];
  });
}

function lineOf({ principal, actions, part, statements }: Holder): string {
  const more = actions.length > ACTIONS ? ` and ${actions.length - ACTIONS} more` : '';
  const where = part === undefined ? '' : ` on ${part}`;
  const by = statements.length > 0 ? `, by ${statements.join(' and ')}` : '';
  return `${principal}: ${actions.slice(0, ACTIONS).join(', ')}${more}${where}${by}`;
}
