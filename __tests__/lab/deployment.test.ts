import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { SendMessageCommand, SetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { policiesOf, policySourceId, withPolicies } from '../../access/graph/deployment';
import { readDeployment } from '../../access/graph/read';
import type { TerraformDocument } from '../../access/graph/terraform-json';
import { resourcesOf } from '../../access/graph/terraform-resource';
import { compare, parseExpectedMatrix } from '../../access/matrix/expected';
import expectedMatrix from '../../access/matrix/expected.json';
import { computeMatrix } from '../../access/matrix/matrix';
import { accessChange } from '../../access/plan/access-change';
import type { Credentials } from '../../lab/lab';
import { Identities } from '../../proof/identities';
import { verify } from '../../proof/verify/verify';
import { Names, STACKS } from '../../stacks/names';
import { ACCOUNT, startLab, type TestLab } from './support';
import { runAgainst } from './terraform';

// One deployment by the real cdktf and Terraform, looked at from all sides; the tests follow one another.
const MINUTES = 60_000;
const names = new Names('pipeline');
let test: TestLab;
let out: string;
let identities: Identities;

beforeAll(async () => {
  test = await startLab();
  out = mkdtempSync(path.join(tmpdir(), 'cdktf-out-'));
  identities = new Identities(test.lab, names, 'pat');
});
afterAll(async () => {
  await test.stop();
  rmSync(out, { recursive: true, force: true });
});

const project = process.cwd();
const cdktf = (verb: string, as: Credentials = test.lab.bootstrap, env: NodeJS.ProcessEnv = {}) =>
  runAgainst(test.lab, as, ['cdktf', verb, ...(verb === 'synth' ? [] : [...STACKS, '--auto-approve']), '--output', out], { cwd: project, folders: [out], env });
const stackFolder = (stack: string) => path.join(out, 'stacks', stack);
const terraform = (stack: string, args: string[], as: Credentials = test.lab.bootstrap) =>
  runAgainst(test.lab, as, ['terraform', ...args], { cwd: stackFolder(stack), folders: [stackFolder(stack)] });
const planOf = (stack: string, as?: Credentials) => terraform(stack, ['plan', '-no-color', '-detailed-exitcode', '-input=false'], as);

const queueUrl = () => `${test.lab.endpoint.url}/${ACCOUNT}/${names.queue}`;
async function sendAs(role: string): Promise<string> {
  const { sqs } = test.clients(await identities.credentials(role));
  const MessageAttributes = { Action: { DataType: 'String', StringValue: 'creation' } };
  return sqs.send(new SendMessageCommand({ QueueUrl: queueUrl(), MessageBody: 'Doe, John', MessageAttributes })).then(
    () => 'sent',
    (error: Error) => error.name,
  );
}

describe('the deployment', () => {
  it(
    'of the three stacks by cdktf succeeds',
    async () => {
      const { code, output } = await cdktf('deploy');
      expect({ code, output: code === 0 ? '' : output }).toEqual({ code: 0, output: '' });
    },
    3 * MINUTES,
  );

  it('leaves nothing to change', async () => {
    for (const stack of STACKS) expect(await planOf(stack)).toMatchObject({ code: 0 });
  });

  it('gives the access that the matrix expects, in every cell', async () => {
    const documents: TerraformDocument[] = [];
    for (const stack of STACKS) documents.push(JSON.parse((await terraform(stack, ['show', '-json'])).output) as TerraformDocument);
    const cells = computeMatrix(readDeployment(documents.flatMap(resourcesOf)));
    expect(compare(cells, parseExpectedMatrix(expectedMatrix))).toEqual({ differences: [], unknownOperations: [], missingOperations: [] });
  });

  it('is what the tests of access are made on: the policies are those of the fixtures', async () => {
    const fixtures = STACKS.map((stack) => JSON.parse(readFileSync(`__tests__/access/fixtures/${stack}.json`, 'utf8')) as TerraformDocument);
    const policies = (documents: readonly TerraformDocument[]) =>
      policiesOf(readDeployment(documents.flatMap(resourcesOf))).map(({ address, attribute, text }) => ({
        address,
        attribute,
        document: JSON.parse(text) as unknown,
      }));
    const documents: TerraformDocument[] = [];
    for (const stack of STACKS) documents.push(JSON.parse((await terraform(stack, ['show', '-json'])).output) as TerraformDocument);
    expect(policies(documents)).toEqual(policies(fixtures));
  });

  it('inspects a real plan: a role added to a key policy is named before it is applied', async () => {
    const file = path.join(stackFolder('keys'), 'cdk.tf.json');
    const original = readFileSync(file, 'utf8');
    writeFileSync(file, original.replaceAll('SQSAccessRole_arn', 'SQSAccessNotAllowedRole_arn'));
    const documents: TerraformDocument[] = [];
    for (const stack of STACKS) {
      await terraform(stack, ['plan', '-input=false', '-out=inspected']);
      documents.push(JSON.parse((await terraform(stack, ['show', '-json', 'inspected'])).output) as TerraformDocument);
    }
    writeFileSync(file, original);
    const { gained, lost, undetermined } = accessChange(documents);
    expect(gained.map(({ actor, operation }) => `${actor} | ${operation}`)).toContain('role/SQSAccessNotAllowedRole | queue/people/send');
    expect(lost.map(({ actor, operation }) => `${actor} | ${operation}`)).toContain('role/SQSAccessRole | queue/people/send');
    expect(undetermined).toEqual([]);
  });

  it('keeps no state and no plan in the project', () => {
    expect(existsSync(path.join(test.lab.stateFolder, 'keys.tfstate'))).toBe(true);
    expect(existsSync(path.join(project, 'terraform.keys.tfstate'))).toBe(false);
  });

  it('shows a queue attribute that was changed behind Terraform’s back as drift', async () => {
    await test.bootstrap.sqs.send(new SetQueueAttributesCommand({ QueueUrl: queueUrl(), Attributes: { VisibilityTimeout: '200' } }));
    const { code, output } = await planOf('dataplane');
    expect(code).toBe(2);
    expect(output).toMatch(/visibility_timeout_seconds\s+= 200 -> 120/);
    expect(await terraform('dataplane', ['apply', '-auto-approve', '-input=false'])).toMatchObject({ code: 0 });
  });

  it('takes sending from exactly the principal that is removed from the queue key’s policy, and gives it back', async () => {
    const file = path.join(stackFolder('keys'), 'cdk.tf.json');
    const original = readFileSync(file, 'utf8');
    const without = original.replace('SQSAccessRole_arn', 'KeyManagerRole_arn');
    expect(without).not.toBe(original);
    expect(await sendAs('SQSAccessRole')).toBe('sent');

    writeFileSync(file, without);
    expect(await terraform('keys', ['apply', '-auto-approve', '-input=false'])).toMatchObject({ code: 0 });
    expect(await sendAs('SQSAccessRole')).toBe('sent');
    test.advance(300);
    expect(await sendAs('SQSAccessRole')).toBe('KmsAccessDenied');
    expect(await sendAs('SQSAccessNotAllowedRole')).toBe('KmsAccessDenied');

    writeFileSync(file, original);
    expect(await terraform('keys', ['apply', '-auto-approve', '-input=false'])).toMatchObject({ code: 0 });
    expect(await sendAs('SQSAccessRole')).toBe('sent');
  });

  it(
    'that would lock its own caller out is refused, and told what to set',
    async () => {
      expect(await cdktf('synth', undefined, { PIPELINE_DEPLOYERS: `arn:aws:iam::${ACCOUNT}:role/${names.of('DeployerRole')}` })).toMatchObject({ code: 0 });
      const { code, output } = await planOf('keys');
      expect(code).toBe(1);
      expect(output).toContain('PIPELINE_DEPLOYERS');
    },
    MINUTES,
  );

  it(
    'is removed by cdktf destroy without a trace, and can be made again',
    async () => {
      const destroyed = await cdktf('destroy');
      expect({ code: destroyed.code, output: destroyed.code === 0 ? '' : destroyed.output }).toEqual({ code: 0, output: '' });
      const { iam, sqs, dynamodb, lambda, kms } = test.lab.account;
      expect([
        iam.roles.size,
        iam.groups.size,
        iam.managed.size,
        sqs.queues.size,
        dynamodb.tables.size,
        lambda.functions.size,
        lambda.pollers.size,
        kms.aliases.size,
      ]).toEqual([0, 0, 0, 0, 0, 0, 0, 0]);
      expect([...kms.keys.values()].every((key) => key.state === 'PendingDeletion')).toBe(true);
      expect(await cdktf('deploy')).toMatchObject({ code: 0 });
    },
    3 * MINUTES,
  );

  it(
    'by DeployerRole needs no more than its own permissions, and takes the keys from the first deployer',
    async () => {
      identities = new Identities(test.lab, names, 'pat');
      const deployer = await identities.credentials('DeployerRole');
      const { code, output } = await cdktf('deploy', deployer);
      expect({ code, output: code === 0 ? '' : output }).toEqual({ code: 0, output: '' });
      for (const stack of STACKS) expect(await planOf(stack, deployer)).toMatchObject({ code: 0 });
      expect((await planOf('keys')).output).toContain('AccessDeniedException');
    },
    3 * MINUTES,
  );

  it(
    'is verified as somebody who finds a statement that is in the JSON, but not in the account',
    async () => {
      const documents: TerraformDocument[] = [];
      for (const stack of STACKS) documents.push(JSON.parse((await terraform(stack, ['show', '-json'])).output) as TerraformDocument);
      const deployment = readDeployment(documents.flatMap(resourcesOf));
      const policy = deployment.keys.find(({ name }) => name === names.of('table'))?.policy;
      if (!policy) throw new Error('The key of the table is not deployed');
      const claimed = withPolicies(deployment, new Map([[policySourceId(policy), policy.text.replaceAll('DBAccessRole', 'DBAccessNotAllowedRole')]]));
      const { performed, mismatches } = await verify(test.lab, identities, names, claimed, () => {});
      expect(performed).toBe(computeMatrix(claimed).length);
      expect(new Set(mismatches.map(({ actor }) => actor))).toEqual(new Set(['role/DBAccessRole', 'role/DBAccessNotAllowedRole']));
      expect(mismatches).toContainEqual(
        expect.objectContaining({ actor: 'role/DBAccessRole', operation: 'table/Person/scan', outcome: 'denied', observed: 'allowed' }),
      );
      expect(mismatches).toContainEqual(
        expect.objectContaining({ actor: 'role/DBAccessNotAllowedRole', operation: 'table/Person/scan', outcome: 'allowed', observed: 'denied' }),
      );
    },
    3 * MINUTES,
  );
});
