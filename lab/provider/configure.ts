import type { Account } from '../account/account';
import type { Caller } from '../account/caller';
import { notModelled, ServiceError } from '../account/errors';
import { blockOf, blocksOf, listOfTexts, textsOf } from './resource-type';
import { hasUnknown, isZero, type Values } from './values';

/** What the provider's configuration comes to. */
export interface Configured {
  readonly caller: Caller;
  readonly defaultTags: Readonly<Record<string, string>>;
}

const SUPPORTED = ['region', 'access_key', 'secret_key', 'token', 'assume_role', 'default_tags', 'allowed_account_ids', 'forbidden_account_ids'];
/** Settings that change nothing in an account without network, metadata service or S3. */
const WITHOUT_EFFECT = [
  'max_retries',
  'retry_mode',
  'skip_credentials_validation',
  'skip_metadata_api_check',
  'skip_region_validation',
  'skip_requesting_account_id',
  'sts_region',
];

/**
 * Reads the provider's configuration: who acts, and the tags of all resources. Credentials default to those that the
 * provider was attached with; the environment of the Terraform process is not visible here.
 *
 * Source: registry.terraform.io/providers/hashicorp/aws/latest/docs (argument reference of the provider).
 *
 * @throws ServiceError for a setting that is not supported, another region or account, unknown credentials, or a role that
 * cannot be assumed
 */
export async function configure(config: Values, account: Account, attachedAs: Caller): Promise<Configured> {
  for (const [name, value] of Object.entries(config)) {
    if (!isZero(value) && !SUPPORTED.includes(name) && !WITHOUT_EFFECT.includes(name)) throw notModelled(`the provider setting ${name}`);
    if (hasUnknown(value)) throw new ServiceError('InvalidProviderConfiguration', `The provider setting ${name} must be known before anything is applied`);
  }
  if (config.region !== null && config.region !== account.region) {
    throw new ServiceError(
      'InvalidProviderConfiguration',
      `The lab's account is in ${account.region}, the provider is configured for ${String(config.region)}. Start the lab with the same region.`,
    );
  }
  checkAccount(config, account.accountId);
  let caller = keyCaller(config, account) ?? attachedAs;
  for (const role of blocksOf(config, 'assume_role')) caller = await assume(role, caller, account);
  return { caller, defaultTags: textsOf(blockOf(config, 'default_tags')?.tags) };
}

function checkAccount(config: Values, accountId: string): void {
  const allowed = listOfTexts(config, 'allowed_account_ids');
  const forbidden = listOfTexts(config, 'forbidden_account_ids');
  if ((allowed.length > 0 && !allowed.includes(accountId)) || forbidden.includes(accountId)) {
    throw new ServiceError('InvalidProviderConfiguration', `AWS account ID not allowed: ${accountId}`);
  }
}

function keyCaller(config: Values, account: Account): Caller | undefined {
  if (!config.access_key) return undefined;
  const known = account.sts.find(String(config.access_key));
  const valid = known && known.secret === config.secret_key && (known.token ?? null) === (config.token || null);
  if (!valid) throw new ServiceError('InvalidClientTokenId', 'The security token included in the request is invalid.');
  return known.caller;
}

async function assume(role: Values, caller: Caller, account: Account): Promise<Caller> {
  const unsupported = Object.keys(role).find((name) => !isZero(role[name]) && !['role_arn', 'session_name', 'external_id', 'policy'].includes(name));
  if (unsupported) throw notModelled(`the provider setting assume_role.${unsupported}`);
  const session = await account.perform(
    account.sts.operations.AssumeRole,
    {
      RoleArn: String(role.role_arn),
      RoleSessionName: String(role.session_name ?? 'terraform'),
      ExternalId: role.external_id ? String(role.external_id) : undefined,
      Policy: role.policy ? String(role.policy) : undefined,
    },
    account.call(caller, { userAgent: 'terraform' }),
  );
  const known = account.sts.find(String(session.Credentials?.AccessKeyId));
  if (!known) throw new Error('A session that was just started is not known');
  return known.caller;
}
