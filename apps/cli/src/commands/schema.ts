import { settingsSchema, type JsonSchema } from '@concord/radiomics';
import type { Command } from 'commander';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { addExamples, type Configure } from '../lib/command.js';
import { FileNotReadableError, UsageError } from '../lib/errors.js';
import { readInputText } from '../lib/files.js';

/** Made by scripts/output-schemas.mjs of the types of what each command prints. */
const OUTPUTS = fileURLToPath(new URL('../../dist/output-schemas.json', import.meta.url));

const TEXT = { type: 'string' };
const ERROR: JsonSchema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: 'any error of concord with --json',
  type: 'object',
  properties: { code: TEXT, what: TEXT, where: TEXT, fix: TEXT },
  required: ['code', 'what', 'where', 'fix'],
};

export const configure: Configure = (command, cli) => {
  command
    .description('Print the JSON schema of a settings file, or of what a command prints with --json.')
    .argument('<command>', 'settings: a settings file; error: any error; else the name of a command')
    .action((name: string) => cli.printJson(schemaOf(name, (command.parent ?? command).commands)));
  addExamples(command, 'concord schema settings', 'concord schema extract');
};

function schemaOf(name: string, commands: readonly Command[]): JsonSchema {
  if (name === 'settings') return settingsSchema();
  if (name === 'error') return ERROR;
  if (!existsSync(OUTPUTS)) {
    throw new FileNotReadableError('the schemas of outputs were not built', OUTPUTS, 'Run npm ci.');
  }
  const outputs = JSON.parse(readInputText(OUTPUTS)) as Record<string, JsonSchema>; // written by our own build
  const names = commands.map((one) => one.name()).filter((one) => one !== 'schema' && Object.hasOwn(outputs, one));
  if (names.includes(name)) return outputs[name];
  const fix = `Choose settings, error, ${names.filter((one) => one !== 'settings').join(', ')}.`;
  throw new UsageError(`there is no schema ${name}`, 'concord schema', fix);
}
