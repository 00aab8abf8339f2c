import { tableFromCsv, tableToCsv } from '@concord/tables';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCli } from '../run.js';

const examples = new URL('../../../../docs/examples/', import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), 'concord-outputs-'));
const [IMAGE, MASK] = [join(examples, 'ball.nii.gz'), join(examples, 'ball-mask.nii.gz')];
afterAll(() => rmSync(folder, { recursive: true }));

async function extract(...argv: string[]) {
  let err = '';
  const streams = { out: () => undefined, err: (text: string) => void (err += text) };
  const exitCode = await runCli(['extract', ...argv], { version: '1.2.3', streams });
  return { exitCode, err };
}
const file = (name: string) => join(folder, name);
const json = (name: string) => JSON.parse(readFileSync(file(name), 'utf8')) as Record<string, never>;
const sha256 = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex');

describe('concord extract --out', () => {
  it('writes JSON with every value, and beside a table where its values come from', async () => {
    const options = [IMAGE, '--mask', MASK, '--label', 'all'];
    expect((await extract(...options, '--out', file('features.json'))).exitCode).toBe(0);
    const sidecar = ['--provenance', file('provenance.json')];
    expect((await extract(...options, '--out', file('features.parquet'), ...sidecar)).exitCode).toBe(0);
    expect(readFileSync(file('features.parquet')).subarray(-4).toString()).toBe('PAR1');
    expect(json('features.json')).toMatchObject({
      format: 'concord.features/1',
      version: '1.2.3',
      regions: [{ case: 'ball', roi: '1', values: { stat_mean: { status: 'ok' } } }, { roi: '2' }],
    });
    expect(json('provenance.json')).toMatchObject({
      format: 'concord.provenance/1',
      settingsDigest: json('features.json')['settingsDigest'],
      settings: { format: 'concord.extraction/2' },
      cases: [
        {
          image: { digests: [sha256(IMAGE)], shape: [24, 24, 16], unit: 'arbitrary' },
          region: { digests: [sha256(MASK)] },
          regions: [{ roi: '1', diagnostics: { interpolatedImage: {} } }, { roi: '2' }],
        },
      ],
    });
  });

  it('makes one row of the phases of a case, with their difference', async () => {
    const list = file('phases.csv');
    writeFileSync(list, `case,image,mask,label,phase\nA,${IMAGE},${MASK},1,late\nA,${IMAGE},${MASK},1,early\n`);
    const out = file('phases-out.csv');
    expect((await extract('--cases', list, '--jobs', '1', '--delta', 'late-early', '--out', out)).exitCode).toBe(0);
    const table = tableFromCsv(readFileSync(out, 'utf8'));
    expect(table.rowCount).toBe(1);
    const values = Object.fromEntries(table.columns.map(({ name, values: [value] }) => [name, value]));
    expect(values['late:stat_mean']).toBe(values['early:stat_mean']);
    expect(values['late-early:stat_mean']).toBe(0);
    expect(tableToCsv(table)).not.toContain('phase');
  });

  it.each([
    [['--resume'], 'USAGE: --resume is for a list of cases and a file'],
    [['--phases', 'early,late'], 'USAGE: phases are columns of a wide table'],
    [['--out', 'features.xlsx'], 'UNSUPPORTED_FILE'],
  ])('refuses %j', async (options, message) => {
    expect((await extract(IMAGE, '--mask', MASK, '--label', '1', ...options)).err).toContain(message);
    expect(existsSync('features.xlsx')).toBe(false);
  });
});
