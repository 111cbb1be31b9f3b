import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { readModel } from '../../access/graph/read';
import { parseTerraformDocument } from '../../access/graph/terraform-json';
import { resourcesOf, type TerraformResource } from '../../access/graph/terraform-resource';
import { type AccessModel, mapPolicies, withTexts } from '../../access/model/access-model';
import { compareAccess } from '../../access/space/compare-access';
import type { AccessDifference } from '../../access/space/difference';
import { Identities } from '../../proof/identities';
import { NotPerformable } from '../../proof/verify/not-performable';
import { TestBed } from '../../proof/verify/test-bed';
import { performWitness, verifyWitnesses } from '../../proof/verify/verify-witnesses';
import { WitnessActors } from '../../proof/verify/witness-actors';
import { Names, STACKS } from '../../stacks/names';
import { model as fixtureModel } from '../access/fixtures';
import { changedTexts, putPolicy, textsOf } from './held-policies';
import { startLab, type TestLab } from './support';
import { runAgainst } from './terraform';

// One deployment by the real cdktf and Terraform; every change of a policy is taken back.
const names = new Names('pipeline');
let test: TestLab;
let out: string;
let resources: readonly TerraformResource[];
let model: AccessModel;
let actors: WitnessActors;
let testBed: TestBed;

beforeAll(async () => {
  test = await startLab();
  out = mkdtempSync(path.join(tmpdir(), 'cdktf-out-'));
  const run = (command: readonly string[], cwd: string, folder: string) => runAgainst(test.lab, test.lab.bootstrap, command, { cwd, folders: [folder] });
  const deployed = await run(['cdktf', 'deploy', ...STACKS, '--auto-approve', '--output', out], process.cwd(), out);
  if (deployed.code !== 0) throw new Error(deployed.output);
  const all: TerraformResource[] = [];
  for (const stack of STACKS) {
    const folder = path.join(out, 'stacks', stack);
    const { output } = await run(['terraform', 'show', '-json'], folder, folder);
    all.push(...resourcesOf(parseTerraformDocument(JSON.parse(output), stack)));
  }
  resources = all;
  model = readModel(resources);
  actors = new WitnessActors(test.lab, new Identities(test.lab, names, 'pat'), names);
  testBed = await TestBed.prepare(test.lab, names);
}, 180_000);
afterAll(async () => {
  await test.stop();
  rmSync(out, { recursive: true, force: true });
});

/** A text of the fixtures with the ids of the deployed keys. */
function deployedText(text: string): string {
  const keys = (of: AccessModel) => of.resources.filter(({ kind }) => kind === 'key');
  return keys(fixtureModel).reduce((changed, { id, arn }) => {
    const deployed = keys(model).find((key) => key.id === id);
    if (!deployed) throw new Error(`${id} is not deployed`);
    return changed.replaceAll(arn, deployed.arn);
  }, text);
}

describe('the witnesses of what the deployment allows', () => {
  it('are allowed by the account, all that the lab can perform', async () => {
    const { differences, undetermined } = compareAccess(undefined, model);
    const { performed, refused, notPerformed } = await verifyWitnesses(differences, actors, testBed);
    expect({ refused, undetermined }).toEqual({ refused: [], undetermined: [] });
    expect([...notPerformed].map(([reason, count]) => `${reason} (${count})`)).toEqual([
      'the lab has no service for a2c:GetContainerizationJobDetails (1)',
      'a principal of the kind session carries no MFA information (8)',
    ]);
    const [, figures] = /then (\S+ of the \S+) witnesses/.exec(readFileSync('README.md', 'utf8')) ?? [];
    expect(figures).toBe(`${performed} of the ${differences.length}`);
  });

  it('are refused where a statement is in the JSON, but not in the account', async () => {
    const claimed = mapPolicies(model, (policy) =>
      policy.name === 'policy of key pipeline-table' ? { ...policy, text: policy.text.replaceAll('DBAccessRole', 'DBAccessNotAllowedRole') } : policy,
    );
    const { differences } = compareAccess(model, claimed);
    const gained = differences.filter(({ side }) => side === 'after');
    const { performed, refused } = await verifyWitnesses(gained, actors, testBed);
    expect(performed).toBeGreaterThan(0);
    expect(refused.map(({ difference: { who, cause } }) => [who, cause])).toEqual(gained.map(({ who, cause }) => [who, cause]));
    for (const { ended } of refused) expect(ended).toMatch(/AccessDenied/);
  });
});

/** Changes of policies of every kind; the lab can perform what each of them gives. */
const CHANGES: readonly (readonly [file: string, title: string])[] = [
  ['actions.json', 'a policy of a role allows iam:UpdateAssumeRolePolicy'],
  ['actions.json', 'a policy of a role allows dynamodb:CreateBackup'],
  ['actions.json', 'a Deny of a queue is removed'],
  ['actions.json', 'a Deny of a table covers reading by PartiQL no more'],
  ['actions.json', 'a table policy lets a role change the policy of the table'],
  ['conditions.json', 'an operator sends directly where no service calls'],
  ['conditions.json', 'the execution role writes from where no function is named'],
  ['conditions.json', 'users without MFA are refused only where they say so'],
  ['conditions.json', 'a queue policy exempts roles by a pattern from its Deny'],
  ['conditions.json', 'the statement for the root user counts for the whole account'],
  ['conditions.json', 'an encryption context is compared with a pattern'],
  ['conditions.json', 'a key may be used through a second service'],
  ['conditions.json', 'the logs of every group may use the key'],
];

describe('the witnesses of what a changed policy gives', () => {
  it.each(CHANGES)('are refused before, and allowed after: %s, %s', async (file, title) => {
    const texts = new Map([...changedTexts(file, title)].map(([id, text]) => [id, deployedText(text)]));
    const gained = compareAccess(model, withTexts(model, texts)).differences.filter(({ side }) => side === 'after');
    const before = await performAll(gained);
    await put(texts);
    try {
      const after = await performAll(gained);
      expect(before.length).toBeGreaterThan(0);
      for (const ended of before) expect(ended).toMatch(/AccessDenied|not authorized/);
      expect(after).toEqual(before.map(() => 'allowed'));
    } finally {
      await put(new Map([...textsOf(model)].filter(([id]) => texts.has(id))));
    }
  });
});

/** How the witnesses ended that the lab can perform. */
async function performAll(differences: readonly AccessDifference[]): Promise<string[]> {
  const ended: string[] = [];
  for (const difference of differences) {
    try {
      ended.push(await performWitness(difference, actors, testBed));
    } catch (error) {
      if (!(error instanceof NotPerformable)) throw error;
    }
  }
  return ended;
}

async function put(texts: ReadonlyMap<string, string>): Promise<void> {
  for (const [id, text] of texts) {
    const resource = resources.find(({ address }) => id.startsWith(`${address} `));
    if (!resource) throw new Error(`${id} is not deployed`);
    await putPolicy(test.lab, resource, text);
  }
}
