import { readFileSync } from 'node:fs';
import { STACKS } from '../../access/application';
import { readDeployment, readModel } from '../../access/graph/read';
import { parseTerraformDocument } from '../../access/graph/terraform-json';
import { resourcesOf } from '../../access/graph/terraform-resource';

/** A JSON file of the repository. */
export const readJson = (file: string): unknown => JSON.parse(readFileSync(file, 'utf8'));

/** The deployed stacks as the states of Terraform in fixtures/. */
export const STATES = STACKS.map((stack) => parseTerraformDocument(readJson(`__tests__/access/fixtures/${stack}.json`), stack));

/** The deployment that the states describe. */
export const deployment = readDeployment(STATES.flatMap(resourcesOf));

/** Everything of the same states that decides who may do what. */
export const model = readModel(STATES.flatMap(resourcesOf));
