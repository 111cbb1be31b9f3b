/**
 * Measures decisions a second for a realistic KMS request: 2 identity policies, a key policy of 4 statements, 5 context keys.
 * The reference in the same run is compiling the policies for every decision. Then the time to compile that key policy.
 *
 * npx tsx bench/decisions.ts [DECISIONS]
 */
import { accessRequest, compilePolicy, evaluate, type PolicyDocument, type Principal, parsePrincipal } from '../evaluator/index';

const ACCOUNT = '111122223333';
const QUEUE = `arn:aws:sqs:eu-west-1:${ACCOUNT}:people`;
const KEY = `arn:aws:kms:eu-west-1:${ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab`;
const role = (name: string) => `arn:aws:iam::${ACCOUNT}:role/${name}`;
const document = (...Statement: PolicyDocument['Statement'] extends infer S ? Extract<S, readonly unknown[]>[number][] : never): PolicyDocument => ({
  Version: '2012-10-17',
  Statement,
});

const through = { StringEquals: { 'kms:ViaService': 'sqs.eu-west-1.amazonaws.com', 'kms:EncryptionContext:aws:sqs:arn': QUEUE } };
const identity = [
  document({ Sid: 'Send', Effect: 'Allow', Action: ['sqs:SendMessage', 'sqs:GetQueueUrl'], Resource: QUEUE }),
  document({ Sid: 'NoPlainText', Effect: 'Deny', Action: '*', Resource: '*', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
];
const key = document(
  { Sid: 'Administration', Effect: 'Allow', Principal: { AWS: role('KeyManager') }, Action: ['kms:PutKeyPolicy', 'kms:DescribeKey'], Resource: '*' },
  { Sid: 'Receive', Effect: 'Allow', Principal: { AWS: role('Consumer') }, Action: 'kms:Decrypt', Resource: '*', Condition: through },
  { Sid: 'Operate', Effect: 'Allow', Principal: { AWS: role('Operator') }, Action: 'kms:Decrypt', Resource: '*', Condition: through },
  { Sid: 'Send', Effect: 'Allow', Principal: { AWS: role('Producer') }, Action: ['kms:GenerateDataKey', 'kms:Decrypt'], Resource: '*', Condition: through },
);
const context = {
  'kms:ViaService': 'sqs.eu-west-1.amazonaws.com',
  'kms:EncryptionContext:aws:sqs:arn': QUEUE,
  'kms:EncryptionContextKeys': ['aws:sqs:arn'],
  'aws:SecureTransport': 'true',
  'aws:ViaAWSService': 'true',
};
const principal = parsePrincipal(`arn:aws:sts::${ACCOUNT}:assumed-role/Producer/work`) as Principal;

const compileAll = () => ({
  identity: identity.map((policy, index) => compilePolicy(`policy ${index}`, policy, 'identity')),
  resource: compilePolicy('key policy', key, 'key'),
});

function perSecond(count: number, decide: () => string): number {
  const started = process.hrtime.bigint();
  for (let index = 0; index < count; index++) if (decide() !== 'allowed') throw new Error('The request of the benchmark must be allowed');
  return count / (Number(process.hrtime.bigint() - started) / 1e9);
}

const median = (values: readonly number[]) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
const count = Number(process.argv[2] ?? 300_000);
const compiled = compileAll();
const once = () => evaluate(accessRequest(principal, 'kms:GenerateDataKey', KEY, context), compiled).outcome;
const prepared = accessRequest(principal, 'kms:GenerateDataKey', KEY, context);
const decideOnly = () => evaluate(prepared, compiled).outcome;
const eachTime = () => evaluate(accessRequest(principal, 'kms:GenerateDataKey', KEY, context), compileAll()).outcome;

perSecond(20_000, once);
const rounds = [1, 2, 3, 4, 5].map(() => ({ decide: perSecond(count, decideOnly), whole: perSecond(count, once), compiling: perSecond(2000, eachTime) }));
const show = (label: string, value: number) => process.stdout.write(`${label} ${Math.round(value).toLocaleString('en')} decisions a second\n`);
show('compiled policies, prepared request:', median(rounds.map(({ decide }) => decide)));
show('compiled policies, request built each time:', median(rounds.map(({ whole }) => whole)));
show('policies compiled each time:', median(rounds.map(({ compiling }) => compiling)));

const microseconds = (compile: () => unknown) => {
  const started = process.hrtime.bigint();
  for (let index = 0; index < 2000; index++) compile();
  return Number(process.hrtime.bigint() - started) / 1e3 / 2000;
};
const compilations = [1, 2, 3, 4, 5].map(() => microseconds(() => compilePolicy('key policy', key, 'key')));
process.stdout.write(`compiling the key policy: ${median(compilations).toFixed(1)} microseconds\n`);
