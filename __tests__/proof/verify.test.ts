import { operationsOf } from '../../access/matrix/operations';
import { Identities } from '../../proof/identities';
import { cryptography } from '../../proof/verify/cryptography';
import { OPERATION_RUNNERS } from '../../proof/verify/operation-runners';
import { isDryRun } from '../../proof/verify/single-request';
import { verify } from '../../proof/verify/verify';
import { Names } from '../../stacks/names';
import { deployment } from '../access/fixtures';
import { startLab } from '../lab/support';

const operations = operationsOf(deployment);

describe('verify', () => {
  it('can perform every operation of the matrix: by a runner, or each of its requests', () => {
    const requested = operations.filter(({ id }) => !OPERATION_RUNNERS.has(id)).flatMap(({ steps }) => steps);
    expect(requested.length).toBeGreaterThan(100);
    // It throws for an action that requests.json has no request for.
    expect(() => requested.filter((step) => !cryptography(step)).map(({ action }) => isDryRun(action))).not.toThrow();
    expect(() => isDryRun('sqs:Dance')).toThrow('proof/verify/requests.json has no request for sqs:Dance');
  });

  it('has no runner under an id that is no operation', () => {
    const ids = new Set(operations.map(({ id }) => id));
    expect([...OPERATION_RUNNERS.keys()].filter((id) => !ids.has(id))).toEqual([]);
  });

  it('refuses a deployment in which an operation of a runner is missing', async () => {
    const { lab, stop } = await startLab();
    try {
      const names = new Names('pipeline');
      const attempt = verify(lab, new Identities(lab, names, 'pat'), names, { ...deployment, tables: [] }, () => {});
      await expect(attempt).rejects.toThrow('runs table/Person/get, which is no operation of the deployment');
    } finally {
      await stop();
    }
  });
});
