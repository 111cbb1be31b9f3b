import path from 'node:path';
import schema from '@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json';
import Ajv from 'ajv-draft-04';
import addFormats from 'ajv-formats';
import fc from 'fast-check';
import { z } from 'zod';
import { type AccessChange, accessChange } from '../../access/plan/access-change';
import { changeFindings } from '../../access/report/change-findings';
import { RULES, type RuleId } from '../../access/report/rules';
import { type Finding, toSarif } from '../../access/report/sarif';
import { changeOf, editing, isKey, others, planAdding, planOf, type Resource } from './plans';

// The schema has a pattern that is none under the u flag.
const ajv = new Ajv({ strict: false, allErrors: true, unicodeRegExp: false });
addFormats(ajv);
const validate = ajv.compile(schema);

const LOG = z.looseObject({
  runs: z.tuple([
    z.looseObject({
      tool: z.looseObject({ driver: z.looseObject({ rules: z.array(z.looseObject({ id: z.string() })) }) }),
      results: z.array(
        z.looseObject({
          ruleId: z.string(),
          ruleIndex: z.number(),
          level: z.string(),
          message: z.object({ text: z.string() }),
          locations: z.tuple([
            z.looseObject({
              physicalLocation: z.looseObject({ artifactLocation: z.looseObject({ uri: z.string() }) }),
              logicalLocations: z.array(z.looseObject({ fullyQualifiedName: z.string().optional(), name: z.string().optional() })).optional(),
            }),
          ]),
          partialFingerprints: z.record(z.string(), z.string()),
        }),
      ),
    }),
  ]),
});

/** The log of findings, which must be as the official schema says. */
function logOf(findings: readonly Finding[], file = 'plans/keys.json') {
  const json: unknown = JSON.parse(toSarif(findings, { fileOf: () => file, version: '1.0.0' }));
  expect(validate(json) ? [] : validate.errors).toEqual([]);
  const [run] = LOG.parse(json).runs;
  return run;
}
const resultsOf = (change: AccessChange, rule: RuleId) => logOf(changeFindings(change)).results.filter(({ ruleId }) => ruleId === rule);

const onItemsKey = (edit: (statements: Record<string, unknown>[]) => void) =>
  changeOf('keys', (resource: Resource) => (isKey(resource, 'Items') ? editing(resource, 'policy', edit) : undefined));

describe('findings as SARIF', () => {
  it('are refused by the schema when they are not SARIF', () => {
    expect(validate({ version: '2.1.0', runs: [{ tool: { driver: {} } }] })).toBe(false);
  });

  it('are valid, with every rule, for whatever they say', () => {
    const text = fc.string({ unit: 'grapheme' });
    const finding = fc.record<Finding>({
      rule: fc.constantFrom(...(Object.keys(RULES) as RuleId[])),
      id: text,
      message: text,
      addresses: fc.array(text, { maxLength: 3 }),
      subject: fc.option(text, { nil: undefined }),
    });
    const file = fc.constantFrom('plan.json', '../plan of keys.json', '/tmp/a#b?.json', 'plans/ü%.json');
    fc.assert(
      fc.property(fc.array(finding, { maxLength: 5 }), file, (findings, name) => {
        const { tool, results } = logOf(findings, name);
        expect(results.map(({ message }) => message.text)).toEqual(findings.map(({ message }) => message));
        for (const { ruleId, ruleIndex } of results) expect(tool.driver.rules[ruleIndex]?.id).toBe(ruleId);
      }),
    );
  });

  it('name a file of the repository by its relative path, and another by its URI', () => {
    const finding: Finding = { rule: 'undetermined', id: 'a', message: 'b', addresses: [] };
    const uriOf = (file: string) => logOf([finding], file).results[0]?.locations[0].physicalLocation.artifactLocation.uri;
    expect(uriOf(path.resolve('plans/keys of all.json'))).toBe('plans/keys%20of%20all.json');
    expect(uriOf('/tmp/keys.json')).toBe('file:///tmp/keys.json');
  });
});

describe('a change as SARIF', () => {
  it('tells each cell that is gained with its address and its stable id', () => {
    const change = onItemsKey((statements) => {
      for (const statement of statements) {
        if (statement.Sid === 'AllowTableUse') statement.Principal = '*';
      }
      statements.push({
        Sid: 'Open',
        Effect: 'Allow',
        Principal: { AWS: 'arn:aws:iam::111122223333:role/pipeline-OperatorRole' },
        Action: 'kms:*',
        Resource: '*',
      });
    });
    const gained = resultsOf(change, 'access-gained');
    expect(gained.length).toBe(change.gained.length);
    expect(gained).toContainEqual(
      expect.objectContaining({
        level: 'error',
        message: { text: expect.stringMatching(/^OperatorRole \| .*: gained by kms:\w+: Open \(policy of key pipeline-table\)$/) },
        locations: [expect.objectContaining({ logicalLocations: [{ fullyQualifiedName: expect.stringMatching(/^aws_kms_key\.\w+$/), kind: 'resource' }] })],
        partialFingerprints: {
          'accessId/v1': expect.stringMatching(/^role\/OperatorRole \| /),
          primaryLocationLineHash: expect.stringMatching(/^[0-9a-f]{64}$/),
        },
      }),
    );
    const wider = resultsOf(change, 'statement-allows-more');
    expect(wider).toContainEqual(
      expect.objectContaining({ partialFingerprints: expect.objectContaining({ 'accessId/v1': expect.stringContaining('| Open (') }) }),
    );
    expect(wider[0]?.locations[0].logicalLocations).toEqual([{ fullyQualifiedName: expect.stringMatching(/^aws_kms_key\./), kind: 'resource' }]);
  });

  it('tells what is lost as a note, and protection that is lost as an error', () => {
    const lost = onItemsKey((statements) => statements.push({ Sid: 'Shut', Effect: 'Deny', Principal: '*', Action: 'kms:Decrypt', Resource: '*' }));
    expect(resultsOf(lost, 'access-lost')[0]).toMatchObject({ level: 'note' });
    expect(resultsOf(lost, 'access-gained')).toEqual([]);
    const unprotected = changeOf('keys', (resource) => (isKey(resource, 'Items') ? { enable_key_rotation: false } : undefined));
    expect(resultsOf(unprotected, 'protection-lost')).toMatchObject([{ level: 'error', message: { text: 'key pipeline-table is not rotated' } }]);
  });

  it('tells what is undetermined, of an unsupported type or mistaken as warnings', () => {
    const unknown = changeOf('keys', (resource) => (isKey(resource, 'Items') ? 'unknown policy' : undefined));
    expect(resultsOf(unknown, 'undetermined')[0]).toMatchObject({ level: 'warning' });
    const unsupported = accessChange([...others('keys'), planAdding('keys', ['aws_iam_user_policy', { policy: '{}' }])]);
    expect(resultsOf(unsupported, 'unsupported-type')).toMatchObject([
      { level: 'warning', locations: [{ logicalLocations: [{ fullyQualifiedName: 'aws_iam_user_policy.more' }] }] },
    ]);
    const mistaken = onItemsKey((statements) => statements.push({ Sid: 'Typo', Effect: 'Deny', Principal: '*', Action: 'kms:Decrpt', Resource: '*' }));
    expect(resultsOf(mistaken, 'mistaken-policy')).toMatchObject([{ level: 'warning', message: { text: expect.stringContaining('kms has no such action') } }]);
  });

  it('tells of stacks that are not settled', () => {
    const changed = { ...planOf('identity', () => undefined), output_changes: { arns: { actions: ['update'] } } };
    const results = resultsOf(accessChange([...others('identity'), changed]), 'undetermined');
    expect(results.map(({ message }) => message.text)).toContainEqual(expect.stringMatching(/^The stack keys reads what/));
  });

  it('has no result where nothing changes', () => {
    expect(logOf(changeFindings(changeOf('keys', () => undefined))).results).toEqual([]);
  });
});
