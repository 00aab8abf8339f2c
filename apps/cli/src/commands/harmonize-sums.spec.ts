import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeSums, sumsFromJson } from '@concord/harmonization';
import { numberValues, tableFromCsv, textValues } from '@concord/tables';
import { runCli } from '../run.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'concord-harmonize-sums-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const at = (name: string): string => join(folder, name);

async function run(...argv: string[]) {
  let out = '';
  let err = '';
  const streams = { out: (text: string) => void (out += text), err: (text: string) => void (err += text) };
  const code = await runCli(['harmonize', ...argv], { version: '0.0.0', streams });
  return { code, out, err };
}

async function done(...argv: string[]): Promise<void> {
  const { code, err } = await run(...argv);
  expect([code, code === 0 ? '' : err]).toEqual([0, '']);
}

const FEATURES = 12;
const PER_SITE = 24;

/** One line a patient: id, site, age, stage (site S1 has none of the first stage), features; one of them with gaps. */
function lineOf(site: number, i: number): string {
  const stages = site === 1 ? ['II', 'III'] : ['I', 'II', 'III'];
  const features = Array.from({ length: FEATURES }, (_, f) => {
    const isMissing = f === 3 && site === 0 && i % 3 === 0;
    return isMissing
      ? ''
      : 10 ** (f % 4) * (site * 0.3 * f + Math.sin(37.7 * (i + 1) * (f + 1) * (site + 1)) + 0.05 * i);
  });
  return [`P${i}`, `S${site}`, 40 + ((11 * i + site) % 35), stages[i % stages.length], ...features].join(',');
}

const HEAD = ['patient', 'site', 'age', 'stage', ...Array.from({ length: FEATURES }, (_, f) => `f${f}`)].join(',');

function writeSite(
  name: string,
  site: number,
  change: (line: string, i: number) => string | null = (line) => line,
): string {
  const lines = Array.from({ length: PER_SITE }, (_, i) => change(lineOf(site, i), i)).filter((line) => line !== null);
  writeFileSync(at(name), [HEAD, ...lines].join('\n'));
  return at(name);
}

const ROLES = ['--batch', 'site', '--covariates', 'age,stage'];

describe('concord harmonize sums, combine, finish', () => {
  it.each([
    [3, []],
    [4, ['--eb', 'nonparametric']],
    [8, ['--stop', 'legacy']],
    [5, ['--reference', 'S2']],
    [4, ['--mean-only']],
  ])('of %s sites equals the pooled fit within 1e-9 SD with %j', async (count, flags) => {
    const sites = Array.from({ length: count }, (_, site) => site);
    const all = sites.flatMap((site) => Array.from({ length: PER_SITE }, (_, i) => lineOf(site, i)));
    writeFileSync(at('all.csv'), [HEAD, ...all].join('\n'));
    await done(at('all.csv'), ...ROLES, '--id', 'site,patient', ...flags, '--out', at('pooled.csv'));
    for (const site of sites)
      await done('sums', writeSite(`s${site}.csv`, site), ...ROLES, '--out', at(`sums-${site}.json`));
    const isReference = flags[0] === '--reference';
    const files = sites.map((site) => at(`sums-${site}.json`));
    await done('combine', ...files, '--out', at('pooled.json'), ...(isReference ? flags : []));
    const pooled = tableFromCsv(readFileSync(at('pooled.csv')));
    const whole = tableFromCsv(readFileSync(at('all.csv')));
    let worst = 0;
    for (const site of sites) {
      const flagsThere = isReference ? [] : flags;
      await done(
        'finish',
        at(`s${site}.csv`),
        '--pooled',
        at('pooled.json'),
        ...flagsThere,
        '--out',
        at(`h${site}.csv`),
      );
      const own = tableFromCsv(readFileSync(at(`h${site}.csv`)));
      expect(textValues(own, 'stage')).toEqual(
        textValues(whole, 'stage').slice(site * PER_SITE, (site + 1) * PER_SITE),
      );
      for (let f = 0; f < FEATURES; f++) {
        const values = numberValues(whole, `f${f}`).filter((value) => !Number.isNaN(value));
        const mean = values.reduce((sum, value) => sum + value / values.length, 0);
        const sd = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2 / (values.length - 1), 0));
        const wanted = numberValues(pooled, `f${f}`).subarray(site * PER_SITE, (site + 1) * PER_SITE);
        numberValues(own, `f${f}`).forEach((value, i) => {
          expect(Number.isNaN(value)).toBe(Number.isNaN(wanted[i]));
          if (!Number.isNaN(value)) worst = Math.max(worst, Math.abs(value - wanted[i]) / sd);
        });
      }
    }
    expect(worst).toBeLessThan(1e-9);
  });

  it('writes sums that hold no value of a patient, and little more than the numbers due', async () => {
    await done('sums', writeSite('s0.csv', 0), ...ROLES, '--out', at('sums.json'));
    const text = readFileSync(at('sums.json'), 'utf8');
    expect(text).not.toContain('P1');
    for (const line of readFileSync(at('s0.csv'), 'utf8').split('\n').slice(1)) {
      for (const cell of line.split(',').slice(4)) if (cell.length > 4) expect(text).not.toContain(cell);
    }
    const { sums } = sumsFromJson(JSON.parse(text));
    expect(encodeSums(sums).length).toBeLessThan(8 * 5 * FEATURES + 1000);
  });

  it.each<[string, string, (line: string, i: number) => string | null, string[]]>([
    ['cellCount', 'stage=I', (line: string, i: number) => (i > 5 ? line.replace(',I,', ',II,') : line), []],
    ['batchCount', 'batch S0', (line: string, i: number) => (i < 4 ? line : null), []],
    ['cellCount', 'stage=II', (line: string) => line, ['--minimum', '9']],
    ['loneValue', 'age', (line: string, i: number) => line.replace(/,\d+,I/, i === 7 ? ',90,I' : ',50,I'), []],
  ])('refuses by rule %s at %s, writes nothing and says how to mend it', async (rule, cell, change, flags) => {
    const table = writeSite('s0.csv', 0, change);
    const before = readdirSync(folder);
    const refused = await run('sums', table, ...ROLES, ...flags, '--out', at('sums.json'));
    expect(refused.code).toBe(5);
    expect(readdirSync(folder)).toEqual(before);
    expect(refused.err).toContain('SUMS_REFUSED');
    const line = refused.err.split('\n').find((text) => text.includes(`by rule ${rule}`) && text.includes(cell));
    expect(line).toMatch(/\. [A-Z].*\.$/);
  });

  it('refuses a release that differs by one patient from an earlier one, not the same one again', async () => {
    const table = writeSite('s0.csv', 0);
    await done('sums', table, ...ROLES, '--out', at('sums.json'));
    await done('sums', table, ...ROLES, '--out', at('again.json'));
    expect(readFileSync(at('again.json'))).toEqual(readFileSync(at('sums.json')));
    const fewer = writeSite('fewer.csv', 0, (line, i) => (i === 0 ? null : line));
    const refused = await run('sums', fewer, ...ROLES, '--out', at('fewer.json'));
    expect([refused.code, existsSync(at('fewer.json'))]).toEqual([5, false]);
    expect(refused.err).toContain('by rule difference');
    const other = await run('sums', writeSite('s1.csv', 1), ...ROLES, '--out', at('s1.json'));
    expect(other.code).toBe(0);
  });

  it('refuses two sites, foreign features, files that were changed, and an outcome as covariate', async () => {
    for (const site of [0, 1, 2])
      await done('sums', writeSite(`s${site}.csv`, site), ...ROLES, '--out', at(`${site}.json`));
    const two = await run('combine', at('0.json'), at('1.json'), '--out', at('p.json'));
    expect([two.code, two.err.includes('3 sites or more')]).toEqual([5, true]);
    await done(
      'sums',
      at('s2.csv'),
      ...ROLES,
      '--features',
      'f1,f2',
      '--ledger',
      at('ledger'),
      '--out',
      at('less.json'),
    );
    const less = await run('combine', at('0.json'), at('1.json'), at('less.json'), '--out', at('p.json'));
    expect([less.code, less.err.includes('lacks f0')]).toEqual([3, true]);
    const text = readFileSync(at('2.json'), 'utf8');
    writeFileSync(at('changed.json'), text.replace(/"count":24/, '"count":25'));
    const changed = await run('combine', at('0.json'), at('1.json'), at('changed.json'), '--out', at('p.json'));
    expect([changed.code, changed.err.includes('changed.json')]).toEqual([3, true]);
    expect(existsSync(at('p.json'))).toBe(false);
    const leak = await run('sums', at('s0.csv'), ...ROLES, '--outcome', 'stage', '--out', at('leak.json'));
    expect([leak.code, existsSync(at('leak.json'))]).toEqual([5, false]);
  });
});
