import './shared/quiet';
import { compareCommand } from './access/compare';
import { evaluateCommand } from './access/evaluate';
import { matrixCommand } from './access/matrix';
import { mutateCommand } from './access/mutate';
import { pathsCommand } from './access/paths';
import { planCommand } from './access/plan';
import { verifyCommand } from './access/verify';
import { whoCommand } from './access/who';
import { runProgram } from './shared/run-command';

runProgram({
  usage: 'npm run access --',
  summary: "Who may do what, from the policies' own JSON.",
  details: `Without files Terraform is asked: for the states of the three stacks, or, by plan, for plans of what the source says now.
In the lab, put npm run lab -- exec -- before the command.`,
  commands: [evaluateCommand, compareCommand, matrixCommand, verifyCommand, pathsCommand, planCommand, mutateCommand, whoCommand],
});
