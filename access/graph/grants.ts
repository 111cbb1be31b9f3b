import { z } from 'zod';
import type { Grant } from '../../evaluator/grants';
import { attributeValues, text } from './attributes';
import type { ResourceGraph } from './graph';
import { kindOf } from './kinds/kinds';
import type { TerraformResource } from './terraform-resource';

const PAIRS = z.record(z.string(), z.string()).nullish();
const CONSTRAINTS = z.object({ encryption_context_equals: PAIRS, encryption_context_subset: PAIRS });
const OPERATIONS = z.array(z.string());

/**
 * What a resource aws_kms_grant gives; nothing while its grantee, its operations or its constraints are known only after apply:
 * nobody can be told then what it gives to whom.
 */
export function grantOf(graph: ResourceGraph, resource: TerraformResource, keyArn: string): Grant | undefined {
  const grantee = granteeOf(graph, resource);
  const operations = OPERATIONS.safeParse(resource.values.operations ?? []).data;
  const isUnclear = ['operations', 'constraints'].some((path) => attributeValues(resource, path).some(({ kind }) => kind === 'unknown'));
  const [block] = [resource.values.constraints ?? []].flat();
  const constraints = block === undefined ? undefined : CONSTRAINTS.safeParse(block);
  if (grantee === undefined || operations === undefined || isUnclear || constraints?.success === false) return undefined;
  return {
    id: text(resource, 'name') || resource.address,
    keyArn,
    grantee,
    operations,
    retiringPrincipal: text(resource, 'retiring_principal') || undefined,
    constraints: constraints && {
      encryptionContextEquals: constraints.data.encryption_context_equals ?? undefined,
      encryptionContextSubset: constraints.data.encryption_context_subset ?? undefined,
    },
  };
}

function granteeOf(graph: ResourceGraph, resource: TerraformResource): string | undefined {
  const isIdentity = (type: string) => ['role', 'user'].includes(kindOf(type)?.does ?? '');
  const [target, ...more] = graph.targets(resource, 'grantee_principal', isIdentity);
  if (target === undefined || more.length > 0 || target.kind === 'unknown') return undefined;
  return target.kind === 'named' ? target.value : graph.arnOf(target.resource);
}
