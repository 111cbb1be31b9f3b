import fc from 'fast-check';
import { accessRequest, compilePolicy, type Principal, parsePrincipal } from '../../../evaluator/index';
import { regionsOf } from '../../../evaluator/request-space/condition-regions';
import { readStatements } from '../../../evaluator/request-space/statement-reading';

/** For each family of operators: values of policies, and values of requests near to them. */
const FAMILIES = {
  text: {
    key: 'aws:Referer',
    operators: ['StringEquals', 'StringNotEquals', 'StringLike', 'StringNotLike', 'StringEqualsIgnoreCase', 'StringNotEqualsIgnoreCase'],
    value: fc.string({ unit: fc.constantFrom('a', 'b', 'A', '*', '?', '/', ':'), maxLength: 6 }),
    requested: fc.string({ unit: fc.constantFrom('a', 'b', 'A', 'B', 'c', '*', '/', ':'), minLength: 1, maxLength: 8 }),
  },
  arn: {
    key: 'aws:SourceArn',
    operators: ['ArnEquals', 'ArnLike', 'ArnNotEquals', 'ArnNotLike'],
    value: fc
      .array(fc.string({ unit: fc.constantFrom('a', 'b', '*', '?'), maxLength: 3 }), { minLength: 5, maxLength: 6 })
      .map((parts) => ['arn', ...parts].join(':'))
      .filter((arn) => arn.split(':').length >= 6),
    requested: fc
      .array(fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 3 }), { minLength: 3, maxLength: 7 })
      .map((parts) => ['arn', ...parts].join(':')),
  },
  number: {
    key: 's3:max-keys',
    operators: ['Equals', 'NotEquals', 'LessThan', 'LessThanEquals', 'GreaterThan', 'GreaterThanEquals'].map((name) => `Numeric${name}`),
    value: fc.constantFrom('-3', '0', '5', '5.0', '5.5', '6', '1e2'),
    requested: fc.oneof(fc.integer({ min: -10, max: 120 }).map(String), fc.constantFrom('5.25', '5.5', '99.9', '-3')),
  },
  date: {
    key: 'aws:CurrentTime',
    operators: ['Equals', 'NotEquals', 'LessThan', 'LessThanEquals', 'GreaterThan', 'GreaterThanEquals'].map((name) => `Date${name}`),
    value: fc.constantFrom('2026-01-01T00:00:00Z', '2026-01-01T00:00:01Z', '2026-06-01', '1767225600', '2026-06-01T02:00:00+02:00'),
    requested: fc.integer({ min: 1767225598, max: 1780272002 }).map((seconds) => new Date(seconds * 1000).toISOString()),
  },
  address: {
    key: 'aws:SourceIp',
    operators: ['IpAddress', 'NotIpAddress'],
    value: fc.constantFrom(
      '10.0.0.0/8',
      '10.1.0.0/16',
      '10.1.2.3',
      '0.0.0.0/0',
      '0.0.0.0',
      '255.255.255.255',
      '128.0.0.0/1',
      '2001:db8::/32',
      '::/0',
      '2001:db8::1',
    ),
    requested: fc.oneof(fc.ipV4(), fc.constantFrom('10.1.2.3', '10.1.9.9', '10.200.0.1', '0.0.0.0', '255.255.255.255', '2001:db8::1', '2001:db8::2', '::1')),
  },
  boolean: {
    key: 'aws:SecureTransport',
    operators: ['Bool', 'StringEquals', 'StringNotEquals'],
    value: fc.constantFrom('true', 'false'),
    requested: fc.constantFrom('true', 'false'),
  },
  binary: {
    key: 'aws:PrincipalTag/team',
    operators: ['BinaryEquals'],
    value: fc.constantFrom('QUFB', 'QUE=', 'Zm9v'),
    requested: fc.constantFrom('QUFB', 'QUE=', 'Zm9v', 'YmFy'),
  },
} as const;

const ann = parsePrincipal('arn:aws:iam::111122223333:user/ann') as Principal;

describe.each(Object.entries(FAMILIES))('the regions of %s operators', (_family, { key, operators, value, requested }) => {
  it('hold for every value one that the operators answer alike', () => {
    const test = fc.tuple(fc.constantFrom(...operators), fc.array(value, { minLength: 1, maxLength: 3 }));
    fc.assert(
      fc.property(fc.array(test, { minLength: 1, maxLength: 3 }), fc.array(requested, { minLength: 10, maxLength: 10 }), (tests, given) => {
        const policies = tests.map(([operator, values]) => compilePolicyOf(operator, key, values));
        const answers = (text: string) => policies.map(({ matches }) => matches(accessRequest(ann, 's3:ListBucket', '*', { [key]: text })));
        const regions = regionsOf(
          key.toLowerCase(),
          policies.flatMap(({ reading }) => reading.tests),
          () => undefined,
        );
        expect(regions.incomplete).toBeUndefined();
        const known = regions.values.map((text) => JSON.stringify(answers(text)));
        for (const text of given) expect({ text, known: known.includes(JSON.stringify(answers(text))) }).toEqual({ text, known: true });
      }),
      { numRuns: 300 },
    );
  });
});

function compilePolicyOf(operator: string, key: string, values: readonly string[]) {
  const document = { Version: '2008-10-17', Statement: { Effect: 'Allow', Action: '*', Resource: '*', Condition: { [operator]: { [key]: values } } } } as const;
  const policy = compilePolicy('policy', document, 'identity');
  const [statement] = policy.statements;
  const [reading] = readStatements(policy, document, 0, 'identity');
  if (!statement || !reading) throw new Error('a policy of one statement has one');
  return { matches: statement.matches, reading };
}
