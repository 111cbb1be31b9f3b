import './shared/quiet';
import { runProgram } from './shared/run-command';
import { startCommand } from './start/start';

runProgram({
  usage: 'npm start --',
  summary: 'Deploys the pipeline to a lab on this machine, runs it on real input, and shows who can and cannot read it.',
  command: startCommand,
});
