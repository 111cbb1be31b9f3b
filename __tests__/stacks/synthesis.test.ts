import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { App } from 'cdktf';
import { bundleFunction } from '../../stacks/dataplane/bundle';
import { DataplaneStack } from '../../stacks/dataplane-stack';
import { IdentityStack } from '../../stacks/identity-stack';
import { KeysStack } from '../../stacks/keys-stack';
import { STACKS } from '../../stacks/names';
import type { Settings } from '../../stacks/settings';
import { settingsWith } from './support';

const outputs: string[] = [];
afterAll(() => {
  for (const outdir of outputs) rmSync(outdir, { recursive: true });
});

interface Synthesized {
  readonly terraform: { readonly backend: Record<string, Record<string, unknown>> };
  readonly data: {
    readonly terraform_remote_state?: Record<string, { backend: string; config: Record<string, unknown> }>;
    readonly archive_file?: Record<string, { source_dir: string }>;
  };
}

function synthesize(values: Partial<Settings> = {}): Record<string, Synthesized> {
  const outdir = mkdtempSync(path.join(tmpdir(), 'synthesis-'));
  outputs.push(outdir);
  const app = new App({ outdir });
  const settings = settingsWith(values);
  const identity = new IdentityStack(app, settings);
  const keys = new KeysStack(app, settings, identity);
  new DataplaneStack(app, settings, identity, keys);
  app.synth();
  const read = (stack: string) => JSON.parse(readFileSync(path.join(outdir, 'stacks', stack, 'cdk.tf.json'), 'utf8')) as Synthesized;
  return Object.fromEntries(STACKS.map((stack) => [stack, read(stack)]));
}

describe('synthesis', () => {
  it('keeps local state at paths that do not depend on where the checkout lies', () => {
    const stacks = synthesize();
    for (const [name, stack] of Object.entries(stacks)) expect(stack.terraform.backend.local).toEqual({ path: `../../../state/${name}.tfstate` });
    expect(JSON.stringify(stacks)).not.toContain(process.cwd());
  });

  it('reads outputs of other stacks from remote state of the same backend', () => {
    const { keys, dataplane } = synthesize();
    expect(keys?.data.terraform_remote_state?.identity).toMatchObject({ backend: 'local', config: { path: '../../../state/identity.tfstate' } });
    expect(Object.keys(dataplane?.data.terraform_remote_state ?? {})).toEqual(STACKS.slice(0, 2));
  });

  it('keeps state in an encrypted bucket with a lock file when one is set, and reads it there', () => {
    const { keys } = synthesize({ stateBucket: 'demo-states' });
    expect(keys?.terraform.backend.s3).toMatchObject({ bucket: 'demo-states', key: 'pipeline/keys.tfstate', encrypt: true, use_lockfile: true });
    expect(keys?.data.terraform_remote_state?.identity).toMatchObject({ backend: 's3', config: { bucket: 'demo-states', key: 'pipeline/identity.tfstate' } });
  });

  it('gives the same package for the same source', () => {
    const hash = () =>
      createHash('sha256')
        .update(readFileSync(path.join(bundleFunction('consumer'), 'index.js')))
        .digest('hex');
    const archive = () => Object.values(synthesize().dataplane?.data.archive_file ?? {})[0]?.source_dir;
    expect(hash()).toBe(hash());
    expect(archive()).toBe(archive());
  });
});
