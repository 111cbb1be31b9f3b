import { accessModelOf } from '../../../access/graph/access-model-of';
import { UNKNOWN } from '../../../evaluator/unknown';
import { graphWith, type PlannedResource, refersTo } from './plan-builder';

const role: PlannedResource = { address: 'aws_iam_role.r', values: { name: 'r' }, unknown: { arn: true } };
const queue: PlannedResource = {
  address: 'aws_sqs_queue.q',
  values: { name: 'q' },
  unknown: { arn: true, policy: true },
  expressions: { policy: refersTo('data.aws_iam_policy_document.d.json') },
};
const bucket: PlannedResource = { address: 'aws_s3_bucket.b', values: { bucket: 'b' }, unknown: { arn: true } };

interface Block {
  readonly values: Record<string, unknown>;
  readonly unknown?: Record<string, unknown>;
  readonly expressions?: Record<string, unknown>;
}

const PRINCIPAL = { principals: [{ type: 'Service', identifiers: ['sns.amazonaws.com'] }] };

/** The document that the policy of a queue is once a data source has been read. */
function documentOf(
  blocks: readonly Block[],
  { values = {}, unknown = {}, expressions = {} }: Partial<Block> = {},
  more: readonly PlannedResource[] = [],
): unknown {
  const data: PlannedResource = {
    address: 'data.aws_iam_policy_document.d',
    mode: 'data',
    values: { ...values, statement: blocks.map((block) => ({ effect: null, ...PRINCIPAL, ...block.values })) },
    unknown: { json: true, ...unknown, statement: blocks.map((block) => block.unknown ?? {}) },
    expressions: { ...expressions, statement: blocks.map((block) => block.expressions ?? {}) },
  };
  const { resources } = accessModelOf(graphWith(role, queue, bucket, data, ...more));
  const text = resources.find(({ id }) => id === 'queue q')?.policy?.text ?? '';
  return text === UNKNOWN ? UNKNOWN : JSON.parse(text);
}

const SEND = { sid: 'Send', actions: ['sqs:SendMessage'] };
const statements = (document: unknown) => (document as { Statement: Record<string, unknown>[] }).Statement;

describe('a policy document that only an apply will read', () => {
  it('has the ARN of a resource by its name', () => {
    const document = documentOf([
      { values: { ...SEND, resources: [null] }, unknown: { resources: [true] }, expressions: { resources: refersTo('aws_sqs_queue.q.arn') } },
    ]);
    expect(document).toEqual({
      Version: '2012-10-17',
      Statement: [
        {
          Sid: 'Send',
          Effect: 'Allow',
          Principal: { Service: ['sns.amazonaws.com'] },
          Action: ['sqs:SendMessage'],
          Resource: ['arn:aws:sqs:eu-west-1:111122223333:q'],
        },
      ],
    });
  });

  it('leaves open which parts of a resource it names: the JSON does not show what stands around a reference', () => {
    const document = documentOf([
      { values: { ...SEND, resources: [null] }, unknown: { resources: [true] }, expressions: { resources: refersTo('aws_s3_bucket.b.arn') } },
    ]);
    expect(statements(document)[0]).toMatchObject({
      Resource: ['arn:aws:s3:::b', 'arn:aws:s3:::b/*'],
      Condition: { Bool: { 'aws:SecureTransport': UNKNOWN } },
    });
  });

  it('has principals by name, beside known ones', () => {
    const principals = [{ type: 'AWS', identifiers: ['arn:aws:iam::444455556666:root', null] }];
    const expression = [{ identifiers: { references: ['var.account', ...refersTo('aws_iam_role.r.arn').references] } }];
    const document = documentOf([
      { values: { ...SEND, resources: ['*'], principals }, unknown: { principals: [{ identifiers: [false, true] }] }, expressions: { principals: expression } },
    ]);
    // The variable is not in the JSON, so an identifier may be anything.
    expect(statements(document)[0]?.Principal).toEqual({ AWS: ['arn:aws:iam::444455556666:root', UNKNOWN, 'arn:aws:iam::111122223333:role/r'] });
  });

  it('has values of conditions, and variables', () => {
    const condition = [{ test: 'ArnEquals', variable: 'aws:SourceArn', values: [null] }];
    const unknown = { condition: [{ values: [true] }] };
    const expressions = { condition: [{ values: refersTo('aws_iam_role.r.arn') }] };
    const document = documentOf([{ values: { ...SEND, resources: ['arn:aws:sqs:*:*:&{aws:username}'], condition }, unknown, expressions }]);
    expect(statements(document)[0]).toMatchObject({
      Resource: [`arn:aws:sqs:*:*:\${aws:username}`],
      Condition: { ArnEquals: { 'aws:SourceArn': ['arn:aws:iam::111122223333:role/r'] } },
    });
  });

  it('replaces statements by those of overriding documents, after those of its sources', () => {
    const text = (sid: string, action: string) =>
      JSON.stringify({ Version: '2012-10-17', Statement: { Sid: sid, Effect: 'Deny', Principal: '*', Action: action, Resource: '*' } });
    const values = { source_policy_documents: [text('First', 'sqs:a')], override_policy_documents: [text('Send', 'sqs:b')] };
    const document = documentOf([{ values: { ...SEND, resources: ['*'] } }, { values: { ...SEND, sid: 'Third', resources: ['*'] } }], { values });
    expect(statements(document).map(({ Sid, Action }) => [Sid, Action])).toEqual([
      ['First', 'sqs:a'],
      ['Third', ['sqs:SendMessage']],
      ['Send', 'sqs:b'],
    ]);
  });

  it.each<[string, Block, Partial<Block>]>([
    ['actions', { values: { sid: 'Send', resources: ['*'] }, unknown: { actions: true } }, {}],
    ['its effect', { values: { ...SEND, resources: ['*'] }, unknown: { effect: true } }, {}],
    ['a source that is no document', { values: { ...SEND, resources: ['*'] } }, { values: { source_policy_documents: ['{'] } }],
    [
      'a source of elsewhere',
      { values: { ...SEND, resources: ['*'] } },
      { unknown: { source_policy_documents: true }, expressions: { source_policy_documents: refersTo('local.x') } },
    ],
    [
      'itself as its source',
      { values: { ...SEND, resources: ['*'] } },
      { unknown: { source_policy_documents: [true] }, expressions: { source_policy_documents: refersTo('data.aws_iam_policy_document.d.json') } },
    ],
  ])('is unknown as a whole where only the apply tells %s', (_what, block, whole) => {
    expect(documentOf([block], whole)).toBe(UNKNOWN);
  });

  it('is unknown as a whole where it is text of the configuration', () => {
    const encoded = { ...queue, expressions: { policy: refersTo('aws_sqs_queue.q.arn') } };
    expect(accessModelOf(graphWith(encoded)).resources[0]?.policy?.text).toBe(UNKNOWN);
  });
});
