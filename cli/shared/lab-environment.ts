import path from 'node:path';
import type { Credentials } from '../../lab/lab';
import { PROJECT } from './project';
import { terraformEnvironment } from './terraform';

/** What the environment of a command against the lab follows from. */
export interface LabEnvironment {
  readonly endpointUrl: string;
  readonly region: string;
  readonly credentials: Credentials;
  readonly reattach: string;
  readonly stateFolder: string;
  /** The user that the stacks shall deploy. */
  readonly user: string;
}

/** The lab's own data folder inside each stack's: it keeps apart what Terraform remembers of the lab and of AWS. */
const DATA_FOLDER = '.terraform-lab';

/** A path within the project is given relative to it, so that it stays right when the checkout moves. */
function withinProject(folder: string): string {
  const relative = path.relative(PROJECT, folder);
  return relative.startsWith('..') ? folder : relative;
}

/**
 * The environment in which `cdktf`, `terraform` and `aws` work against the lab.
 *
 * @param base the environment in which the command is started
 */
export function labEnvironment(lab: LabEnvironment, base: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  const { AWS_PROFILE: _profile, AWS_SESSION_TOKEN: _token, ...kept } = terraformEnvironment(base);
  return {
    ...kept,
    PATH: `${path.join(PROJECT, 'node_modules', '.bin')}${path.delimiter}${base.PATH ?? ''}`,
    AWS_ACCESS_KEY_ID: lab.credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: lab.credentials.secretAccessKey,
    ...(lab.credentials.sessionToken ? { AWS_SESSION_TOKEN: lab.credentials.sessionToken } : {}),
    AWS_REGION: lab.region,
    AWS_DEFAULT_REGION: lab.region,
    AWS_ENDPOINT_URL: lab.endpointUrl,
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_PAGER: '',
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
    NO_PROXY: ['127.0.0.1', base.NO_PROXY].filter(Boolean).join(','),
    TF_REATTACH_PROVIDERS: lab.reattach,
    TF_DATA_DIR: DATA_FOLDER,
    TF_IN_AUTOMATION: base.TF_IN_AUTOMATION ?? '1',
    CDKTF_SKIP_PROVIDER_LOCK: 'true',
    PIPELINE_REGION: lab.region,
    PIPELINE_USER: base.PIPELINE_USER || lab.user,
    PIPELINE_STATE_DIRECTORY: withinProject(lab.stateFolder),
    PIPELINE_STATE_BUCKET: '',
    // Nothing in a lab needs protection from being destroyed.
    PIPELINE_DELETION_PROTECTION: base.PIPELINE_DELETION_PROTECTION ?? 'false',
  };
}
