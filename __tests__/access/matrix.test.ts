import { policiesOf, policySourceId, withPolicies } from '../../access/graph/deployment';
import { compare, parseExpectedMatrix } from '../../access/matrix/expected';
import type { ActorId } from '../../access/matrix/ids';
import { computeMatrix } from '../../access/matrix/matrix';
import { FORMATS } from '../../access/matrix/render';
import { requireUniqueIds } from '../../access/matrix/unique-ids';
import { withTexts } from '../../access/model/access-model';
import { mutate } from '../../access/mutation/mutate';
import { otherPermissions } from '../../access/permissions/other-permissions';
import { deployment, model, readJson } from './fixtures';

const cells = computeMatrix(deployment);
const others = otherPermissions(deployment);
const expected = parseExpectedMatrix(readJson('access/matrix/expected.json'));

describe('the access matrix', () => {
  it('is as expected in every cell', () => {
    expect(compare(cells, expected)).toEqual({ differences: [], unknownOperations: [], missingOperations: [] });
  });

  it('tells the two roles of each pair apart by the key policies alone', () => {
    const of = (actor: ActorId) => cells.filter((cell) => cell.actor === actor).map(({ operation, outcome }) => [operation, outcome] as const);
    for (const [allowed, notAllowed] of [
      ['role/SQSAccessRole', 'role/SQSAccessNotAllowedRole'],
      ['role/DBAccessRole', 'role/DBAccessNotAllowedRole'],
    ] as const) {
      const other = new Map(of(notAllowed));
      const differing = of(allowed).filter(([operation, outcome]) => other.get(operation) !== outcome);
      expect(differing.length).toBeGreaterThan(0);
      expect(differing.filter(([, outcome]) => outcome !== 'allowed')).toEqual([]);
    }
  });

  it('lets nobody decrypt directly', () => {
    const direct = cells.filter(({ operation }) => /\/(Decrypt|Encrypt|GenerateDataKey)(-directly|\/directly\/)/.test(operation));
    // Encrypt, Decrypt and GenerateDataKey with each key, and Decrypt and GenerateDataKey for each of six
    // encryption contexts.
    expect(new Set(direct.map(({ operation }) => operation)).size).toBe(3 * 3 + 2 * 6);
    expect(direct.filter(({ outcome }) => outcome === 'allowed')).toEqual([]);
  });

  it('shows a difference with the statement that decides', () => {
    const wrong = compare(cells, { ...expected, 'queue/people/send': ['role/AdminRole', 'role/SQSAccessRole'] });
    expect(wrong.differences).toEqual([
      expect.objectContaining({
        actor: 'role/AdminRole',
        operation: 'queue/people/send',
        expected: 'allowed',
        outcome: 'denied',
        decidedBy: expect.stringContaining('DenySendToAllButProducers'),
      }),
    ]);
    const junit = FORMATS.junit?.({ cells, differences: wrong.differences, otherPermissions: others });
    expect(junit).toMatch(/failures="1"/);
    const html = FORMATS.html?.({ cells, differences: wrong.differences, otherPermissions: others });
    expect(html?.match(/class="denied wrong" title="AdminRole · people: send/g)).toHaveLength(1);
    expect(FORMATS.markdown?.({ cells, differences: [], otherPermissions: others })).toContain('| people: send | SQSAccessRole |');
  });

  it('shows the permissions that no operation asks about, in every form for people and in JSON', () => {
    const shown = { cells, differences: [], otherPermissions: others };
    const line = /AdminRole: Permissions management: \d+ actions of \d+ services on \*, by EverythingForAdministrators \(pipeline-Admin\)/;
    expect(FORMATS.table?.(shown)).toMatch(line);
    expect(FORMATS.html?.(shown)).toMatch(line);
    expect(FORMATS.markdown?.(shown)).toMatch(/\| AdminRole \| Permissions management \| \d+ actions of \d+ services \| \* \| EverythingForAdministrators/);
    expect(FORMATS.table?.({ ...shown, whole: true })).toContain('iam:CreatePolicy, ');
    expect((JSON.parse(FORMATS.json?.(shown) ?? '') as { otherPermissions: unknown }).otherPermissions).toEqual(others);
    expect(FORMATS.table?.({ ...shown, otherPermissions: [] })).toMatch(/no operation above asks about: none$/);
  });

  it('carries ids and their labels in JSON', () => {
    const json = JSON.parse(FORMATS.json?.({ cells, differences: [], otherPermissions: others }) ?? '') as {
      labels: { actors: Record<string, string>; operations: Record<string, string> };
      cells: { actor: string; operation: string }[];
    };
    expect(json.cells).toHaveLength(cells.length);
    expect(json.cells[0]).toMatchObject({ actor: 'role/AdminRole', operation: 'queue/people-dead-letters/send' });
    expect(json.labels.actors).toMatchObject({ 'role/AdminRole': 'AdminRole', root: 'the root user' });
    expect(Object.keys(json.labels.operations)).toHaveLength(Object.keys(expected).length);
  });

  it.each([
    ['an operation', { 'people: send': [] }, 'not the id of an operation'],
    ['an actor', { 'queue/people/send': ['the root user'] }, 'the root user'],
  ])('is expected by ids: a text that is no id of %s is refused', (_what, json, message) => {
    expect(() => parseExpectedMatrix(json)).toThrow(message);
  });

  it('has no two actors or operations of the same id', () => {
    expect(() => requireUniqueIds([{ id: 'root' }, { id: 'anonymous' }], 'actors')).not.toThrow();
    expect(() => requireUniqueIds([{ id: 'root' }, { id: 'root' }], 'actors')).toThrow('Two actors of the deployment have the id root');
  });
});

describe('mutation', () => {
  it('of every policy changes a cell, or is proven to change no request', () => {
    const { mutants, caught, equal, survivors } = mutate(deployment, model);
    expect(survivors).toEqual([]);
    expect(caught + equal.length).toBe(mutants);
  });

  it('names a permission that no cell asks about, with a request', () => {
    const policy = policiesOf(deployment).find(({ id }) => id.endsWith('TableUser'));
    if (!policy) throw new Error('The deployment has no policy TableUser');
    const document = JSON.parse(policy.text) as { Statement: unknown[] };
    document.Statement.push({ Sid: 'Unguarded', Effect: 'Allow', Action: 's3:GetObject', Resource: 'arn:aws:s3:::documents/*' });
    const texts = new Map([[policySourceId(policy), JSON.stringify(document)]]);
    const { survivors } = mutate(withPolicies(deployment, texts), withTexts(model, texts));
    expect(survivors).toContainEqual({
      policy: 'managed/TableUser',
      statement: 'Unguarded',
      change: 'remove-statement',
      reason: expect.stringContaining('s3:GetObject on arn:aws:s3:::documents/'),
    });
  });
});
