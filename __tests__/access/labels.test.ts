import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import * as escalationModule from '../../access/escalation/escalation-paths';
import { escalationStepsOf } from '../../access/escalation/escalation-steps';
import { policiesOf } from '../../access/graph/deployment';
import * as label from '../../access/matrix/id-labels';
import { LABELS } from '../../access/matrix/labels';
import * as matrixModule from '../../access/matrix/matrix';
import { mutantsOf } from '../../access/mutation/mutants';
import * as mutationModule from '../../access/mutation/mutate';
import { deployment, model } from './fixtures';
import * as plansModule from './plans';
import { editing, isKey } from './plans';

const cells = matrixModule.computeMatrix(deployment);
const unique = <T>(values: readonly T[]) => [...new Set(values)];

describe('labels', () => {
  const actors = unique(cells.map(({ actor }) => actor));
  const operations = unique(cells.map(({ operation }) => operation));
  const steps = unique(escalationStepsOf(deployment).map(({ id }) => id));
  const policies = policiesOf(deployment).map(({ id }) => id);
  const changes = unique(policiesOf(deployment).flatMap((policy) => mutantsOf(policy, 'arn:aws:iam::111122223333:root').map(({ change }) => change)));
  it.each([
    { what: 'actors', ids: actors, isId: label.isActorId, labels: actors.map(label.actorLabel) },
    { what: 'operations', ids: operations, isId: label.isOperationId, labels: operations.map(label.operationLabel) },
    { what: 'steps of escalation', ids: steps, isId: label.isStepId, labels: steps.map(label.stepLabel) },
    { what: 'policies', ids: policies, isId: label.isPolicyId, labels: policies.map(label.policyLabel) },
    { what: 'changes of a policy', ids: changes, isId: label.isMutationId, labels: changes.map(label.mutationLabel) },
  ])('of $what are there for every id, and no two are the same', ({ ids, isId, labels }) => {
    expect(ids.length).toBeGreaterThan(10);
    expect(ids.filter((id) => !isId(id))).toEqual([]);
    expect(unique(ids)).toHaveLength(ids.length);
    expect(labels.filter((text, index) => labels.indexOf(text) !== index)).toEqual([]);
  });

  it('show the slashes of names, and an id without a label as it is', () => {
    expect(label.operationLabel('key/team%2Ftable/describe')).toBe('key team/table: see');
    expect(label.actorLabel('principal/arn:aws:iam::444455556666:role/team/Reader')).toBe('arn:aws:iam::444455556666:role/team/Reader');
    expect(label.isOperationId('queue/people/dance')).toBe(false);
    expect(label.operationLabel('queue/people/dance')).toBe('queue/people/dance');
  });
});

describe('a changed label', () => {
  /** Everything that is decided, by ids. */
  type Access = Pick<typeof matrixModule, 'computeMatrix'> &
    Pick<typeof escalationModule, 'escalationPaths'> &
    Pick<typeof mutationModule, 'mutate'> &
    Pick<typeof plansModule, 'changeOf'>;
  const decisions = (access: Access) => {
    const change = access.changeOf('keys', (resource) =>
      isKey(resource, 'Items')
        ? editing(resource, 'policy', (statements) =>
            statements.push({ Sid: 'Careless', Effect: 'Allow', Principal: { AWS: 'arn:aws:iam::111122223333:root' }, Action: 'kms:*', Resource: '*' }),
          )
        : undefined,
    );
    const ids = (changed: typeof change.gained) => changed.map(({ actor, operation, outcome }) => [actor, operation, outcome]);
    return {
      cells: access.computeMatrix(deployment).map(({ actor, operation, outcome }) => [actor, operation, outcome]),
      paths: access.escalationPaths(deployment),
      mutation: access.mutate(deployment, model),
      plan: { gained: ids(change.gained), lost: ids(change.lost), protections: change.protections.map(({ id }) => id) },
    };
  };

  it('changes no decision of matrix, paths, mutation and plan', () => {
    const before = decisions({ ...matrixModule, ...escalationModule, ...mutationModule, ...plansModule });
    const changedLabels = Object.fromEntries(
      Object.entries(LABELS).map(([kind, table]) => [
        kind,
        Object.fromEntries(Object.entries(table).map(([form, text], index) => [form, `other text ${index} ${text.match(/\{\w+\}/g)?.join(' ') ?? ''}`])),
      ]),
    );
    jest.isolateModules(() => {
      jest.doMock('../../access/matrix/labels', () => ({ LABELS: changedLabels }));
      const { actorLabel } = jest.requireActual<typeof label>('../../access/matrix/id-labels');
      expect(actorLabel('root')).toMatch(/^other text \d+/);
      const after = decisions({
        ...jest.requireActual<typeof matrixModule>('../../access/matrix/matrix'),
        ...jest.requireActual<typeof escalationModule>('../../access/escalation/escalation-paths'),
        ...jest.requireActual<typeof mutationModule>('../../access/mutation/mutate'),
        ...jest.requireActual<typeof plansModule>('./plans'),
      });
      expect(before.plan.gained.length).toBeGreaterThan(0);
      expect(after).toEqual(before);
    });
  });

  it('is made in one file: no other file of access/ has the text of one', () => {
    const files = readdirSync('access', { recursive: true, encoding: 'utf8' }).filter((file) => /\.(ts|json)$/.test(file) && !file.endsWith('labels.ts'));
    expect(files.length).toBeGreaterThan(20);
    // Labels that are more than names, as they would stand in code: whole, in quotes.
    const texts = unique([...cells.map(({ actor }) => label.actorLabel(actor)), ...cells.map(({ operation }) => label.operationLabel(operation))]);
    const quoted = texts.filter((text) => text.includes(' ')).flatMap((text) => [`'${text}'`, `"${text}"`]);
    for (const file of files) {
      const content = readFileSync(path.join('access', file), 'utf8');
      expect({ file, texts: quoted.filter((text) => content.includes(text)) }).toEqual({ file, texts: [] });
    }
  });
});
