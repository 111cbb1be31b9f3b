/** Starts execution environments until the system refuses another process; run with a low limit of open files. */
import { Worker } from '../../lab/account/lambda/worker';
import { packageOf } from './functions';

const zip = packageOf('exports.handler = () => new Promise(() => setInterval(() => {}, 1000));');
const workers: Worker[] = [];
const errors = new Set<string>();

function startUntilRefused(): void {
  for (let count = 0; count < 200 && errors.size === 0; count++) {
    try {
      workers.push(new Worker({ zip, environment: {}, onLine: () => undefined, onFault: () => undefined }));
    } catch (error) {
      errors.add(String(error));
    }
  }
}

startUntilRefused();
// The error of a process that was not started is told a moment later.
setTimeout(() => {
  for (const worker of workers) worker.stop();
  process.stdout.write(`${[...errors].join('\n')}\nthe account lives on\n`);
}, 100);
