import { type DeployOptions, deploy } from '../shared/cdktf-deploy';
import { PROJECT } from '../shared/project';
import { UserError } from '../shared/user-error';
import { environmentOf } from './exec';
import { type ServedLab, serveLab } from './serve';

/** What is done in a lab that is made for it. */
export interface LabRun<Result> {
  /** Its result is the run's. It ends early, with exit code 130, when the lab is asked to stop meanwhile. */
  readonly work: (served: ServedLab) => Promise<Result>;
  /** What is done afterwards, before the lab stops. */
  readonly afterwards?: (served: ServedLab) => Promise<void>;
}

/**
 * Serves a lab on a free port for as long as something is done in it.
 *
 * @throws UserError when a lab runs already in this project, or it was interrupted
 */
export async function runInLab<Result>({ work, afterwards }: LabRun<Result>): Promise<Result> {
  const served = await serveLab();
  try {
    const interrupted = served.stopped.then(() => {
      throw new UserError('Interrupted', { exitCode: 130 });
    });
    // Once the work is done, being stopped is no failure.
    interrupted.catch(() => undefined);
    const result = await Promise.race([work(served), interrupted]);
    await afterwards?.(served);
    return result;
  } finally {
    await served.stop();
  }
}

/**
 * Deploys all stacks to a lab by the real cdktf and Terraform.
 *
 * @param whileAttached runs afterwards in an environment in which Terraform still reaches the lab
 * @throws UserError with what cdktf wrote when it fails
 */
export async function deployToLab<Result>(
  { lab }: ServedLab,
  options: DeployOptions,
  whileAttached: (env: NodeJS.ProcessEnv) => Promise<Result>,
): Promise<Result> {
  const run = await lab.attach(lab.bootstrap.accessKeyId, [PROJECT]);
  try {
    const { bootstrap: credentials, endpoint, account, stateFolder } = lab;
    const env = environmentOf({ reattach: run.reattach, credentials, endpointUrl: endpoint.url, region: account.region, stateFolder });
    await deploy(env, options);
    return await whileAttached(env);
  } finally {
    run.detach();
  }
}
