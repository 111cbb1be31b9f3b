/**
 * Measures the reading of a big plan: 100 MB with 20,000 resources in modules, long user data and a prior state as big as what is
 * planned. For reference the same file by JSON.parse. Each in a process of its own, so that its peak of memory is its own.
 *
 * npx tsx bench/big-plan.ts [MEGABYTES]
 */
import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, statSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { resourcesBefore, resourcesOf } from '../access/graph/terraform-resource';
import { readTerraformFile } from '../cli/access/documents/terraform-file';

const print = (line: string) => void process.stdout.write(`${line}\n`);
const POLICY = JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 'sqs:SendMessage', Resource: '*' }] });
/** How many of the resources are of a provider other than AWS's, and how many have long user data. */
const [OTHER_EVERY, LONG_EVERY, LONG] = [4, 500, 200_000];
/** Resources of a module. */
const MODULE_SIZE = 100;

function resourceAt(index: number) {
  const type = index % OTHER_EVERY === 0 ? 'kubernetes_manifest' : 'aws_instance';
  const values = {
    arn: `arn:aws:ec2:eu-west-1:111122223333:instance/i-${index}`,
    user_data: String(index).padEnd(index % LONG_EVERY === 1 ? LONG : 400, 'x'),
    policy: POLICY,
    tags: { Name: `instance ${index}`, Application: 'big' },
    root_block_device: [{ encrypted: true, iops: 100, volume_size: 8 }],
  };
  const address = `module.part[${Math.floor(index / MODULE_SIZE)}].${type}.item[${index}]`;
  return { address, mode: 'managed', type, name: 'item', index, provider_name: 'registry.terraform.io/hashicorp/aws', schema_version: 1, values };
}

type Resource = ReturnType<typeof resourceAt>;

const withSensitive = (resource: Resource) => JSON.stringify({ ...resource, sensitive_values: { tags: {}, root_block_device: [{}] } });

function changeOf({ values, ...resource }: Resource): string {
  const change = { actions: ['update'], before: values, after: values, after_unknown: { id: true }, before_sensitive: {}, after_sensitive: {} };
  return JSON.stringify({ ...resource, change });
}

/** Writes a plan of at least as many megabytes. @returns how many resources it has */
function writePlan(file: string, megabytes: number): number {
  // Each resource stands in the plan four times: planned, before, after, and in the prior state.
  const sample = Array.from({ length: LONG_EVERY }, (_, index) => withSensitive(resourceAt(index)).length * 4);
  const count = Math.ceil((megabytes * 1e6) / (sample.reduce((sum, length) => sum + length, 0) / LONG_EVERY));
  const descriptor = openSync(file, 'w');
  const list = (text: (resource: Resource) => string, from: number, to: number) => {
    for (let index = from; index < to; index++) writeSync(descriptor, `${index > from ? ',' : ''}${text(resourceAt(index))}`);
  };
  const modules = () => {
    writeSync(descriptor, '{"root_module":{"child_modules":[');
    for (let from = 0; from < count; from += MODULE_SIZE) {
      writeSync(descriptor, `${from > 0 ? ',' : ''}{"address":"module.part[${from / MODULE_SIZE}]","resources":[`);
      list(withSensitive, from, Math.min(from + MODULE_SIZE, count));
      writeSync(descriptor, ']}');
    }
    writeSync(descriptor, ']}}');
  };
  writeSync(descriptor, '{"format_version":"1.2","terraform_version":"1.11.4","planned_values":');
  modules();
  writeSync(descriptor, ',"resource_changes":[');
  list(changeOf, 0, count);
  writeSync(descriptor, '],"prior_state":{"format_version":"1.0","values":');
  modules();
  writeSync(descriptor, '}}');
  closeSync(descriptor);
  return count;
}

const READERS: Readonly<Record<string, (file: string) => Promise<number>>> = {
  'piece by piece': async (file) => {
    const document = await readTerraformFile(file, print);
    return resourcesOf(document).length + resourcesBefore(document).length;
  },
  'JSON.parse': async (file) => {
    const document = JSON.parse(readFileSync(file, 'utf8')) as Parameters<typeof resourcesOf>[0];
    return resourcesOf(document).length + resourcesBefore(document).length;
  },
  'nothing read': async () => 0,
};

async function measure(name: string, file: string): Promise<void> {
  const started = performance.now();
  const resources = (await READERS[name]?.(file)) ?? 0;
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  print(`${name}: ${seconds} s, at most ${(process.resourceUsage().maxRSS / 1024).toFixed(0)} MB of memory, ${resources} resources`);
}

function measureAll(megabytes: number): void {
  const folder = mkdtempSync(path.join(tmpdir(), 'big-plan-'));
  const file = path.join(folder, 'plan.json');
  try {
    const count = writePlan(file, megabytes);
    print(`${(statSync(file).size / 1e6).toFixed(0)} MB, ${count} resources`);
    for (const name of Object.keys(READERS)) spawnSync(process.execPath, [...process.execArgv, __filename, name, file], { stdio: 'inherit' });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const [first = '100', file] = process.argv.slice(2);
if (file === undefined) measureAll(Number(first));
else
  measure(first, file).catch((error: unknown) => {
    print(String(error));
    process.exitCode = 1;
  });
