import fc from 'fast-check';
import { accessModelOf } from '../../access/graph/access-model-of';
import { connectionsOf } from '../../access/graph/connections';
import type { AccessModel } from '../../access/model/access-model';
import { keyActions } from '../../access/who/key-use';
import { policiesOf, readPolicy } from '../../access/who/policies';
import { callersOf } from '../../access/who/principals';
import { questionsOf } from '../../access/who/questions';
import type { Verb } from '../../access/who/verbs';
import { type ResourceAccess, whoCan } from '../../access/who/who';
import { accessRequest, evaluate } from '../../evaluator';
import { many } from '../../evaluator/policy/document';
import { STATES } from './fixtures';
import { elsewhere, graphOf, graphWith, type PlannedResource } from './graph/plan-builder';

const modelOf = (name: Parameters<typeof elsewhere>[0]) => accessModelOf(graphOf([elsewhere(name)], {}));
const application = accessModelOf(graphOf(STATES, {}));

/** Who can, and who might, by verb. */
function holders(all: readonly ResourceAccess[], id: string, verb: Verb, action?: string) {
  const access = all.find((resource) => resource.id === id)?.verbs.find((each) => each.verb === verb);
  if (!access) throw new Error(`nothing about ${verb} of ${id}`);
  const names = (list: typeof access.allowed) => [
    ...new Set(list.filter(({ actions }) => !action || actions.includes(action)).map(({ principal }) => principal)),
  ];
  return { allowed: names(access.allowed), undetermined: names(access.undetermined) };
}

describe('who can, in this application', () => {
  const all = whoCan(application);

  it.each<[string, Verb, string, string[]]>([
    ['queue pipeline-people', 'write', 'sqs:SendMessage', ['role pipeline-SQSAccessRole']],
    ['queue pipeline-people', 'read', 'sqs:ReceiveMessage', ['role pipeline-ConsumerRole']],
    ['table pipeline-Person', 'read', 'dynamodb:GetItem', ['role pipeline-DBAccessRole']],
  ])('do with %s: %s by %s, only those whom the key lets in too', (id, verb, action, allowed) => {
    expect(holders(all, id, verb, action).allowed).toEqual(allowed);
  });

  it('assume a role is shown with the condition that is left open', () => {
    const assume = all.find(({ id }) => id === 'trust of pipeline-AdminRole')?.verbs.find(({ verb }) => verb === 'assume');
    expect(assume?.allowed).toEqual([]);
    expect(assume?.undetermined.map(({ principal, statements }) => `${principal}: ${statements.join()}`)).toContainEqual(
      expect.stringMatching(/^user pat: .*if Bool(IfExists)? aws:MultiFactorAuthPresent true/),
    );
  });
});

/** Values that the policies compare a key with, and one that they do not name. */
function valuesOf(model: AccessModel): ReadonlyMap<string, readonly string[]> {
  const values = new Map<string, Set<string>>();
  for (const policy of [...model.identities, ...model.resources].flatMap(policiesOf)) {
    for (const { Condition = {} } of readPolicy(policy).statements.values()) {
      for (const [key, value] of Object.values(Condition).flatMap((keys) => Object.entries(keys))) {
        const known = values.get(key) ?? values.set(key, new Set(['other'])).get(key);
        for (const each of many(value)) known?.add(String(each).replace(/[*?]/g, 'x'));
      }
    }
  }
  return new Map([...values].map(([key, all]) => [key, [...all]]));
}

describe('what nobody is said to be able to do', () => {
  it.each<[string, AccessModel]>([
    ['this application', application],
    ['workers', modelOf('workers')],
    ['the fan-out', modelOf('fan-out')],
    ['the cross-account reader', modelOf('cross-account')],
  ])('is denied in %s whatever the condition keys hold', (_what, model) => {
    const told = new Set(
      whoCan(model).flatMap(({ id, verbs }) =>
        verbs.flatMap(({ allowed, undetermined }) =>
          [...allowed, ...undetermined].flatMap(({ principal, actions }) => actions.map((action) => `${id} ${principal} ${action}`)),
        ),
      ),
    );
    const keys = [...valuesOf(model)];
    const context = fc.record(Object.fromEntries(keys.map(([key, values]) => [key, fc.constantFrom(...values, undefined)])));
    const question = fc.constantFrom(...model.resources).chain((resource) => {
      const questions = questionsOf(resource, []).filter(
        ({ action, part }) => part === undefined && (resource.keyArn === undefined || keyActions(action).length === 0),
      );
      return fc.record({ resource: fc.constant(resource), question: questions.length > 0 ? fc.constantFrom(...questions) : fc.constant(undefined) });
    });
    fc.assert(
      fc.property(fc.constantFrom(...callersOf(model)), question, context, (caller, { resource, question: asked }, given) => {
        if (!asked || (caller.principal.kind === 'root' && resource.kind === 'resource')) return;
        const known = Object.entries(given).flatMap(([key, value]) => (value === undefined || /^aws:principal/i.test(key) ? [] : [[key, value] as const]));
        const owner: Record<string, string> = resource.arn.includes(':s3:::') ? { 'aws:ResourceAccount': model.account } : {};
        const request = accessRequest(caller.principal, asked.action, asked.resource, {
          ...Object.fromEntries(known),
          ...owner,
          'aws:SecureTransport': 'true',
        });
        const trusts = resource.kind !== 'trust' || asked.verb === 'assume';
        const { outcome } = evaluate(request, {
          identity: caller.identity.map(({ policy }) => policy),
          boundary: caller.boundary.length > 0 ? caller.boundary.map(({ policy }) => policy) : undefined,
          resource: trusts && resource.policy ? readPolicy(resource.policy).policy : undefined,
          grants: resource.grants,
        });
        if (outcome === 'allowed' || outcome === 'undetermined') expect(told).toContain(`${resource.id} ${caller.name} ${asked.action}`);
      }),
      { numRuns: 3000 },
    );
  });
});

describe('who can, in other projects', () => {
  it('shows each instance of a module apart', () => {
    const all = whoCan(modelOf('workers'));
    expect(holders(all, 'queue worker-billing', 'read', 'sqs:ReceiveMessage')).toEqual({ allowed: ['role worker-billing'], undetermined: [] });
    expect(holders(all, 'queue worker-shipping', 'read', 'sqs:ReceiveMessage')).toEqual({ allowed: ['role worker-shipping'], undetermined: [] });
    expect(holders(all, 'key worker-billing', 'use').allowed).toEqual(['orders.amazonaws.com']);
  });

  it('shows what a topic passes on, and to whom', () => {
    const graph = graphOf([elsewhere('fan-out')], {});
    expect(connectionsOf(graph).map(({ text }) => text)).toEqual([
      'bucket example-uploads-eu-west-1 tells of changes to topic uploads',
      'topic uploads is sent on to queue index',
      'topic uploads is sent on to queue thumbnails',
    ]);
    expect(holders(whoCan(accessModelOf(graph)), 'queue index', 'write', 'sqs:SendMessage')).toEqual({ allowed: [], undetermined: ['sns.amazonaws.com'] });
  });

  it('tells which part of a bucket somebody can write', () => {
    const bucket = whoCan(modelOf('fan-out')).find(({ id }) => id.startsWith('bucket'));
    expect(bucket?.verbs.find(({ verb }) => verb === 'write')?.allowed).toEqual([
      expect.objectContaining({ principal: 'user uploader', actions: ['s3:PutObject'], part: 'arn:aws:s3:::example-uploads-eu-west-1/incoming/*' }),
    ]);
  });

  it('takes nobody of another account for one of the bucket’s own', () => {
    const bucket: PlannedResource = { address: 'aws_s3_bucket.b', values: { bucket: 'b' } };
    expect(holders(whoCan(accessModelOf(graphWith(bucket))), 'bucket b', 'read')).toEqual({ allowed: [], undetermined: [] });
  });

  it.each<[string, Record<string, unknown>, string]>([
    [
      'federated users',
      { Federated: 'arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com' },
      'federated users of arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com',
    ],
    ['the id of a user that may be gone', { AWS: 'AIDAEXAMPLE12345678' }, 'AIDAEXAMPLE12345678'],
  ])('names %s whom a role trusts', (_who, Principal, name) => {
    const Statement = [{ Effect: 'Allow', Principal, Action: 'sts:AssumeRole*' }];
    const role: PlannedResource = {
      address: 'aws_iam_role.r',
      values: { name: 'r', assume_role_policy: JSON.stringify({ Version: '2012-10-17', Statement }) },
    };
    const { undetermined } = holders(whoCan(accessModelOf(graphWith(role))), 'trust of r', 'assume');
    expect(undetermined).toContain(name);
  });
});
