import {
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  DeleteLogGroupCommand,
  FilterLogEventsCommand,
  ListTagsForResourceCommand,
  PutLogEventsCommand,
  PutRetentionPolicyCommand,
  TagResourceCommand,
  UntagResourceCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { ACCOUNT, type Clients, REGION, startLab, type TestLab } from './support';

const GROUP = '/team/app';
const ARN = `arn:aws:logs:${REGION}:${ACCOUNT}:log-group:${GROUP}`;

let test: TestLab;
beforeAll(async () => {
  test = await startLab();
  await test.bootstrap.logs.send(new CreateLogGroupCommand({ logGroupName: GROUP }));
  await test.bootstrap.logs.send(new CreateLogStreamCommand({ logGroupName: GROUP, logStreamName: 'known' }));
});
afterAll(() => test.stop());

const logGroupName = GROUP;
const ON_GROUP = {
  PutRetentionPolicy: ({ logs }: Clients) => logs.send(new PutRetentionPolicyCommand({ logGroupName, retentionInDays: 7 })),
  FilterLogEvents: ({ logs }: Clients) => logs.send(new FilterLogEventsCommand({ logGroupName })),
  'FilterLogEvents by ARN': ({ logs }: Clients) => logs.send(new FilterLogEventsCommand({ logGroupIdentifier: ARN })),
  CreateLogStream: ({ logs }: Clients) => logs.send(new CreateLogStreamCommand({ logGroupName, logStreamName: 'made' })),
  PutLogEvents: ({ logs }: Clients) => logs.send(new PutLogEventsCommand({ logGroupName, logStreamName: 'known', logEvents: [] })),
};
const ON_TAGS = {
  TagResource: ({ logs }: Clients) => logs.send(new TagResourceCommand({ resourceArn: ARN, tags: { team: 'red' } })),
  ListTagsForResource: ({ logs }: Clients) => logs.send(new ListTagsForResourceCommand({ resourceArn: ARN })),
  UntagResource: ({ logs }: Clients) => logs.send(new UntagResourceCommand({ resourceArn: ARN, tagKeys: ['team'] })),
};
const refused = { name: 'AccessDeniedException' };

// Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/iam-access-control-overview-cwl.html
describe('CloudWatch Logs in the lab', () => {
  it('lets a policy that names the group as GROUP:* do everything but tag it', async () => {
    const role = await test.role('WithStar', [{ Sid: 'Logs', Effect: 'Allow', Action: 'logs:*', Resource: `${ARN}:*` }]);
    for (const act of Object.values(ON_GROUP)) await expect(act(role)).resolves.toBeDefined();
    for (const act of Object.values(ON_TAGS)) await expect(act(role)).rejects.toMatchObject(refused);
  });

  it('lets a policy that names the group plainly tag it, and nothing else', async () => {
    const role = await test.role('Plain', [{ Sid: 'Logs', Effect: 'Allow', Action: 'logs:*', Resource: ARN }]);
    for (const act of Object.values(ON_TAGS)) await expect(act(role)).resolves.toBeDefined();
    for (const act of Object.values(ON_GROUP)) await expect(act(role)).rejects.toMatchObject(refused);
  });

  it('names the group in a refusal as AWS does, with an empty stream', async () => {
    const role = await test.role('Nothing', []);
    await expect(role.logs.send(new DeleteLogGroupCommand({ logGroupName }))).rejects.toMatchObject({
      ...refused,
      message: expect.stringContaining(`is not authorized to perform: logs:DeleteLogGroup on resource: ${ARN}:log-stream: because`),
    });
  });
});
