import { numberValues, tableFromCsv, textValues } from '@concord/tables';
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCli } from '../run.js';

const examples = new URL('../../../../docs/examples/', import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), 'concord-robustness-'));
const regions = join(examples, 'regions.csv');
const settings = join(folder, 'settings.yaml');
writeFileSync(
  settings,
  readFileSync(join(examples, 'extraction.yaml'), 'utf8')
    .replace(/resampling:\n( .*\n)+/, 'resampling: null\n')
    .replace(/families:\n( .*\n)+/, 'families: [statistics, morphology]\n'),
);

async function concord(...argv: string[]) {
  let out = '';
  let err = '';
  const streams = { out: (text: string) => void (out += text), err: (text: string) => void (err += text) };
  const exitCode = await runCli(argv, { version: '0.0.0', streams });
  return { exitCode, out, err };
}

const measure = (out: string, ...argv: string[]) =>
  concord(
    'robustness',
    '--cases',
    regions,
    '--settings',
    settings,
    '--replicates',
    '3',
    '--out',
    join(folder, out),
    ...argv,
  );
const file = (out: string, name: string) => readFileSync(join(folder, out, name), 'utf8');

describe('concord robustness', () => {
  it('writes every version, the correlations, and lists that other commands take', async () => {
    expect((await measure('a', '--chain', 'rotate:-2..2,volume:0.02', '--threshold', '0.5')).exitCode).toBe(0);
    const versions = tableFromCsv(file('a', 'versions.csv'));
    expect(versions.rowCount).toBe(3 * 4);
    expect([...numberValues(versions, 'replicate')]).toEqual([0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3]);
    const extracted = tableFromCsv((await concord('extract', '--cases', regions, '--settings', settings)).out);
    const icc = tableFromCsv(file('a', 'icc.csv'));
    for (const feature of textValues(icc, 'feature')) {
      const asIs = numberValues(versions, feature!).filter((_, row) => row % 4 === 0);
      expect(asIs).toEqual(numberValues(extracted, feature!)); // version 0 is the region as it is
    }
    const stable = textValues(icc, 'feature').filter((_, row) => textValues(icc, 'verdict')[row] === 'stable');
    expect(stable.length).toBeGreaterThan(3);
    expect(file('a', 'stable-features.txt').split('\n').slice(1, -1)).toEqual(stable);
  }, 60_000);

  it('writes lists that extract and harmonize take', async () => {
    const again = join(folder, 'a', 'stable-settings.yaml');
    expect((await concord('extract', '--cases', regions, '--settings', again)).exitCode).toBe(0);
    const table = join(folder, 'batches.csv');
    const three = file('a', 'versions.csv')
      .trim()
      .split('\n')
      .map((line, n) => `${line},${n === 0 ? 'scanner' : n % 2 ? 'A' : 'B'}`);
    writeFileSync(table, `${three.join('\n')}\n`);
    const list = join(folder, 'a', 'stable-features.txt');
    const harmonized = join(folder, 'harmonized.csv');
    const { exitCode } = await concord(
      'harmonize',
      table,
      '--batch',
      'scanner',
      '--id',
      'case,roi,replicate',
      '--features-file',
      list,
      '--out',
      harmonized,
    );
    expect(exitCode).toBe(0);
  }, 60_000);

  it('gives the same bytes again, and others with another seed', async () => {
    await measure('b', '--chain', 'NVC');
    await measure('c', '--chain', 'NVC');
    await measure('d', '--chain', 'NVC', '--seed', '2');
    expect(file('c', 'versions.csv')).toBe(file('b', 'versions.csv'));
    expect(file('d', 'versions.csv')).not.toBe(file('b', 'versions.csv'));
  }, 60_000);

  it('refuses too few regions, a chain that is none, and an output that exists', async () => {
    const list = join(folder, 'two.csv');
    const [header, ...rows] = readFileSync(regions, 'utf8').trim().split('\n');
    const absolute = rows.map((row) => row.replaceAll('ball', `${examples}ball`));
    writeFileSync(list, [header, ...absolute.slice(0, 2), `absent,absent.nii,absent.nii,1`].join('\n'));
    const few = await concord('robustness', '--cases', list, '--settings', settings, '--out', join(folder, 'e'));
    expect(few).toMatchObject({ exitCode: 3 });
    expect(few.err).toContain('absent refused: FILE_NOT_READABLE');
    expect(few.err).toContain('error TOO_FEW_REGIONS: 2 region(s)');
    expect(existsSync(join(folder, 'e'))).toBe(false);
    expect((await measure('e', '--chain', 'rotate:far')).err).toContain(
      'error BAD_PERTURBATION: rotate takes a number',
    );
    expect((await measure('b', '--chain', 'V')).err).toContain('OUTPUT_REFUSED');
    expect((await measure('e', '--threshold', '2')).exitCode).toBe(2);
  }, 60_000);

  it('goes on without a case that is refused, and exits 4', async () => {
    const list = join(folder, 'four.csv');
    const text = readFileSync(regions, 'utf8').replaceAll('ball', `${examples}ball`);
    writeFileSync(list, `${text}absent,absent.nii,absent.nii,1\n`);
    const out = join(folder, 'f');
    const argv = ['--cases', list, '--settings', settings, '--replicates', '2', '--chain', 'V', '--out', out];
    expect((await concord('robustness', ...argv)).exitCode).toBe(4);
    const report = JSON.parse(readFileSync(join(out, 'robustness.json'), 'utf8')) as {
      regions: number;
      refused: object[];
    };
    expect([report.regions, report.refused.length]).toEqual([3, 1]);
  }, 60_000);
});
