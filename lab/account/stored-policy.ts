import { compilePolicy, type Policy, PolicyError } from '../../evaluator/index';
import { ServiceError } from './errors';

/** What a stored policy needs to know of IAM. */
export interface PrincipalDirectory {
  /** Changes whenever a user or role comes or goes. */
  readonly generation: number;
  /** The unique id behind the ARN of a user or role of this account. */
  uniqueIdOf(arn: string): string | undefined;
  /** Whether the ARN is of this account. */
  isLocal(arn: string): boolean;
}

/** Condition keys that the account supplies; a policy that asks for another would never be decided rightly. */
const SUPPLIED =
  /^(aws:(calledvia|calledviafirst|calledvialast|currenttime|epochtime|multifactorauthage|multifactorauthpresent|principalaccount|principalarn|principalisawsservice|principalservicename|principaltag\/.+|principaltype|requestedregion|resourceaccount|securetransport|sourceaccount|sourcearn|sourceip|useragent|userid|username|viaawsservice)|iam:(passedtoservice|associatedresourcearn)|kms:(calleraccount|encryptioncontext:.+|encryptioncontextkeys|grantisforawsresource|grantoperations|viaservice)|lambda:(functionarn|sourcefunctionarn)|sts:(externalid|rolesessionname))$/;

/** AWS stores policies with actions, resources and condition keys that do not exist, and so does the account. */
const AS_AWS = { strict: false };

/**
 * A policy that names principals. AWS stores the unique ids of the users and roles it names: one that is deleted and made
 * again under the same name is somebody else, and the policy then shows the old id.
 * Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
 */
export class StoredPolicy {
  private readonly ids = new Map<string, string>();
  private compiled: { readonly generation: number; readonly policy: Policy } | undefined;

  /** @throws PolicyError, or what `unknownPrincipal` makes when a principal of this account does not exist */
  constructor(
    private readonly directory: PrincipalDirectory,
    private readonly name: string,
    private readonly original: string,
    private readonly kind: 'resource' | 'trust' | 'key',
    unknownPrincipal: () => ServiceError,
  ) {
    checkPolicy(name, original, kind);
    for (const arn of principalsOf(JSON.parse(original))) {
      if (!directory.isLocal(arn)) continue;
      const id = directory.uniqueIdOf(arn);
      if (id === undefined) throw unknownPrincipal();
      this.ids.set(arn, id);
    }
  }

  /** The document as it reads now. */
  text(): string {
    const orphans = [...this.ids].filter(([arn, id]) => this.directory.uniqueIdOf(arn) !== id);
    return orphans.reduce((text, [arn, id]) => text.replaceAll(JSON.stringify(arn), JSON.stringify(id)), this.original);
  }

  /** Ready for decisions. */
  policy(): Policy {
    const { generation } = this.directory;
    if (this.compiled?.generation !== generation) this.compiled = { generation, policy: compilePolicy(this.name, this.text(), this.kind, AS_AWS) };
    return this.compiled.policy;
  }
}

/**
 * Compiles a policy for use in the account.
 *
 * @throws ServiceError MalformedPolicyDocument when it is not a policy, or asks for a condition key that the account does not supply
 */
export function checkPolicy(name: string, text: string, kind: 'identity' | 'resource' | 'trust' | 'key'): Policy {
  try {
    const policy = compilePolicy(name, text, kind, AS_AWS);
    const unknown = conditionKeysOf(JSON.parse(text)).find((key) => !SUPPLIED.test(key.toLowerCase()));
    if (unknown !== undefined) throw new PolicyError(name, 'Condition', `the lab does not supply the condition key ${unknown}`);
    return policy;
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error;
    throw new ServiceError(kind === 'key' ? 'MalformedPolicyDocumentException' : 'MalformedPolicyDocument', error.message);
  }
}

type Json = Readonly<Record<string, unknown>>;

function statementsOf(document: Json): readonly Json[] {
  const statement = document.Statement;
  return (Array.isArray(statement) ? statement : [statement]) as Json[];
}

function conditionKeysOf(document: Json): string[] {
  return statementsOf(document).flatMap((statement) => Object.values((statement.Condition ?? {}) as Record<string, Json>).flatMap((keys) => Object.keys(keys)));
}

function principalsOf(document: Json): string[] {
  return statementsOf(document).flatMap((statement) => {
    const principals = (statement.Principal ?? statement.NotPrincipal) as string | Record<string, string | string[]> | undefined;
    return principals === undefined || typeof principals === 'string' ? [] : [principals.AWS ?? []].flat();
  });
}
