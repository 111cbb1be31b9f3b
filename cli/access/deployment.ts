import type { Deployment } from '../../access/graph/deployment';
import { readDeployment } from '../../access/graph/read';
import { resourcesOf, type TerraformResource } from '../../access/graph/terraform-resource';
import { UserError } from '../shared/user-error';
import { type Documents, readDocuments } from './terraform-documents';

/** The argument of commands that read a deployment. */
export const FILES_ARGUMENT = {
  type: 'string',
  placeholder: 'FILE',
  multiple: true,
  description: 'made by terraform show -json of a state or a plan; without files Terraform is asked for the states',
} as const;

/** The options of commands that read the files of any project. */
export const LOCATION_OPTIONS = {
  account: { type: 'string', placeholder: 'ACCOUNT', description: 'the account, where the JSON of another project does not tell it' },
  region: { type: 'string', placeholder: 'REGION', description: 'the region, where the JSON of another project does not tell it' },
} as const;

/**
 * Reads a deployment from files, or from Terraform: the states of what is deployed, unless plans are asked for.
 *
 * @param files see {@link readDocuments}
 * @throws UserError when a stack cannot be planned yet
 */
export async function deploymentFrom(files: readonly string[]): Promise<Deployment> {
  return readDeployment(await resourcesFrom(files));
}

/**
 * Reads the resources of a deployment from files, or from Terraform.
 *
 * @throws UserError when a stack cannot be planned yet
 */
export async function resourcesFrom(files: readonly string[]): Promise<TerraformResource[]> {
  return settledResources(await readDocuments(files.length > 0 ? files : ['state']));
}

/**
 * The resources of documents.
 *
 * @throws UserError when a stack cannot be planned yet
 */
export function settledResources({ documents, pending }: Documents): TerraformResource[] {
  const [first] = pending;
  if (first) throw new UserError(`The stack ${first} cannot be planned before the stacks before it are applied, so the matrix cannot be decided`);
  return documents.flatMap(resourcesOf);
}
