import './shared/quiet';
import { advanceCommand, credentialsCommand, downCommand, statusCommand } from './lab/commands';
import { execCommand } from './lab/exec';
import { upCommand } from './lab/up';
import { runProgram } from './shared/run-command';

runProgram({
  usage: 'npm run lab --',
  summary: 'An AWS account on this machine, which real Terraform deploys to and real AWS clients call.',
  details: `IDENTITY is bootstrap (an administrator that exists before anything is deployed), user (the deployed user, signed in
with MFA), or a human role such as DBAccessRole, which the user assumes.`,
  commands: [upCommand, execCommand, credentialsCommand, advanceCommand, statusCommand, downCommand],
});
