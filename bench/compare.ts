/**
 * Measures comparisons of policies: every pair of a file of published pairs, and policies of four statements of the services
 * with the most resource types, each against one that differs in a single part.
 *
 * npx tsx bench/compare.ts [PAIRS.json]
 */
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import type { PolicyDocument, StatementDocument } from '../evaluator/index';
import { comparePolicies } from '../evaluator/request-space/compare';
import { kindOf } from '../evaluator/request-space/document-kind';
import { actionsOf, serviceNames } from '../evaluator/request-space/service-catalog';
import { serviceData } from '../evaluator/service-data/service-data';

const PAIRS = z.object({
  documents: z.record(z.string(), z.custom<PolicyDocument>()),
  pairs: z.array(z.object({ first: z.string(), second: z.string(), validActionResourceOnly: z.boolean() })),
});

const print = (line: string) => void process.stdout.write(`${line}\n`);
const median = (values: readonly number[]) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
const inMilliseconds = (value: number) => `${value.toFixed(1)} ms`;

function measure(work: () => string): { readonly time: number; readonly result: string } {
  const started = performance.now();
  const result = work();
  return { time: performance.now() - started, result };
}

function measurePairs(file: string): void {
  const { documents, pairs } = PAIRS.parse(JSON.parse(readFileSync(file, 'utf8')));
  const times = pairs.map(({ first, second, validActionResourceOnly }) => {
    const [before, after] = [documents[first], documents[second]];
    if (before === undefined || after === undefined) throw new Error(`no document ${first} or ${second}`);
    const kind = kindOf([before, after], [first, second]);
    const resources = validActionResourceOnly ? 'of the action' : 'any';
    return measure(() => comparePolicies(before, after, { kind, resources, relationOnly: true }).relation).time;
  });
  const total = times.reduce((sum, time) => sum + time, 0);
  print(`${pairs.length} pairs: median ${inMilliseconds(median(times))}, worst ${inMilliseconds(Math.max(...times))}, all ${inMilliseconds(total)}`);
}

/** Four statements that name the types of resources of a service, with conditions. */
function policyOf(service: string): readonly StatementDocument[] {
  const actions = actionsOf(service);
  const templates = [...new Set(actions.flatMap((action) => action.templates))];
  const arn = (template: string) => template.replace('arn:*:', 'arn:aws:').replace(/:\*:\*:/, ':eu-west-1:111122223333:');
  const some = (share: number) => templates.filter((_, index) => index % share === 0).map(arn);
  const named = actions.filter(({ templates: types }) => types.length > 0).slice(0, 40);
  const own = [...new Set(named.flatMap((action) => action.templates))].map(arn);
  return [
    { Sid: 'Read', Effect: 'Allow', Action: actions.map(({ name }) => name).filter((name) => /:(Describe|Get|List)/.test(name)), Resource: '*' },
    { Sid: 'Manage', Effect: 'Allow', Action: `${service}:*`, Resource: some(2), Condition: { StringLike: { 'aws:PrincipalTag/team': ['red-*', '*-blue'] } } },
    { Sid: 'Some', Effect: 'Allow', Action: named.map(({ name }) => name), Resource: own, Condition: { StringEquals: { 'aws:ResourceTag/team': 'red' } } },
    { Sid: 'Outside', Effect: 'Deny', Action: '*', Resource: '*', Condition: { NotIpAddress: { 'aws:SourceIp': ['10.0.0.0/8', '192.168.0.0/16'] } } },
  ];
}

function measureService(service: string, types: number): void {
  const statements = policyOf(service);
  const document = (Statement: readonly StatementDocument[]): PolicyDocument => ({ Version: '2012-10-17', Statement });
  const changed = {
    equal: [...statements].reverse(),
    less: statements.map((statement) => (statement.Sid === 'Some' ? { ...statement, Resource: [statement.Resource ?? []].flat().slice(0, 1) } : statement)),
    more: statements.map((statement) => (statement.Sid === 'Manage' ? { ...statement, Condition: undefined } : statement)),
    'everything but KMS': [...statements.filter(({ Sid }) => Sid !== 'Outside'), { Effect: 'Allow' as const, NotAction: 'kms:*', Resource: '*' }],
  };
  const results = Object.entries(changed).map(([name, other]) => {
    const { time, result } = measure(() => comparePolicies(document(statements), document(other), { kind: 'identity' }).relation);
    return `${name} ${inMilliseconds(time)} (${result})`;
  });
  print(`${service}, ${types} resource types: ${results.join(', ')}`);
}

const [file] = process.argv.slice(2);
if (file !== undefined) measurePairs(file);
const counted = serviceNames().map((service) => ({ service, types: serviceData(service)?.resourceTypes.size ?? 0 }));
for (const { service, types } of counted.sort((a, b) => b.types - a.types).slice(0, 11)) measureService(service, types);
