// The import table (specs may import libs/testing too, see the last rules) of docs/architecture.md, enforced.
const base = ['errors', 'numeric', 'kernels'];
const domain = [...base, 'tables', 'imaging', 'harmonization', 'validation', 'privacy', 'figures'];
const table = {
  errors: [],
  kernels: ['errors'],
  rqs: ['errors'],
  numeric: ['errors', 'kernels'],
  tables: base,
  imaging: base,
  harmonization: base,
  validation: base,
  // It alone lets sums out, so it forms and checks them itself (docs/adr/0008-sums-instead-of-rows.md).
  privacy: [...base, 'harmonization'],
  figures: base,
  radiomics: domain,
  phantoms: domain,
  'scanner-effects': domain,
  models: ['errors', 'numeric', 'validation'],
  inference: ['errors', 'models'],
  contracts: ['errors', 'privacy', 'tables'],
  reports: ['errors', 'figures', 'rqs', 'validation', 'scanner-effects'],
  testing: [],
};
const libraryRules = Object.entries(table).map(([name, allowed]) => ({
  name: `lib-${name}`,
  comment: `libs/${name} may import ${allowed.join(', ') || 'no library'}`,
  severity: 'error',
  from: { path: `^libs/${name}/` },
  to: { path: '^libs/', pathNot: `^libs/(${[name, ...allowed, 'testing'].join('|')})/` },
}));
const isTest = '\\.(spec|contract|fixture)\\.tsx?$';
module.exports = {
  forbidden: [
    ...libraryRules,
    {
      name: 'apps-stand-alone',
      severity: 'error',
      from: { path: '^apps/([^/]+)/' },
      to: { path: '^apps/', pathNot: '^apps/$1/' },
    },
    {
      name: 'testing-is-for-tests',
      severity: 'error',
      from: { path: '^(apps|libs)/', pathNot: [isTest, '^libs/testing/'] },
      to: { path: '^libs/testing/' },
    },
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    { name: 'not-unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
    {
      name: 'libs-do-no-io',
      comment:
        'Libraries touch neither disk nor network; libs/inference may start its child process, the verifier also runs alone.',
      severity: 'error',
      from: { path: '^libs/', pathNot: [isTest, '^libs/(inference|testing|contracts/verifier)/'] },
      to: { dependencyTypes: ['core'], path: '^(node:)?(fs|net|http|https|child_process|tls|dgram)' },
    },
    {
      name: 'native-code-in-inference-only',
      severity: 'error',
      from: { pathNot: '^libs/inference/' },
      to: { path: 'onnxruntime-node' },
    },
    {
      name: 'minio-in-its-stores',
      severity: 'error',
      from: { path: '^(apps|libs)/', pathNot: ['minio-store', isTest] },
      to: { path: 'node_modules/minio' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(dist|types|generated|golden)/' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['source', 'import', 'node', 'default'],
      extensions: ['.ts', '.tsx', '.js', '.mjs'],
    },
  },
};
