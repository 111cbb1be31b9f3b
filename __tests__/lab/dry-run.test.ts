import { DeleteRoleCommand, GetRoleCommand } from '@aws-sdk/client-iam';
import { CreateQueueCommand, DeleteQueueCommand, GetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { ACCOUNT, type Clients, REGION, startLab, type TestLab } from './support';

let test: TestLab;
let nobody: Clients;
beforeAll(async () => {
  test = await startLab();
  nobody = await test.role('Nobody', []);
});
afterAll(() => test.stop());

interface Stack {
  add(
    middleware: (next: (args: Http) => Promise<unknown>) => (args: Http) => Promise<unknown>,
    options: { step: 'build'; name: string; override: boolean },
  ): void;
}
interface Http {
  readonly request: { readonly headers: Record<string, string> };
}

/** The same client, whose requests are dry runs. */
function dryRunning<T extends { middlewareStack: unknown }>(client: T): T {
  (client.middlewareStack as Stack).add(
    (next) => (args) => {
      args.request.headers['x-lab-dry-run'] = 'true';
      return next(args);
    },
    { step: 'build', name: 'dryRun', override: true },
  );
  return client;
}

describe('a dry run', () => {
  it('is decided like the real request, and changes nothing', async () => {
    const { QueueUrl } = await test.bootstrap.sqs.send(new CreateQueueCommand({ QueueName: 'people' }));
    const admin = test.clients(test.lab.bootstrap);
    await expect(dryRunning(admin.sqs).send(new DeleteQueueCommand({ QueueUrl }))).rejects.toMatchObject({
      name: 'DryRunOperation',
      message: `Allowed, and not done: sqs:DeleteQueue on arn:aws:sqs:${REGION}:${ACCOUNT}:people`,
    });
    await expect(dryRunning(nobody.sqs).send(new DeleteQueueCommand({ QueueUrl }))).rejects.toMatchObject({ name: 'AccessDenied' });
    await expect(test.bootstrap.sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }))).resolves.toBeDefined();
  });

  it('works in every protocol', async () => {
    const admin = test.clients(test.lab.bootstrap);
    await expect(dryRunning(admin.iam).send(new DeleteRoleCommand({ RoleName: 'Nobody' }))).rejects.toMatchObject({ name: 'DryRunOperation' });
    await expect(test.bootstrap.iam.send(new GetRoleCommand({ RoleName: 'Nobody' }))).resolves.toBeDefined();
  });
});
