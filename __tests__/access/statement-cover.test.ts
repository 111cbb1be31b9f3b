import fc from 'fast-check';
import { covers, partsOf } from '../../access/plan/statement-cover';
import { accessRequest, compilePolicy, evaluate, parsePrincipal } from '../../evaluator';
import type { StatementDocument } from '../../evaluator/policy/document';

const ACCOUNT = '111122223333';
const actions = ['sqs:SendMessage', 'sqs:ReceiveMessage', 'sqs:Receive*', 'sqs:*', 'sqs:?eceiveMessage'];
const resources = [
  '*',
  `arn:aws:sqs:eu-west-1:${ACCOUNT}:*`,
  `arn:aws:sqs:eu-west-1:${ACCOUNT}:people`,
  `arn:aws:sqs:eu-west-1:${ACCOUNT}:peopl?`,
  `arn:aws:sqs:*:${ACCOUNT}:p*e`,
];
const principals = [
  '*',
  { AWS: `arn:aws:iam::${ACCOUNT}:user/a` },
  { AWS: [`arn:aws:iam::${ACCOUNT}:user/a`, `arn:aws:iam::${ACCOUNT}:user/b`] },
  { AWS: ACCOUNT },
] as const;
const conditions: StatementDocument['Condition'][] = [
  undefined,
  { StringEquals: { 'aws:UserAgent': ['one', 'two'] } },
  { StringEquals: { 'aws:UserAgent': 'one' } },
  { StringNotEquals: { 'aws:UserAgent': ['one', 'two'] } },
  { StringNotEquals: { 'aws:useragent': 'one' } },
  { StringLike: { 'aws:UserAgent': 'o*' } },
  { Bool: { 'aws:SecureTransport': 'true' } },
  { Bool: { 'aws:SecureTransport': 'true' }, StringEquals: { 'aws:UserAgent': 'one' } },
  { NumericLessThan: { 'aws:MultiFactorAuthAge': ['10', '20'] } },
  { NumericLessThan: { 'aws:MultiFactorAuthAge': '10' } },
];

const statement: fc.Arbitrary<StatementDocument> = fc
  .record({
    Effect: fc.constantFrom('Allow', 'Deny'),
    who: fc.constantFrom(...principals),
    exceptActions: fc.boolean(),
    exceptResources: fc.boolean(),
    actions: fc.subarray(actions, { minLength: 1 }),
    resources: fc.subarray(resources, { minLength: 1 }),
    condition: fc.constantFrom(...conditions),
  })
  .map(({ Effect, who, exceptActions, exceptResources, actions: listed, resources: on, condition }) => ({
    Effect,
    Principal: who,
    ...(exceptActions ? { NotAction: listed } : { Action: listed }),
    ...(exceptResources ? { NotResource: on } : { Resource: on }),
    ...(condition ? { Condition: condition } : {}),
  }));

const request = fc.record({
  user: fc.constantFrom('a', 'b', 'c'),
  action: fc.constantFrom('sqs:SendMessage', 'sqs:ReceiveMessage', 'sqs:DeleteMessage'),
  queue: fc.constantFrom('people', 'peoplx', 'other', 'place'),
  agent: fc.constantFrom('one', 'two', 'other'),
  secure: fc.constantFrom('true', 'false'),
  age: fc.constantFrom('5', '15', '25'),
});

type Asked = typeof request extends fc.Arbitrary<infer Value> ? Value : never;

/** Whether a statement applies to a request: as a Deny it shows against a policy that allows everything. */
function applies(document: StatementDocument, { user, action, queue, agent, secure, age }: Asked): boolean {
  const principal = parsePrincipal(`arn:aws:iam::${ACCOUNT}:user/${user}`);
  if (!principal) throw new Error('not a principal');
  const everything = compilePolicy('all', { Version: '2012-10-17', Statement: { Effect: 'Allow', Action: '*', Resource: '*' } }, 'identity');
  const policy = compilePolicy('one', { Version: '2012-10-17', Statement: { ...document, Effect: 'Deny' } }, 'resource');
  const asked = accessRequest(principal, action, `arn:aws:sqs:eu-west-1:${ACCOUNT}:${queue}`, {
    'aws:UserAgent': agent,
    'aws:SecureTransport': secure,
    'aws:MultiFactorAuthAge': age,
  });
  return evaluate(asked, { identity: [everything], resource: policy }).outcome === 'explicitly denied';
}

describe('a statement that covers another', () => {
  it('applies to every request that the other applies to', () => {
    let shown = 0;
    fc.assert(
      fc.property(statement, statement, fc.array(request, { minLength: 20, maxLength: 20 }), (outer, inner, requests) => {
        const covered = partsOf(inner).every((part) => partsOf(outer).some((other) => covers(other, part)));
        if (!covered) return;
        shown += 1;
        for (const asked of requests) if (applies(inner, asked)) expect(applies(outer, asked)).toBe(true);
      }),
      { numRuns: 12_000 },
    );
    expect(shown).toBeGreaterThan(50);
  });

  it.each<[string, Partial<StatementDocument>, Partial<StatementDocument>, boolean]>([
    ['more actions', { Action: ['sqs:SendMessage', 'sqs:ReceiveMessage'] }, { Action: 'sqs:ReceiveMessage' }, true],
    ['an action in other case', { Action: 'SQS:sendmessage' }, { Action: 'sqs:SendMessage' }, true],
    ['a pattern and one of its actions', { Action: 'iam:Attach*' }, { Action: 'iam:AttachUserPolicy' }, true],
    ['one action and a pattern', { Action: 'iam:AttachUserPolicy' }, { Action: 'iam:Attach*' }, false],
    ['fewer conditions', {}, { Condition: { Bool: { 'aws:SecureTransport': 'true' } } }, true],
    ['a condition and none', { Condition: { Bool: { 'aws:SecureTransport': 'true' } } }, {}, false],
    ['fewer exempt actions', { Action: undefined, NotAction: 'iam:*' }, { Action: undefined, NotAction: ['iam:*', 'kms:*'] }, true],
    ['more exempt actions', { Action: undefined, NotAction: ['iam:*', 'kms:*'] }, { Action: undefined, NotAction: 'iam:*' }, false],
    ['everybody and one', { Principal: '*' }, { Principal: { AWS: `arn:aws:iam::${ACCOUNT}:user/a` } }, true],
    ['an account and a user of it', { Principal: { AWS: ACCOUNT } }, { Principal: { AWS: `arn:aws:iam::${ACCOUNT}:user/a` } }, false],
    ['a federated provider and an ARN of the same text', { Principal: { AWS: ACCOUNT } }, { Principal: { Federated: ACCOUNT } }, false],
    ['a variable and letters for it', { Resource: 'arn:aws:iam::*:user/???????????????' }, { Resource: `arn:aws:iam::*:user/\${aws:username}` }, false],
  ])('is told by its text: %s', (_title, outer, inner, expected) => {
    const full = (part: Partial<StatementDocument>): StatementDocument => ({ Effect: 'Allow', Action: 'sqs:*', Resource: '*', ...part });
    expect(partsOf(full(inner)).every((part) => partsOf(full(outer)).some((other) => covers(other, part)))).toBe(expected);
  });
});
