import { formatArn } from '../../evaluator/arn';
import type { PolicyDocument } from '../../evaluator/policy/document';

/**
 * Decoys: resources of the account that are none of this deployment's business. The matrix asks about them
 * too, so that an action or a resource that is too wide in a policy shows; `verify` makes them in the lab
 * under the same names.
 */

/** The name of every decoy. */
export const DECOY_NAME = 'decoy';

/** The name of the user that the matrix asks about, as a member of the groups. */
export const OWN_USER = 'matrix-user';

/** The name of a decoy that starts with that of a deployed resource, and so with the common prefix. */
export const similarName = (name: string): string => `${name}-decoy`;

/** The account of an administrator who is foreign to this deployment. */
export const FOREIGN_ACCOUNT = '999988887777';

/** The log stream in a log group. */
export const LOG_STREAM = 'stream';

/** Where decoys are: the account of the deployment. */
interface Location {
  readonly partition: string;
  readonly region: string;
  readonly account: string;
}

/** The ARNs of decoys. */
export function decoyArns({ partition, region, account }: Location) {
  const regional = (service: string, resource: string) => formatArn({ partition, service, region, account, resource });
  const iam = (resource: string) => formatArn({ partition, service: 'iam', region: '', account, resource });
  return {
    queue: regional('sqs', DECOY_NAME),
    table: regional('dynamodb', `table/${DECOY_NAME}`),
    function: regional('lambda', `function:${DECOY_NAME}`),
    alias: regional('kms', `alias/${DECOY_NAME}`),
    logGroup: regional('logs', `log-group:${DECOY_NAME}`),
    logStream: regional('logs', `log-group:${DECOY_NAME}:log-stream:${LOG_STREAM}`),
    alarm: regional('cloudwatch', `alarm:${DECOY_NAME}`),
    role: iam(`role/${DECOY_NAME}`),
    policy: iam(`policy/${DECOY_NAME}`),
    group: iam(`group/${DECOY_NAME}`),
    user: iam(`user/${DECOY_NAME}`),
    mfaDevice: iam(`mfa/${DECOY_NAME}`),
    ownUser: iam(`user/${OWN_USER}`),
    ownMfaDevice: iam(`mfa/${OWN_USER}`),
  };
}

/** The trust policy of the decoy role: it trusts the account, as many do. */
export const decoyTrust = (accountRoot: string): PolicyDocument => ({
  Version: '2012-10-17',
  Statement: [{ Sid: 'Account', Effect: 'Allow', Principal: { AWS: accountRoot }, Action: 'sts:AssumeRole' }],
});
