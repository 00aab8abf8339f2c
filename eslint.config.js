import js from '@eslint/js';
import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

const impure = [
  ['Math', 'random', 'Take a RandomSource as an argument.'],
  ['Date', 'now', 'Take the time as an argument.'],
  ['process', 'env', 'Take settings as arguments; apps read the environment in config.ts.'],
].map(([object, property, message]) => ({ object, property, message }));

export default defineConfig(
  globalIgnores([
    '**/dist/',
    '**/types/',
    'apps/hub/src/generated/',
    '**/*.mjs',
    '**/*.d.mts',
    '**/*.cjs',
    '**/*.js',
    'libs/*/golden/',
    'libs/kernels/as/',
  ]),
  js.configs.recommended,
  tseslint.configs.recommendedTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      'prefer-const': ['error', { ignoreReadBeforeAssign: true }],
      'no-console': 'error',
    },
  },
  {
    files: ['libs/**/*.ts'],
    ignores: ['**/*.spec.ts', 'libs/testing/**'],
    rules: { 'no-restricted-properties': ['error', ...impure] },
  },
  {
    files: ['apps/**/*.ts', 'apps/**/*.tsx'],
    ignores: ['**/config.ts', '**/*.spec.ts'],
    rules: { 'no-restricted-properties': ['error', impure[2]] },
  },
  {
    // Only libs/privacy may make a Released value: casting to it would go round the release rules.
    files: ['**/*.ts'],
    ignores: ['libs/privacy/**'],
    rules: {
      'no-restricted-syntax': [
        'error',
        {
          selector: "TSAsExpression TSTypeReference > Identifier[name='Released']",
          message: 'Only libs/privacy makes a Released value: call release().',
        },
      ],
    },
  },
  {
    files: ['**/*.spec.ts', 'test/**/*.ts', 'bench/**/*.ts'],
    rules: { '@typescript-eslint/no-unsafe-assignment': 'off', '@typescript-eslint/no-unsafe-member-access': 'off' },
  },
);
