import type { LocationOptions } from '../graph/location';
import { isPlan, type TerraformDocument } from '../graph/terraform-json';
import { resourcesBefore, resourcesOf } from '../graph/terraform-resource';
import { mistakesOf } from '../report/policy-mistakes';
import type { AccessChange } from './access-change';
import { lossOf } from './loss';
import { keyChanges, newConnections, type ProjectSide, policiesOfModel, projectSide } from './project-side';
import { type ProtectedParts, type Protection, protectionChanges } from './protection';
import { undecidedChanges } from './undecided-changes';
import { statementChanges } from './wider-statements';

/**
 * What applying plans of any project would do to access, over all requests. No operations are asked, since the matrix is of this
 * application: every difference is told by its statement.
 *
 * @param options the account and the region, where the JSON does not tell them
 * @throws DeploymentError when an option is not an account or a region, PolicyError when a policy is not valid
 * @example
 * projectChange([plan], { account: '111122223333' }).statements.map(({ holder, change }) => `${holder} ${change}`);
 */
export function projectChange(documents: readonly TerraformDocument[], options: LocationOptions = {}): AccessChange {
  const after = projectSide(documents.flatMap(resourcesOf), options);
  // Data sources and ARNs that tell where the project is may be on one side only.
  const before = projectSide(
    documents.flatMap((document) => (isPlan(document) ? resourcesBefore(document) : resourcesOf(document))),
    after.location,
  );
  const statements = statementChanges(before, after);
  const policies = [before, after].flatMap(({ model }) => (model ? policiesOfModel(model) : []));
  return {
    gained: [],
    lost: [],
    undetermined: [],
    statements: [...statements.gained, ...newConnections(before, after), ...undecidedChanges(documents, before.model, after.model)],
    lostStatements: [...statements.lost, ...newConnections(after, before)],
    protections: [...protectionChanges(documents, before.parts, keptParts(before.parts, after.parts)), ...otherKeys(before, after)],
    pending: [],
    warnings: after.model ? mistakesOf(policiesOfModel(after.model)) : [],
    addresses: Object.fromEntries(policies.map(({ name, address }) => [name, address])),
    assumed: after.model ? after.assumed : before.assumed,
  };
}

/** The parts that were there before: nothing is lost of what is new, and its access is told by its statements. */
function keptParts(before: ProtectedParts | undefined, after: ProtectedParts | undefined): ProtectedParts | undefined {
  if (before === undefined || after === undefined) return undefined;
  const kept = <Part extends { readonly name: string; readonly arn: string }>(now: readonly Part[], was: readonly Part[]) =>
    now.filter(({ name, arn }) => name !== '' && was.some((part) => part.arn === arn || part.name === name));
  return {
    account: after.account,
    keys: kept(after.keys, before.keys),
    queues: kept(after.queues, before.queues),
    tables: kept(after.tables, before.tables),
    logGroups: kept(after.logGroups, before.logGroups),
  };
}

/** Of these types {@link protectionChanges} tells which key they have. */
const TOLD = new Set(['aws_sqs_queue', 'aws_dynamodb_table', 'aws_cloudwatch_log_group']);

function otherKeys(before: ProjectSide, after: ProjectSide): Protection[] {
  const told = new Set((after.model?.resources ?? []).flatMap(({ id, type }) => (TOLD.has(type) ? [id] : [])));
  const texts = { none: 'has no customer managed key', other: 'gets another key', unknown: 'may get another key: which, is known only after apply' };
  return keyChanges(before.model, after.model)
    .filter(({ id }) => !told.has(id))
    .map(({ id, to }) => {
      const { of, what, loss, change } = lossOf('resource', id, id)(`${to === 'none' ? 'no' : to}-key`, texts[to]);
      return { id: `${of} | ${loss}`, what, change };
    });
}
