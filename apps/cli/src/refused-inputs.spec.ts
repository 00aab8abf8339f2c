import { mkdirSync, mkdtempSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

import { runCli } from './run.js';

const EXAMPLES = resolve(import.meta.dirname, '../../../docs/examples');
const example = (name: string): string => join(EXAMPLES, name);

const folder = mkdtempSync(join(tmpdir(), 'concord-refused-'));
const input = (name: string): string => join(folder, name);
const OUT = input('out');
afterAll(() => rmSync(folder, { recursive: true }));

mkdirSync(input('folder'));
for (const kind of ['csv', 'arrow', 'nii', 'nrrd', 'json', 'yaml', 'onnx']) {
  writeFileSync(input(`wrong.${kind}`), 'this is no table, no image,\nand no record\n\u0000\u0001');
  writeFileSync(input(`empty.${kind}`), '');
  writeFileSync(input(`huge.${kind}`), '');
  truncateSync(input(`huge.${kind}`), 2 ** 31 + 1); // a hole: it takes no room on the disk
}

async function run(words: readonly string[]) {
  let out = '';
  let err = '';
  const streams = { out: (text: string) => void (out += text), err: (text: string) => void (err += text) };
  const code = await runCli(words, { version: '0.0.0', streams });
  return { code, out, err };
}

const MEASURE = ['extract', example('ball.nii.gz'), '--mask', example('ball-mask.nii.gz'), '--label', '1'];

/** Commands by the kind of file they read, with the file left open. */
const READERS: readonly (readonly [kind: string, words: (file: string) => string[]])[] = [
  ['nii', (file) => ['extract', file, '--mask', example('ball-mask.nii.gz'), '--out', `${OUT}.csv`]],
  ['nrrd', (file) => ['extract', example('ball.nii.gz'), '--mask', file, '--out', `${OUT}.csv`]],
  ['csv', (file) => ['extract', '--cases', file, '--out', `${OUT}.csv`]],
  ['yaml', (file) => ['settings', 'check', file]],
  ['yaml', (file) => [...MEASURE, '--profile', 'pyradiomics', '--settings', file, '--out', `${OUT}.csv`]],
  ['yaml', (file) => ['filter', example('ball.nii.gz'), '--settings', file, '--out', `${OUT}.nii.gz`]],
  ['nii', (file) => ['filter', file, '--preset', 'ibsi2-phase1-2.a', '--out', `${OUT}.nii.gz`]],
  ['nii', (file) => ['maps', file, '--mask', example('ball-mask.nii.gz'), '--feature', 'glcm', '--out', OUT]],
  ['nrrd', (file) => ['preview', example('ball.nii.gz'), '--mask', file, '--out', `${OUT}.png`]],
  ['csv', (file) => ['robustness', '--cases', file, '--out', OUT]],
  ['csv', (file) => ['harmonize', file, '--batch', 'scanner', '--out', `${OUT}.csv`, '--model', `${OUT}.json`]],
  ['arrow', (file) => ['harmonize', file, '--batch', 'scanner', '--out', `${OUT}.arrow`]],
  ['json', (file) => ['harmonize', 'apply', example('three-scanners.csv'), '--model', file, '--out', `${OUT}.csv`]],
  ['csv', (file) => ['scanner-effects', file, '--batch', 'scanner', '--out', OUT]],
  ['csv', (file) => ['validate', file, '--outcome', 'mvi', '--score', 'risk', '--out', OUT]],
  ['csv', (file) => ['demo', '--tables', file, '--batch', 'site', '--outcome', 'mvi', '--out', OUT]],
  ['json', (file) => ['rqs', 'score', file]],
  ['json', (file) => ['study', 'protocol', '--check', '--file', file]],
];

const cases = READERS.flatMap(([kind, words]) =>
  [`absent.${kind}`, `wrong.${kind}`, `empty.${kind}`, `huge.${kind}`, 'folder'].map((name) => ({
    name,
    command: words('FILE')
      .filter((word) => !word.startsWith('/'))
      .join(' '),
    words: words(input(name)),
  })),
);

describe('a file that a command cannot use', () => {
  it.each(cases)('$name is refused in one sentence that names it: $command', async ({ name, words }) => {
    const before = readdirSync(folder);
    const { code, out, err } = await run(words);
    expect({ code, out }).toEqual({ code: 3, out: '' });
    const [, where] = /^error [A-Z][A-Z0-9_]+: .+\n {2}where {2}(.+)\n {2}fix {4}.+\n$/.exec(err) ?? [];
    expect(where).toContain(input(name));
    expect(readdirSync(folder)).toEqual(before);
    expect(readdirSync(input('folder'))).toEqual([]);
  });

  it('is named with the place inside it', async () => {
    const settings = input('settings.yaml');
    writeFileSync(settings, (await run(['settings', 'show', 'ct-hcc'])).out.replace(/width: .+/, 'width: wide'));
    expect((await run(['settings', 'check', settings])).err).toMatch(
      /\n {2}where {2}.+settings\.yaml, settings\.\S+\n/,
    );
    rmSync(settings);
    const table = input('ragged.csv');
    writeFileSync(table, 'patient,scanner\n1,a\n2\n');
    const { err } = await run(['harmonize', table, '--batch', 'scanner', '--out', `${OUT}.csv`]);
    expect(err).toContain(`\n  where  ${table}, line 3\n`);
    rmSync(table);
  });

  it.each(['wrong', 'empty', 'huge'])('an ONNX file that is %s is not run', async (name) => {
    expect((await run(['model', 'inspect', input(`${name}.onnx`)])).code).toBe(3);
  });

  it.each([
    ['absent', 'there is no such folder', 'absent'],
    ['folder', 'it holds no bundle.json', 'folder'],
    ['wrong.json', 'it holds no bundle.json', 'wrong.json'],
    ['cut', 'it is not JSON: it was changed or cut', join('cut', 'bundle.json')],
    ['other', 'this is not a bundle as a hub writes it', join('other', 'bundle.json')],
    ['huge', 'it is larger than 2 GiB', join('huge', 'bundle.json')],
    ['below', 'this is a folder, not a file', join('below', 'bundle.json')],
  ])('%s is no bundle: %s', async (name, what, where) => {
    for (const made of ['cut', 'other', 'huge', join('below', 'bundle.json')]) {
      mkdirSync(input(made), { recursive: true });
    }
    writeFileSync(join(input('cut'), 'bundle.json'), '{"format":');
    writeFileSync(join(input('other'), 'bundle.json'), '[]');
    writeFileSync(join(input('huge'), 'bundle.json'), '');
    truncateSync(join(input('huge'), 'bundle.json'), 2 ** 31 + 1);
    const { code, out, err } = await run(['verify', input(name)]);
    expect({ code, out }).toEqual({ code: 3, out: '' });
    expect(err).toContain(`: ${what}`);
    expect(err).toContain(`\n  where  ${input(where)}\n`);
  });
});
