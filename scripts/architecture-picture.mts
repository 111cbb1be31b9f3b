/**
 * Draws docs/architecture.svg from the real import graph: an arrow means that a folder imports another.
 * Run by `npm run picture`; `--check` fails when the committed picture is not the current one.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { instance } from '@viz-js/viz';
import { cruise, type ICruiseResult } from 'dependency-cruiser';
import extractOptions from 'dependency-cruiser/config-utl/extract-depcruise-options';
import extractTsConfig from 'dependency-cruiser/config-utl/extract-ts-config';

const ROOT = path.resolve(import.meta.dirname, '..');
const PICTURE = path.join(ROOT, 'docs', 'architecture.svg');
/** From what runs to what everything rests on. */
const LAYERS = ['cli', 'proof', 'access', 'lab', 'evaluator', 'stacks', 'functions'];

/** Imports between folders, with how many modules import. */
type Edges = ReadonlyMap<string, { readonly from: string; readonly to: string; readonly count: number }>;

/** A module's folder as the picture shows it: the layer, and the folder below it. */
function folderOf(module: string): string | undefined {
  if (module === 'main.ts') return 'main.ts';
  const [layer = '', second] = module.split('/');
  if (!LAYERS.includes(layer)) return undefined;
  return module.split('/').length > 2 ? `${layer}/${second}` : layer;
}

async function importsBetweenFolders(): Promise<Edges> {
  const config = path.join(ROOT, '.dependency-cruiser.cjs');
  const { output } = await cruise(['main.ts', ...LAYERS], await extractOptions(config), undefined, {
    tsConfig: extractTsConfig(path.join(ROOT, 'tsconfig.json')),
  });
  const edges = new Map<string, { from: string; to: string; count: number }>();
  for (const { source, dependencies } of (output as ICruiseResult).modules) {
    const from = folderOf(source);
    const targets = new Set(dependencies.map(({ resolved }) => folderOf(resolved)));
    for (const to of targets) {
      if (!from || !to || from === to) continue;
      const key = `${from} ${to}`;
      edges.set(key, { from, to, count: (edges.get(key)?.count ?? 0) + 1 });
    }
  }
  return edges;
}

const layerOf = (folder: string) => folder.split('/')[0] ?? folder;

/** Graphviz: a box a layer with its folders, an arrow for imports within a layer, and one from layer to layer. */
function toDot(edges: Edges): string {
  const folders = [...new Set([...edges.values()].flatMap(({ from, to }) => [from, to]))].sort();
  const anchor = (layer: string) => `"${layer}"`;
  const clusters = LAYERS.map((layer) => {
    const inside = folders.filter((folder) => folder.startsWith(`${layer}/`));
    const nodes = [
      `${anchor(layer)} [label="${layer}/", fontsize=15, shape=plaintext]`,
      ...inside.map((folder) => `"${folder}" [label="${folder.slice(layer.length + 1)}/"]`),
    ];
    return `subgraph "cluster_${layer}" { style="rounded,filled"; fillcolor="#f3f5f8"; color="#8a94a6"; ${nodes.join('; ')} }`;
  });
  const within = [...edges.values()].filter(({ from, to }) => layerOf(from) === layerOf(to) && from.includes('/') && to.includes('/'));
  const between = new Map<string, number>();
  for (const { from, to, count } of edges.values()) {
    const [source, target] = [layerOf(from), layerOf(to)];
    if (source !== target) between.set(`${source} ${target}`, (between.get(`${source} ${target}`) ?? 0) + count);
  }
  const arrows = [
    ...within.map(({ from, to }) => `"${from}" -> "${to}" [color="#a9b1bf"]`),
    ...[...between].map(([key, count]) => {
      const [source = '', target = ''] = key.split(' ');
      return `${anchor(source)} -> ${anchor(target)} [ltail="cluster_${source}", lhead="cluster_${target}", label="${count}", penwidth=1.6, color="#2f4b7c"]`;
    }),
  ];
  return `digraph architecture { compound=true; rankdir=TB; nodesep=0.25; ranksep=0.6; fontname="Helvetica";
    node [shape=box, style="rounded,filled", fillcolor=white, color="#8a94a6", fontname="Helvetica", fontsize=11, height=0.3];
    edge [fontname="Helvetica", fontsize=10, arrowsize=0.7];
    "main.ts" [shape=note];
    ${clusters.join('\n')}
    ${arrows.join('\n')} }`;
}

async function main(): Promise<void> {
  const svg = (await instance()).renderString(toDot(await importsBetweenFolders()), { format: 'svg' });
  if (!process.argv.includes('--check')) {
    writeFileSync(PICTURE, svg);
    return;
  }
  if (readFileSync(PICTURE, 'utf8') === svg) return;
  process.stderr.write('docs/architecture.svg is not the picture of the current imports. Run: npm run picture\n');
  process.exitCode = 1;
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  process.exitCode = 1;
});
