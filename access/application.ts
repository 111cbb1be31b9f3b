import { isPlan, type TerraformDocument } from './graph/terraform-json';
import { resourcesBefore, resourcesOf } from './graph/terraform-resource';

/**
 * What this folder knows of the application: its stacks, and the names that it gives. Everything else here
 * holds for any deployment of the same kinds of resources.
 */

/** The stacks in the order of their deployment, each with a type of resource that it alone has. */
const DISTINCTIVE_TYPES = { identity: 'aws_iam_role', keys: 'aws_kms_key', dataplane: 'aws_sqs_queue' } as const;

/** One of the stacks. */
export type StackName = keyof typeof DISTINCTIVE_TYPES;

/** Names of the stacks, in the order of their deployment. */
export const STACKS: readonly StackName[] = ['identity', 'keys', 'dataplane'] satisfies readonly StackName[];

/**
 * Names of groups, without the prefix: that of all users, and those about whose members the matrix asks under
 * any circumstances.
 */
export const GROUPS = { everybody: 'AllUsers', assumeAllRoles: 'AssumeAllRoles', keyManagers: 'KeyManagers' } as const;

/** How the alias of the key ends that encrypts log groups. */
export const LOGS_KEY = 'logs';

/** The name of an alarm of the application; the matrix asks about this one instead of each. */
export const alarmName = (prefix: string): string => `${prefix}alarm`;

/**
 * The common prefix of all names with its hyphen, as the roles show it; empty when they have none in common.
 */
export function namePrefix(roleNames: readonly string[]): string {
  const [first = ''] = roleNames;
  const prefix = first.slice(0, first.lastIndexOf('-') + 1);
  return roleNames.every((name) => name.startsWith(prefix)) ? prefix : '';
}

/** The types of resources in a document, before or after. */
const typesOf = (document: TerraformDocument) => new Set([...resourcesBefore(document), ...resourcesOf(document)].map(({ type, mode }) => `${mode} ${type}`));

/** The stack that a document is of. */
const stackOf = (document: TerraformDocument): StackName | undefined => {
  const types = typesOf(document);
  return STACKS.find((stack) => types.has(`managed ${DISTINCTIVE_TYPES[stack]}`));
};

/**
 * What the synthesis calls resources that each stack alone has: by the ids of its constructs, and a digest of them.
 * Source: https://developer.hashicorp.com/terraform/cdktf/concepts/constructs
 */
const OWN_ADDRESSES = [
  /^aws_iam_role\.identity_(Admin|Consumer|DBAccess|DBAccessNotAllowed|Deployer|KeyManager|Operator|SQSAccess|SQSAccessNotAllowed)Role_[0-9A-F]{8}$/,
  /^aws_kms_key\.keys_(logs|queue|table)_[0-9A-F]{8}$/,
  /^(aws_sqs_queue\.dataplane_queues|aws_dynamodb_table\.dataplane_people|aws_lambda_function\.dataplane_consumer)_\w+_[0-9A-F]{8}$/,
];

/**
 * Whether any document is of this application: it has a resource, before or after, under the address that the synthesis of the
 * stacks gives it. Names alone do not tell, since other projects have roles, keys and queues too.
 */
export const isOfApplication = (documents: readonly TerraformDocument[]): boolean =>
  documents.some((document) =>
    [...resourcesBefore(document), ...resourcesOf(document)].some(({ mode, address }) => mode === 'managed' && OWN_ADDRESSES.some((own) => own.test(address))),
  );

/**
 * Stacks of which documents say nothing, neither before nor after. Without them access cannot be decided: one
 * stack defines the roles, another what the keys let them do.
 */
export function missingStacks(documents: readonly TerraformDocument[]): StackName[] {
  const types = documents.map(typesOf);
  return STACKS.filter((stack) => !types.some((present) => present.has(`managed ${DISTINCTIVE_TYPES[stack]}`)));
}

/**
 * Stacks that read outputs of others which the plans of those change: what they are, or were planned to be,
 * does not last.
 */
export function provisionalStacks(documents: readonly TerraformDocument[]): StackName[] {
  const changed = documents
    .filter(isPlan)
    .filter(({ output_changes: outputs }) => Object.values(outputs ?? {}).some(({ actions }) => actions.some((action) => action !== 'no-op')));
  const first = Math.min(...changed.map((document) => positionOf(stackOf(document))));
  return STACKS.filter((stack, index) => index > first && documents.some((document) => stackOf(document) === stack));
}

/** A plan that is of none of the stacks may change what any of them reads. */
const positionOf = (stack: StackName | undefined) => (stack === undefined ? -1 : STACKS.indexOf(stack));
