import { rmSync } from 'node:fs';
import path from 'node:path';
import { Lab } from '../../lab/lab';
import { Identities } from '../../proof/identities';
import { errorCode } from '../shared/error-code';
import { LAB_FOLDER, LAB_USER, projectSettings } from '../shared/project';
import { UserError } from '../shared/user-error';
import { Control } from './control';
import { removeLabFile, requireNoLab, writeLabFile } from './running-lab';

/** A lab that other commands can reach. */
export interface ServedLab {
  readonly lab: Lab;
  readonly identities: Identities;
  /** Resolves when the lab was asked to stop: by Ctrl-C, a signal, or `lab down`. */
  readonly stopped: Promise<void>;
  stop(): Promise<void>;
}

/**
 * Starts a lab in this project, with a fresh account, so that other commands find it.
 *
 * @param port of its endpoint; any free one by default
 * @throws UserError when one runs already, or the port is taken
 */
export async function serveLab(port?: number): Promise<ServedLab> {
  await requireNoLab();
  const { settings, names } = projectSettings();
  // The account starts empty, so what Terraform remembers of an earlier one must not stay.
  rmSync(path.join(LAB_FOLDER, 'state'), { recursive: true, force: true });
  let onStop = () => {};
  const stopped = new Promise<void>((resolve) => {
    onStop = resolve;
  });
  const control = new Control({
    onStop: () => onStop(),
    faultsOf: ({ account }) => account.faults,
  });
  const lab = await startLab(settings.region, control, port);
  const identities = new Identities(lab, names, settings.user || LAB_USER);
  control.use(identities);
  const labFile = { url: lab.endpoint.url, token: control.token, pid: process.pid };
  writeLabFile(labFile);
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.once(signal, onStop);
  return {
    lab,
    identities,
    stopped,
    async stop() {
      for (const signal of signals) process.off(signal, onStop);
      removeLabFile(labFile);
      await lab.stop();
    },
  };
}

async function startLab(region: string, control: Control, port: number | undefined): Promise<Lab> {
  try {
    return await Lab.start({ region, folder: LAB_FOLDER, port, control: (request, lab) => control.answer(request, lab) });
  } catch (cause) {
    if (errorCode(cause) !== 'EADDRINUSE') throw cause;
    throw new UserError(`Port ${port} is taken. Choose another one: npm run lab -- up --port PORT`, { cause });
  }
}
