// The layers of docs/architecture.md: what each folder must not import. Run by `npm run check`.
const LAYERS = {
  stacks: [],
  functions: [],
  evaluator: [],
  access: ['evaluator'],
  lab: ['evaluator'],
  proof: ['evaluator', 'access', 'lab', 'stacks', 'functions'],
  cli: ['evaluator', 'access', 'lab', 'proof', 'stacks', 'functions'],
};
const FOLDERS = [...Object.keys(LAYERS), 'bench', 'scripts', '__tests__'];

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    ...Object.entries(LAYERS).map(([layer, allowed]) => ({
      name: `layer-${layer}`,
      comment: `${layer}/ imports ${allowed.length > 0 ? allowed.map((folder) => `${folder}/`).join(', ') : 'nothing of ours'} and itself only`,
      severity: 'error',
      from: { path: `^${layer}/` },
      to: { path: `^(main\\.ts|(${FOLDERS.filter((folder) => folder !== layer && !allowed.includes(folder)).join('|')})/)` },
    })),
    {
      name: 'main-imports-stacks',
      comment: 'main.ts makes the stacks, nothing else',
      severity: 'error',
      from: { path: '^main\\.ts$' },
      to: { path: `^(${FOLDERS.filter((folder) => folder !== 'stacks').join('|')})/` },
    },
    {
      name: 'no-cycle-at-run-time',
      comment: 'Modules that need one another when they load have no direction',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    { name: 'no-unresolved', severity: 'error', from: {}, to: { couldNotResolve: true } },
    {
      name: 'shipped-code-needs-dependencies',
      comment: 'What runs outside of tests must not come from devDependencies',
      severity: 'error',
      from: { path: '^(main\\.ts|(stacks|functions|evaluator|access|lab|proof|cli)/)' },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'], pathNot: 'node_modules/@types/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'require', 'node', 'default', 'types'] },
  },
};
