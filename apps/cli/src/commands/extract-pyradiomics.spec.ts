import { numberValues, tableFromCsv, textValues } from '@concord/tables';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCli } from '../run.js';

const examples = new URL('../../../../docs/examples/', import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), 'concord-pyradiomics-'));
const [image, mask] = [join(examples, 'ball.nii.gz'), join(examples, 'ball-mask.nii.gz')];

async function extract(...argv: string[]) {
  let out = '';
  let err = '';
  const streams = { out: (text: string) => void (out += text), err: (text: string) => void (err += text) };
  const exitCode = await runCli(['extract', ...argv, '--profile', 'pyradiomics'], { version: '0.0.0', streams });
  return { exitCode, out, err };
}

function parameterFile(text: string): string {
  const path = join(folder, 'params.yaml');
  writeFileSync(path, text);
  return path;
}

const namesOf = (csv: string): string[] => tableFromCsv(csv).columns.map(({ name }) => name);

describe('concord extract --profile pyradiomics', () => {
  it('writes the columns of PyRadiomics, of the label its parameters name, 1 by default', async () => {
    const { exitCode, out } = await extract(image, '--mask', mask);
    const table = tableFromCsv(out);
    expect([exitCode, textValues(table, 'roi')]).toEqual([0, ['1']]);
    const names = namesOf(out);
    expect(names.slice(0, 4)).toEqual([
      'case',
      'roi',
      'diagnostics_Versions_PyRadiomics',
      'diagnostics_Versions_Numpy',
    ]);
    const shape = names.indexOf('original_shape_Elongation');
    expect(names.slice(shape - 1, shape)).toEqual(['diagnostics_Mask-original_CenterOfMass']);
    expect(names.slice(shape + 14, shape + 15)).toEqual(['original_firstorder_10Percentile']);
    expect(names.filter((name) => name.startsWith('original_'))).toHaveLength(107);

    const second = await extract(image, '--mask', mask, '--settings', parameterFile('setting: {label: 2}'));
    expect(textValues(tableFromCsv(second.out), 'roi')).toEqual(['2']);
    const [left, right] = [table, tableFromCsv(second.out)].map((t) => numberValues(t, 'original_firstorder_Mean')[0]);
    expect(left - right).toBeGreaterThan(30); // by the formula of docs/examples/make.mjs the left half is 50 HU brighter
  });

  it('reads a parameter file as it is, and tells a sigma of 1 from one of 1.0', async () => {
    const settings = parameterFile(
      'imageType:\n  LoG: {sigma: [1.0, 2]}\n  Wavelet: {wavelet: haar}\nfeatureClass:\n  firstorder: [Mean]\n  shape:\n',
    );
    const { out } = await extract(image, '--mask', mask, '--settings', settings);
    const features = namesOf(out).filter((name) => !name.startsWith('diagnostics'));
    expect(features.filter((name) => name.includes('shape'))).toHaveLength(14);
    expect(features.slice(16)).toEqual([
      'log-sigma-1-0-mm-3D_firstorder_Mean',
      'log-sigma-2-mm-3D_firstorder_Mean',
      ...['LLH', 'LHL', 'LHH', 'HLL', 'HLH', 'HHL', 'HHH', 'LLL'].map((band) => `wavelet-${band}_firstorder_Mean`),
    ]);
    expect(textValues(tableFromCsv(out), 'diagnostics_Configuration_EnabledImageTypes')).toEqual([
      "{'LoG': {'sigma': [1.0, 2]}, 'Wavelet': {'wavelet': 'haar'}}",
    ]);
  });

  it('reads the list that PyRadiomics reads, and exits 4 when a case is refused', async () => {
    const list = join(folder, 'list.csv');
    writeFileSync(list, `Image,Mask,Label\n${image},${mask},2\n${image},${mask},7\n`);
    const { exitCode, out, err } = await extract('--jobs', '1', '--cases', list);
    expect([exitCode, textValues(tableFromCsv(out), 'roi')]).toEqual([4, ['2']]);
    expect(err).toContain('MASK_LABEL_ABSENT');
  });

  it.each([
    ['settings: {}', 3, 'the parameter file has no settings', 'Did you mean setting?'],
    ['setting: {binWidht: 5}', 3, 'setting has no binWidht', 'Did you mean binWidth?'],
    ['imageType: {Log: {}}', 3, 'imageType has no Log', 'Did you mean LoG?'],
  ])('refuses the parameters %j', async (text, code, what, fix) => {
    const { exitCode, out, err } = await extract(image, '--mask', mask, '--settings', parameterFile(text));
    expect([exitCode, out]).toEqual([code, '']);
    expect(err).toContain(`INVALID_SETTINGS: ${what}`);
    expect(err).toContain(fix);
    expect(err).toContain('params.yaml');
  });

  it('takes neither presets nor the long layout', async () => {
    expect((await extract(image, '--mask', mask, '--preset', 'ct-hcc')).err).toContain(
      '--preset is for --profile ibsi',
    );
    expect((await extract(image, '--mask', mask, '--layout', 'long')).err).toContain('--layout long is for');
  });
});
