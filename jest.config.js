// Run with: npm run jest (Node needs --experimental-vm-modules for ES modules).
export default {
  testEnvironment: './scripts/host-realm-environment.mjs', // onnxruntime-node compares typed-array constructors by identity
  testEnvironmentOptions: { customExportConditions: ['source', 'node', 'node-addons'] },
  extensionsToTreatAsEsm: ['.ts', '.tsx'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  modulePathIgnorePatterns: ['/dist/'],
  transform: { '^.+\\.tsx?$': ['@swc/jest', { module: { type: 'es6' } }] },
  setupFiles: ['<rootDir>/scripts/property-seed.mjs'],
  testMatch: ['<rootDir>/libs/**/*.spec.ts', '<rootDir>/apps/**/*.spec.ts', '<rootDir>/test/**/*.spec.ts'],
  testTimeout: 60_000, // no test measures time: a busy machine is no failure
  workerIdleMemoryLimit: '1GB',
};
