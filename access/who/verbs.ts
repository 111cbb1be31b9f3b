import { serviceData } from '../../evaluator/service-data/service-data';

/** What somebody can do with a resource. */
export type Verb = 'read' | 'write' | 'delete' | 'use' | 'administer' | 'assume';

/** In the order in which they are shown. */
export const VERBS: readonly Verb[] = ['read', 'write', 'delete', 'use', 'assume', 'administer'];

/**
 * The operations that use a key's material.
 * Source: https://docs.aws.amazon.com/kms/latest/developerguide/concepts.html#cryptographic-operations
 */
const CRYPTOGRAPHIC = /^(Encrypt|Decrypt|ReEncrypt(From|To)|GenerateDataKey\w*|GenerateMac|VerifyMac|Sign|Verify|DeriveSharedSecret)$/;

/**
 * The verb of an action, by its access level: permissions management and tagging administer, since policies may look at tags;
 * what writes and is called Delete or the like deletes.
 *
 * Source: https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
 */
function verbOf(service: string, name: string, accessLevel: string): Verb {
  if (service === 'sts') return 'assume';
  if (/^(Read|List)$/.test(accessLevel)) return 'read';
  if (/Permissions management|Tagging/.test(accessLevel)) return 'administer';
  if (service === 'kms') return CRYPTOGRAPHIC.test(name) ? 'use' : 'administer';
  if (/^(Invoke|PassRole$)|^Start\w*Execution$/.test(name)) return 'use';
  if (/^(Delete|Purge|Remove|BatchDelete)/.test(name)) return 'delete';
  return service === 'iam' ? 'administer' : 'write';
}

/** An action of a service on some kind of resource. */
export interface ServiceAction {
  /** `service:Name`. */
  readonly name: string;
  readonly verb: Verb;
  /** ARN templates of what it acts upon, with `*` for each variable part. */
  readonly templates: readonly string[];
}

const known = new Map<string, readonly ServiceAction[]>();

/** The actions of a service that act upon resources; none for a service that the data do not know. */
export function serviceActions(service: string): readonly ServiceAction[] {
  let actions = known.get(service);
  if (actions === undefined) {
    const data = serviceData(service);
    actions = [...(data?.actions.values() ?? [])].map(({ name, accessLevel, resourceTypes }) => ({
      name: `${service}:${name}`,
      verb: verbOf(service, name, accessLevel),
      // Some types have two ARNs, written as one text.
      templates: resourceTypes.flatMap((type) => (data?.resourceTypes.get(type.name.toLowerCase()) ?? 'arn:*').split(/,\s*/)),
    }));
    known.set(service, actions);
  }
  return actions;
}
