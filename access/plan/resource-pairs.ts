import { isPlan, type TerraformDocument } from '../graph/terraform-json';
import { resourcesBefore, resourcesOf, type TerraformResource } from '../graph/terraform-resource';

/** A resource before and after plans; nothing on the side where it is not. */
export interface ResourcePair {
  readonly was?: TerraformResource;
  readonly now?: TerraformResource;
}

/** What names a resource in its account and Region, also when its address changes; resources of other types are left out. */
const NAMES: Readonly<Record<string, string>> = {
  aws_cloudwatch_log_group: 'name',
  aws_dynamodb_table: 'name',
  aws_iam_role: 'name',
  aws_lambda_function: 'function_name',
  aws_sqs_queue: 'name',
  aws_sqs_queue_redrive_allow_policy: 'queue_url',
  aws_sqs_queue_redrive_policy: 'queue_url',
};

/** The resources that hold data, or say where it goes, on both sides. */
export function resourcePairs(documents: readonly TerraformDocument[]): ResourcePair[] {
  const before = byIdentity(documents.flatMap((document) => (isPlan(document) ? resourcesBefore(document) : resourcesOf(document))));
  const after = byIdentity(documents.flatMap(resourcesOf));
  return [...new Set([...before.keys(), ...after.keys()])].map((identity) => ({ was: before.get(identity), now: after.get(identity) }));
}

function byIdentity(resources: readonly TerraformResource[]): Map<string, TerraformResource> {
  return new Map(
    resources.flatMap((resource): [string, TerraformResource][] => {
      const attribute = NAMES[resource.type];
      if (resource.mode !== 'managed' || attribute === undefined) return [];
      return [[`${resource.type} ${text(resource.values, attribute) || resource.address}`, resource]];
    }),
  );
}

/** An attribute as text; empty when it is absent or not known. */
export const text = (values: TerraformResource['values'] | undefined, attribute: string) => String(values?.[attribute] ?? '');

/** Whether an attribute is known only after apply. */
export const isUnclear = ({ unknown }: TerraformResource, attribute: string) => unknown[attribute] === true;
