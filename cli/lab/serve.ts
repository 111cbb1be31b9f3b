import { rmSync } from 'node:fs';
import path from 'node:path';
import { Lab } from '../../lab/lab';
import { Identities } from '../../proof/identities';
import { LAB_FOLDER, LAB_USER, projectSettings } from '../shared/project';
import { UserError } from '../shared/user-error';
import { Control } from './control';
import { removeLabFile, requireNoLab, writeLabFile } from './running-lab';

/** A lab that other commands can reach. */
export interface ServedLab {
  readonly lab: Lab;
  readonly identities: Identities;
  /** Resolves when the lab was told to stop: by Ctrl-C, a signal, or `lab down`. */
  readonly stopped: Promise<void>;
  stop(): Promise<void>;
}

/** Starts a lab in this project, with a fresh account, and leaves word of it for other commands. */
export async function serveLab(port?: number): Promise<ServedLab> {
  requireNoLab();
  const { settings, names } = projectSettings();
  // The account starts empty, so what Terraform remembers of an earlier one must not stay.
  rmSync(path.join(LAB_FOLDER, 'state'), { recursive: true, force: true });
  let tellStop = () => {};
  const stopped = new Promise<void>((resolve) => {
    tellStop = resolve;
  });
  const control = new Control(() => tellStop());
  const lab = await Lab.start({ region: settings.region, folder: LAB_FOLDER, port, control: (request, started) => control.answer(request, started) }).catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') throw new UserError(`Port ${port} is taken. Choose another one: npm run lab -- up --port PORT`);
      throw error;
    },
  );
  const identities = new Identities(lab, names, settings.user || LAB_USER);
  control.use(identities);
  writeLabFile({ url: lab.endpoint.url, token: control.token, pid: process.pid });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => tellStop());
  return {
    lab,
    identities,
    stopped,
    async stop() {
      removeLabFile();
      await lab.stop();
    },
  };
}
