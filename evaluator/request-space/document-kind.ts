import { PolicyError } from '../errors';
import type { PolicyDocument } from '../index';
import type { DocumentKind } from './environment';

export type { DocumentKind };

/**
 * What two policy documents are attached to, by what they have: statements with a Principal are those of a resource; of a
 * key, when all actions are of KMS; of a role, when all are of STS.
 *
 * @param names how errors call the documents
 * @throws PolicyError when one document is of an identity and the other is not
 */
export function kindOf(documents: readonly [PolicyDocument, PolicyDocument], names: readonly [string, string]): DocumentKind {
  const statements = documents.map(({ Statement }) => [Statement].flat());
  const [first, second] = statements.map((list) => list.some(({ Principal, NotPrincipal }) => (Principal ?? NotPrincipal) !== undefined));
  if (first !== second)
    throw new PolicyError(names[first ? 1 : 0], 'Principal', `missing, but ${names[first ? 0 : 1]} has one: they are policies of different kinds`);
  if (!first) return 'identity';
  const actions = statements.flat().flatMap(({ Action, NotAction }) => [Action ?? NotAction ?? []].flat());
  const isAll = (service: string) =>
    actions.length > 0 && actions.every((action) => typeof action === 'string' && action.toLowerCase().startsWith(`${service}:`));
  if (isAll('kms')) return 'key';
  return isAll('sts') ? 'trust' : 'resource';
}
