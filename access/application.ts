import { isPlan, resourcesBefore, resourcesOf, type TerraformDocument } from './graph/terraform-json';

/** The stacks of the application in the order of their deployment, each with a type of resource that it alone has. */
const MARKS = { identity: 'aws_iam_role', keys: 'aws_kms_key', dataplane: 'aws_sqs_queue' } as const;

/** Names of the stacks, in the order of their deployment. */
export const STACKS = Object.keys(MARKS) as readonly (keyof typeof MARKS)[];

/** One of the stacks. */
export type StackName = (typeof STACKS)[number];

/** The types of resources that a document tells of, before or after. */
const typesOf = (document: TerraformDocument) => new Set([...resourcesBefore(document), ...resourcesOf(document)].map(({ type, mode }) => `${mode} ${type}`));

/**
 * Stacks of which documents tell nothing, neither before nor after. Without them access cannot be decided: who has which
 * role stands in one, what the keys let them do in another.
 */
export function missingStacks(documents: readonly TerraformDocument[]): StackName[] {
  const types = documents.map(typesOf);
  return STACKS.filter((stack) => !types.some((one) => one.has(`managed ${MARKS[stack]}`)));
}

/** Stacks that read outputs of others which the plans of those change: what they are, or were planned to be, does not last. */
export function provisionalStacks(documents: readonly TerraformDocument[]): StackName[] {
  const stackOf = (document: TerraformDocument) => STACKS.find((stack) => typesOf(document).has(`managed ${MARKS[stack]}`));
  const changed = documents
    .filter(isPlan)
    .filter(({ output_changes: outputs }) => Object.values(outputs ?? {}).some(({ actions }) => actions.some((one) => one !== 'no-op')));
  const first = Math.min(...changed.map((one) => STACKS.indexOf(stackOf(one) as StackName)));
  return STACKS.filter((stack, index) => index > first && documents.some((one) => stackOf(one) === stack));
}
