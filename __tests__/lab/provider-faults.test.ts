import path from 'node:path';
import { GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import { credentials, makeGenericClientConstructor, type ServiceError as RpcError } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { encode } from '@msgpack/msgpack';
import fc from 'fast-check';
import { AttachedRun } from '../../lab/provider/attached-run';
import { Files } from '../../lab/provider/files';
import { awsTypes } from '../../lab/provider/types';
import { startLab, type TestLab } from './support';

interface Answer {
  readonly diagnostics?: readonly { readonly severity: string; readonly summary: string }[];
}

const service = loadSync(path.resolve('lab/provider/tfplugin5.proto'), { keepCase: true, enums: String, defaults: true })['tfplugin5.Provider'];
if (service === undefined || 'format' in service) throw new Error('no service Provider');
const Client = makeGenericClientConstructor(service, 'Provider');
const RPCS = Object.keys(service);

let test: TestLab;
let run: AttachedRun;
let client: InstanceType<typeof Client>;
beforeAll(async () => {
  test = await startLab();
  jest.spyOn(process.stderr, 'write').mockReturnValue(true);
  const { account } = test.lab;
  const broken = {
    ...awsTypes,
    resources: {
      ...awsTypes.resources,
      aws_iam_group: {
        supportedPaths: [],
        create: () => Promise.reject(new Error('broken on purpose')),
        read: () => {
          throw new TypeError('thrown on purpose');
        },
        delete: () => Promise.reject(new Error('rejected with no error')),
      },
    },
  };
  run = await AttachedRun.start({ account, providers: [broken], caller: account.sts.rootCredentials().caller, files: new Files(() => []) });
  const attachments = JSON.parse(run.reattach) as Record<string, { Addr: { String: string } }>;
  client = new Client(String(attachments['hashicorp/aws']?.Addr.String), credentials.createInsecure());
});
afterAll(async () => {
  client.close();
  run.detach();
  await test.stop();
});

const ask = (rpc: string, request: object) =>
  new Promise<Answer>((resolve, reject) => client[rpc]?.(request, (error: RpcError | null, answer: Answer) => (error ? reject(error) : resolve(answer))));
const value = (content: unknown) => ({ msgpack: encode(content) });
const summaries = async (rpc: string, request: object) =>
  ((await ask(rpc, request)).diagnostics ?? []).map(({ severity, summary }) => `${severity} ${summary}`);
const lives = async () => expect(await test.bootstrap.sts.send(new GetCallerIdentityCommand({}))).toHaveProperty('Arn');

describe('a request to the provider', () => {
  it('that fails in a way nobody foresaw ends with a diagnostic of its RPC and type, and is recorded as a fault', async () => {
    const before = test.lab.account.faults.total;
    expect(await summaries('ReadResource', { type_name: 'aws_iam_group', current_state: value({ id: 'g' }) })).toEqual([
      'ERROR The lab failed in ReadResource of aws_iam_group: thrown on purpose',
    ]);
    expect(await summaries('ApplyResourceChange', { type_name: 'aws_iam_group', prior_state: value(null), planned_state: value({ name: 'g' }) })).toEqual([
      'ERROR The lab failed in ApplyResourceChange of aws_iam_group: broken on purpose',
    ]);
    expect(test.lab.account.faults.total).toBe(before + 2);
    await lives();
  });

  it('with a value that is not msgpack, or no object, is answered by what is wrong with it', async () => {
    const type_name = 'aws_sqs_queue';
    expect(await summaries('ReadResource', { type_name, current_state: { msgpack: Buffer.from([0xc1]) } })).toEqual([
      expect.stringMatching(/^ERROR ReadResource of aws_sqs_queue: Terraform sent a value that cannot be read/),
    ]);
    expect(await summaries('ReadResource', { type_name, current_state: value('text') })).toEqual([
      'ERROR ReadResource of aws_sqs_queue: Terraform sent a value that is neither an object nor null',
    ]);
    expect(await summaries('UpgradeResourceState', { type_name, raw_state: { json: Buffer.from('{') } })).toEqual([
      expect.stringMatching(/^ERROR UpgradeResourceState of aws_sqs_queue: Terraform sent a value that cannot be read/),
    ]);
    expect(await summaries('ValidateResourceTypeConfig', { type_name: 'aws_dynamodb_table', config: value({ attribute: ['no block'] }) })).toEqual([
      expect.stringMatching(/where an object belongs/),
    ]);
    await lives();
  });

  it.each(['aws_no_such_type', '__proto__', 'constructor'])('for the type %s is refused by its name', async (type_name) => {
    expect(await summaries('ReadResource', { type_name, current_state: value({}) })).toEqual([
      `ERROR NotModelledByTheLab: The lab does not model ${type_name}`,
    ]);
  });

  it('of any kind, with any values, is answered', async () => {
    const types = [...Object.keys(awsTypes.resources), ...Object.keys(awsTypes.dataSources), '', 'toString'];
    const wire = fc.oneof(
      fc.uint8Array({ maxLength: 20 }).map((msgpack) => ({ msgpack })),
      fc.uint8Array({ maxLength: 20 }).map((json) => ({ json })),
      fc.object({ key: fc.constantFrom('name', 'id', 'tags', 'tags_all', 'attribute', 'environment', 'region', 'policy') }).map(value),
    );
    const members = ['config', 'prior_state', 'planned_state', 'proposed_new_state', 'current_state', 'raw_state'];
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...RPCS), fc.constantFrom(...types), fc.tuple(...members.map(() => wire)), async (rpc, type_name, values) => {
        await ask(rpc, { type_name, id: 'x', ...Object.fromEntries(members.map((member, index) => [member, values[index]])) });
      }),
      { numRuns: 300 },
    );
    await lives();
  });
});
