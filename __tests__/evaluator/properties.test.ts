import fc from 'fast-check';
import {
  accessRequest,
  compilePolicy,
  evaluate,
  type Outcome,
  type Policy,
  PolicyError,
  type Principal,
  parsePrincipal,
  type StatementDocument,
  UNKNOWN,
} from '../../evaluator/index';

const ACCOUNT = '111122223333';
const principals = [
  `arn:aws:iam::${ACCOUNT}:user/ann`,
  `arn:aws:sts::${ACCOUNT}:assumed-role/Reader/work`,
  'arn:aws:iam::444455556666:user/bob',
  'sns.amazonaws.com',
  '*',
];
const named = [
  '*',
  { AWS: `arn:aws:iam::${ACCOUNT}:user/ann` },
  { AWS: `arn:aws:iam::${ACCOUNT}:role/Reader` },
  { AWS: ACCOUNT },
  { AWS: '444455556666' },
  { Service: 'sns.amazonaws.com' },
] as const;
const actions = ['sqs:SendMessage', 'sqs:ReceiveMessage', 'kms:Decrypt'];
const resources = [`arn:aws:sqs:eu-west-1:${ACCOUNT}:people`, `arn:aws:kms:eu-west-1:${ACCOUNT}:key/1`];
const conditions: readonly NonNullable<StatementDocument['Condition']>[] = [
  {},
  { Bool: { 'aws:SecureTransport': 'false' } },
  { Bool: { 'aws:SecureTransport': 'true' } },
  { StringEquals: { 'aws:PrincipalTag/team': 'red' } },
  { StringNotEquals: { 'aws:PrincipalTag/team': 'red' } },
  { 'ForAnyValue:StringEquals': { 'aws:TagKeys': ['a'] } },
  { Null: { 'aws:PrincipalTag/team': 'true' } },
];
const contexts: readonly Readonly<Record<string, string | readonly string[]>>[] = [
  {},
  { 'aws:SecureTransport': 'true' },
  { 'aws:SecureTransport': 'false', 'aws:PrincipalTag/team': 'red' },
  { 'aws:PrincipalTag/team': UNKNOWN },
  { 'aws:TagKeys': ['a', 'b'] },
];

const body = {
  Effect: fc.constantFrom('Allow' as const, 'Deny' as const),
  Action: fc.subarray([...actions.slice(0, 2), 'sqs:*'], { minLength: 1 }),
  Resource: fc.constantFrom('*', resources[0] as string),
  Condition: fc.constantFrom(...conditions),
};
const identityStatement: fc.Arbitrary<StatementDocument> = fc.record(body);
const resourceStatement: fc.Arbitrary<StatementDocument> = fc.record({ ...body, Principal: fc.constantFrom(...named) });
const request = fc
  .record({
    principal: fc.constantFrom(...principals),
    action: fc.constantFrom(...actions),
    resource: fc.constantFrom(...resources),
    context: fc.constantFrom(...contexts),
  })
  .map(({ principal, action, resource, context }) => accessRequest(parsePrincipal(principal) as Principal, action, resource, context));

const document = (statements: readonly StatementDocument[]) => ({ Version: '2012-10-17' as const, Statement: statements });
const compile = (statements: readonly StatementDocument[], kind: 'identity' | 'resource'): Policy => compilePolicy('policy', document(statements), kind);
const identityList = fc.array(identityStatement, { maxLength: 4 });
const resourceList = fc.array(resourceStatement, { maxLength: 4 });
type Asked = ReturnType<typeof accessRequest>;
const decide = (asked: Asked, identity: readonly StatementDocument[], resource: readonly StatementDocument[]): Outcome =>
  evaluate(asked, { identity: [compile(identity, 'identity')], resource: compile(resource, 'resource') }).outcome;

describe('the evaluator', () => {
  it('never widens access by a Deny', () => {
    fc.assert(
      fc.property(request, identityList, resourceList, identityStatement, (asked, identity, resource, extra) => {
        const before = decide(asked, identity, resource);
        const after = decide(asked, [...identity, { ...extra, Effect: 'Deny' }], resource);
        expect(after === 'allowed' && before !== 'allowed').toBe(false);
        expect(after === 'undetermined' && before.endsWith('denied')).toBe(false);
      }),
    );
  });

  it('never narrows access by an Allow', () => {
    fc.assert(
      fc.property(request, identityList, resourceList, resourceStatement, (asked, identity, resource, extra) => {
        const before = decide(asked, identity, resource);
        const after = decide(asked, identity, [...resource, { ...extra, Effect: 'Allow' }]);
        if (before === 'allowed') expect(after).toBe('allowed');
        if (before === 'undetermined') expect(['allowed', 'undetermined']).toContain(after);
      }),
    );
  });

  it('does not depend on the order of statements', () => {
    fc.assert(
      fc.property(request, identityList, resourceList, (asked, identity, resource) => {
        expect(decide(asked, [...identity].reverse(), [...resource].reverse())).toBe(decide(asked, identity, resource));
      }),
    );
  });

  it('does not depend on how statements are spread over identity policies', () => {
    fc.assert(
      fc.property(request, identityList, resourceList, (asked, identity, resource) => {
        const apart = evaluate(asked, {
          identity: identity.map((statement) => compile([statement], 'identity')),
          resource: compile(resource, 'resource'),
        }).outcome;
        expect(apart).toBe(decide(asked, identity, resource));
      }),
    );
  });

  it('never turns an unknown into allowed: whatever the value proves to be, an allowed request stays allowed', () => {
    const values = ['true', 'false'];
    fc.assert(
      fc.property(request, identityList, resourceList, fc.constantFrom(...values), (asked, identity, resource, value) => {
        fc.pre(asked.context.get('aws:securetransport')?.[0] === UNKNOWN);
        if (decide(asked, identity, resource) !== 'allowed') return;
        const known = { ...asked, context: new Map([...asked.context, ['aws:securetransport', [value]]]) };
        expect(decide(known, identity, resource)).toBe('allowed');
      }),
      { numRuns: 500 },
    );
  });

  it('decides about a key whose presence is not known only what holds for every value, and without one', () => {
    const mfa = 'aws:MultiFactorAuthPresent';
    const onMfa = fc.constantFrom(
      ...['Bool', 'BoolIfExists', 'Null', 'ForAllValues:Bool', 'ForAnyValue:Bool'].flatMap((operator) =>
        ['true', 'false'].map((value) => ({ [operator]: { [mfa]: value } })),
      ),
      {},
    );
    const statements = fc.array(fc.record({ ...body, Condition: onMfa }), { maxLength: 3 });
    const caller = parsePrincipal(`arn:aws:sts::${ACCOUNT}:assumed-role/Reader/work`) as Principal;
    let decided = 0;
    fc.assert(
      fc.property(statements, (identity) => {
        const outcomes = [undefined, [], 'true', 'false'].map((value) =>
          decide(accessRequest(caller, 'sqs:SendMessage', resources[0] as string, value === undefined ? {} : { [mfa]: value }), identity, []),
        );
        const [notGiven, ...given] = outcomes;
        if (notGiven === 'undetermined') return;
        if (identity.some(({ Condition }) => Object.keys(Condition).length > 0)) decided += 1;
        // Whether it is denied explicitly may depend on the key, but not that it is denied.
        const isAllowed = notGiven === 'allowed';
        expect(given.map((outcome) => outcome === 'allowed')).toEqual(given.map(() => isAllowed));
      }),
      { numRuns: 1000 },
    );
    expect(decided).toBeGreaterThan(0);
  });

  it('reads any JSON as a policy, or says by name what is wrong with it', () => {
    const member = fc.constantFrom('Sid', 'Effect', 'Principal', 'NotPrincipal', 'Action', 'NotAction', 'Resource', 'NotResource', 'Condition', 'Other');
    const value = fc.oneof(fc.constantFrom('Allow', 'Deny', '*', 'sqs:SendMessage', 'arn:aws:sqs:eu-west-1:111122223333:people', { AWS: '*' }), fc.jsonValue());
    const statement = fc.oneof(fc.dictionary(member, value), fc.jsonValue());
    const any = fc.oneof(fc.record({ Version: fc.constantFrom('2012-10-17', 1), Statement: fc.oneof(statement, fc.array(statement)) }), fc.jsonValue());
    fc.assert(
      fc.property(any, fc.constantFrom('identity' as const, 'resource' as const, 'trust' as const, 'key' as const), (written, kind) => {
        try {
          compilePolicy('policy', JSON.stringify(written), kind);
        } catch (error) {
          expect(error).toBeInstanceOf(PolicyError);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('takes an unknown policy for one that may do anything', () => {
    fc.assert(
      fc.property(request, identityList, (asked, identity) => {
        const outcome = evaluate(asked, { identity: [compile(identity, 'identity'), compilePolicy('later', UNKNOWN, 'identity')] }).outcome;
        expect(outcome).not.toBe('allowed');
      }),
    );
  });
});
