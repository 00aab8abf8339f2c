import { readNifti } from '@concord/imaging';
import { createKernels } from '@concord/kernels';
import { filterImage, PRESETS } from '@concord/radiomics';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readSettingsFile } from '../extract/settings-file.js';
import { runCli } from '../run.js';

const examples = new URL('../../../../docs/examples/', import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), 'concord-filter-'));
const IMAGE = join(examples, 'ball.nii.gz');
const SETTINGS = join(examples, 'filters.yaml');

async function run(...argv: string[]) {
  let [out, err] = ['', ''];
  const streams = { out: (text: string) => void (out += text), err: (text: string) => void (err += text) };
  const exitCode = await runCli(argv, { version: '0.0.0', streams });
  return { exitCode, out, err };
}

describe('concord filter', () => {
  it('writes the response that the library computes, on the grid of the settings', async () => {
    const volume = readNifti(readFileSync(IMAGE));
    const kernels = createKernels();
    const maps = [
      { flags: ['--preset', 'ibsi2-phase1-2.a'], settings: PRESETS['ibsi2-phase1-2.a'], image: null },
      { flags: ['--settings', SETTINGS, '--image', 'log-2'], settings: readSettingsFile(SETTINGS), image: 'log-2' },
    ];
    for (const [n, { flags, settings, image }] of maps.entries()) {
      const out = join(folder, `map-${n}.nii.gz`);
      expect((await run('filter', IMAGE, ...flags, '--out', out)).exitCode).toBe(0);
      const [written, expected] = [readNifti(readFileSync(out)), filterImage(volume, settings, image, kernels).volume];
      expect(written.shape).toEqual(expected.shape);
      expect(written.data).toEqual(expected.data);
      expect(Math.max(...written.affine.map((x, at) => Math.abs(x - expected.affine[at])))).toBeLessThan(1e-4);
    }
  });

  it.each<[string, string[], number, string]>([
    ['without a filter', [], 2, 'Give one of --settings and --preset'],
    ['with two', ['--preset', 'ct-hcc', '--settings', SETTINGS], 2, 'Give one of --settings and --preset'],
    ['by settings without one', ['--preset', 'ct-hcc'], 3, 'the settings have 0 filtered images'],
    ['by settings with several', ['--settings', SETTINGS], 3, 'the settings have 8 filtered images'],
    ['by a name that is not there', ['--settings', SETTINGS, '--image', 'sharp'], 3, 'Choose one of original, mean-5'],
  ])('refuses to filter %s', async (_, flags, code, words) => {
    const { exitCode, err } = await run('filter', IMAGE, ...flags, '--out', join(folder, 'none.nii.gz'));
    expect([exitCode, err]).toEqual([code, expect.stringContaining(words)]);
  });

  it('refuses another format', async () => {
    const { exitCode, err } = await run(
      'filter',
      IMAGE,
      '--preset',
      'ibsi2-phase1-2.a',
      '--out',
      join(folder, 'a.png'),
    );
    expect([exitCode, err]).toEqual([3, expect.stringContaining('a response map is a NIfTI file')]);
  });
});

describe('settings', () => {
  it.each(['extraction.yaml', 'filters.yaml', 'mr-normalised.yaml'])('of the example %s are in order', async (name) => {
    const { exitCode, out } = await run('settings', 'check', join(examples, name));
    expect([exitCode, out]).toEqual([0, expect.stringMatching(/^[0-9a-f]{64}\n$/)]);
  });

  it('have a schema, which names every kind of filter', async () => {
    const { exitCode, out } = await run('schema', 'settings');
    const schema = JSON.parse(out) as { title: string };
    expect([exitCode, schema.title]).toEqual([0, 'concord.extraction/2']);
    for (const kind of ['mean', 'laws', 'gabor', 'wavelet', 'simoncelli', 'riesz']) expect(out).toContain(`"${kind}"`);
  });
});
