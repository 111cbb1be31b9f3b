import fc from 'fast-check';
import { accessModelOf } from '../../access/graph/access-model-of';
import { kindOf, READ_TYPES } from '../../access/graph/kinds/kinds';
import { commonGlob } from '../../access/who/common-glob';
import { questionsOf } from '../../access/who/questions';
import { serviceActions } from '../../access/who/verbs';
import { parseArn } from '../../evaluator';
import { matchesGlob } from '../../evaluator/glob';
import { globsOverlap } from '../../evaluator/service-data/globs';
import { graphWith } from './graph/plan-builder';

/** The resource of a model that stands for one of a type. */
function resourceOf(type: string) {
  const kind = kindOf(type);
  const name = kind && 'name' in kind ? kind.name : 'name';
  const values = { [name]: 'some', event_bus_name: 'default', version: '1', id: 'some', key_id: 'some' };
  const [resource] = accessModelOf(graphWith({ address: `${type}.some`, values })).resources;
  if (!resource) throw new Error(`${type} makes no resource`);
  return resource;
}

/** Whether a template is of ARNs of which some match a pattern, with the same number of colons up to the resource. */
function isOf(template: string, part: string): boolean {
  const [first, second] = [template.split(':'), part.split(':')];
  const rest = (parts: readonly string[]) => parts.slice(5).join(':');
  return first.slice(0, 5).every((each, index) => globsOverlap(each, second[index] ?? '')) && globsOverlap(rest(first), rest(second));
}

const TYPES = READ_TYPES.filter((type) => ['resource', 'key', 'role'].includes(kindOf(type)?.does ?? ''));

describe('what is asked about a resource', () => {
  it.each(TYPES)('is every action that acts upon an %s or a part of it', (type) => {
    const resource = resourceOf(type);
    const services = resource.kind === 'trust' ? ['sts', 'iam'] : [parseArn(resource.arn)?.service ?? ''];
    const acting = services
      .flatMap(serviceActions)
      .filter(({ templates }) => templates.some((template) => [resource.arn, ...resource.parts].some((part) => isOf(template, part))));
    const asked = new Set(questionsOf(resource, []).map(({ action }) => action));
    expect(acting.length).toBeGreaterThan(0);
    expect(acting.map(({ name }) => name).filter((action) => !asked.has(action))).toEqual([]);
  });

  it.each([
    ['aws_sqs_queue', 'sqs:ReceiveMessage', 'read'],
    ['aws_sqs_queue', 'sqs:SendMessage', 'write'],
    ['aws_sqs_queue', 'sqs:SetQueueAttributes', 'administer'],
    ['aws_s3_bucket', 's3:GetObject', 'read'],
    ['aws_s3_bucket', 's3:DeleteObject', 'delete'],
    ['aws_s3_bucket', 's3:PutBucketPolicy', 'administer'],
    ['aws_kms_key', 'kms:Decrypt', 'use'],
    ['aws_kms_key', 'kms:ScheduleKeyDeletion', 'administer'],
    ['aws_lambda_function', 'lambda:InvokeFunction', 'use'],
    ['aws_iam_role', 'sts:AssumeRole', 'assume'],
    ['aws_iam_role', 'iam:PassRole', 'use'],
    ['aws_iam_role', 'iam:UpdateAssumeRolePolicy', 'administer'],
    ['aws_cloudwatch_log_group', 'logs:GetLogEvents', 'read'],
    ['aws_sfn_state_machine', 'states:GetExecutionHistory', 'read'],
    ['aws_api_gateway_rest_api', 'execute-api:Invoke', 'use'],
  ])('of %s: %s is to %s', (type, action, verb) => {
    expect([
      ...new Set(
        questionsOf(resourceOf(type), [])
          .filter((question) => question.action === action)
          .map((question) => question.verb),
      ),
    ]).toEqual([verb]);
  });

  it('tells parts apart that policies tell apart', () => {
    const questions = questionsOf(resourceOf('aws_s3_bucket'), ['arn:aws:s3:::*/public/*', 'arn:aws:s3:::other/*', '*']);
    expect(questions.filter(({ action }) => action === 's3:GetObject').map(({ resource, part }) => [resource, part])).toEqual([
      ['arn:aws:s3:::some/sample/sample', undefined],
      ['arn:aws:s3:::some/sample/public/sample', 'arn:aws:s3:::*/public/*'],
    ]);
  });
});

describe('the pattern that two patterns have in common', () => {
  const glob = fc.array(fc.constantFrom('a', 'b', '/', '*', '?'), { maxLength: 8 }).map((parts) => parts.join(''));

  it('is there where some text matches both, and what it matches both match', () => {
    fc.assert(
      fc.property(glob, glob, (first, second) => {
        const common = commonGlob(first, second);
        expect(common !== undefined).toBe(globsOverlap(first, second));
        const text = common?.replaceAll('*', 'ab').replaceAll('?', 'b');
        if (text !== undefined) expect([matchesGlob(first, text), matchesGlob(second, text)]).toEqual([true, true]);
      }),
      { numRuns: 2000 },
    );
  });
});
