import { lastSegment, parsePrincipal } from '../../../evaluator/index';
import { type DataSource, text } from '../resource-type';

/** aws_caller_identity */
export const callerIdentity: DataSource = {
  supportedPaths: [],
  async read(_config, { account: { sts }, perform }) {
    const caller = await perform(sts.operations.GetCallerIdentity, {});
    return { id: caller.Account, account_id: caller.Account, arn: caller.Arn, user_id: caller.UserId };
  },
};

/** aws_partition */
export const partition: DataSource = {
  supportedPaths: [],
  async read() {
    return { id: 'aws', partition: 'aws', dns_suffix: 'amazonaws.com', reverse_dns_prefix: 'com.amazonaws' };
  },
};

/** aws_region */
export const region: DataSource = {
  supportedPaths: [],
  async read(_config, { region: name }) {
    return { id: name, name, region: name, endpoint: `ec2.${name}.amazonaws.com`, description: '' };
  },
};

/** aws_iam_session_context: the role behind a session; any other caller is its own issuer. */
export const sessionContext: DataSource = {
  supportedPaths: ['arn'],
  async read(config, { account: { iam }, perform }) {
    const arn = text(config, 'arn');
    const principal = parsePrincipal(arn);
    if (principal?.kind !== 'session') return { id: arn, arn, issuer_arn: arn, issuer_id: '', issuer_name: '', session_name: '' };
    const { Role: role } = await perform(iam.operations.GetRole, { RoleName: principal.name });
    return { id: arn, arn, issuer_arn: role.Arn, issuer_id: role.RoleId, issuer_name: role.RoleName, session_name: lastSegment(arn) };
  },
};
