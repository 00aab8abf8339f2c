import Ajv from 'ajv';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runCli } from '../run.js';

const EXAMPLES = resolve(import.meta.dirname, '../../../../docs/examples');
const example = (name: string): string => join(EXAMPLES, name);
const folder = mkdtempSync(join(tmpdir(), 'concord-schema-'));
let schemas: Record<string, object>;

beforeAll(() => {
  const script = fileURLToPath(new URL('../../../../scripts/output-schemas.mjs', import.meta.url));
  const { status, stderr } = spawnSync(process.execPath, [script, join(folder, 'schemas.json')], { encoding: 'utf8' });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  schemas = JSON.parse(readFileSync(join(folder, 'schemas.json'), 'utf8')) as typeof schemas;
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true }));

async function run(...words: string[]): Promise<unknown> {
  let out = '';
  const streams = { out: (text: string) => void (out += text), err: () => undefined };
  await runCli([...words, '--json'], { version: '0.0.0', streams });
  return JSON.parse(out);
}

function validator(schema: object) {
  const { $schema, ...rest } = schema as { $schema: string };
  expect($schema).toContain('2020-12'); // of which this validator knows all but prefixItems
  return new Ajv().compile(rest);
}

const REGION = [example('ball.nii.gz'), '--mask', example('ball-mask.nii.gz'), '--label', '1'];
const out = (name: string): string[] => ['--out', join(folder, name)];

describe('what a command prints is what its schema says', () => {
  it.each<[string, string[]]>([
    ['extract', REGION],
    ['extract', [...REGION, '--profile', 'pyradiomics']],
    ['preview', [...REGION, ...out('ball.png')]],
    ['filter', [example('ball.nii.gz'), '--preset', 'ibsi2-phase1-2.a', ...out('map.nii.gz')]],
    ['maps', [...REGION, '--feature', 'firstorder_Mean', ...out('mean.nii.gz')]],
    ['inspect', [example('ball.nii.gz'), example('cases.csv')]],
    ['robustness', ['--cases', example('regions.csv'), '--chain', 'V', '--replicates', '2', ...out('robustness')]],
    ['settings', ['list']],
    ['settings', ['show', 'ct-hcc']],
    ['settings', ['check', example('extraction.yaml')]],
    ['conformance', []],
    ['rqs', ['score', example('rqs1-record.json')]],
    ['rqs', ['explain', 'rqs1', '12']],
    ['model', ['inspect', example('risk.onnx')]],
  ])('%s %j', async (command, words) => {
    const document = await run(command, ...words);
    expect(document).not.toHaveProperty('code');
    const validate = validator(schemas[command]);
    validate(document);
    expect(validate.errors ?? []).toEqual([]);
    expect(validate({ surprise: true })).toBe(false);
  });

  it('an error too', async () => {
    const validate = validator((await run('schema', 'error')) as object);
    expect(validate(await run('extract', join(folder, 'absent.nii')))).toBe(true);
    expect(validate({ code: 'X' })).toBe(false);
  });
});

it('is there for every command that prints JSON, by its name', async () => {
  expect(Object.keys(schemas)).toEqual(
    expect.arrayContaining(['extract', 'harmonize', 'verify', 'study', 'run', 'site', 'report', 'doctor']),
  );
  expect(schemas).not.toHaveProperty('scanner-effects'); // prints its report as it was written, no document of a type
  expect(await run('schema', 'nothing')).toMatchObject({
    code: 'USAGE',
    fix: expect.stringContaining('extract') as string,
  });
});
