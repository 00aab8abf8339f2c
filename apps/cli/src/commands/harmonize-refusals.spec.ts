import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { numberValues, tableFromCsv } from '@concord/tables';
import { runCli } from '../run.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'concord-harmonize-refusals-'));
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

type Row = Record<string, string | number>;

/** Thirty patients of three scanners with five features, after a change of the rows. */
function write(name: string, change: (row: Row, i: number) => Row | null = (row) => row): string {
  const rows = Array.from({ length: 30 }, (_, i): Row => {
    const features = [1, 2, 3, 4, 5].map((f): [string, number] => [
      `f${f}`,
      5 + (i % 3) * f + Math.sin(7.3 * i * f + f),
    ]);
    return {
      patient: `P${i}`,
      scanner: 'ABC'[i % 3],
      age: 50 + ((7 * i) % 31),
      ...(Object.fromEntries(features) as Row),
    };
  })
    .map(change)
    .filter((row) => row !== null);
  const names = Object.keys(rows[0]);
  writeFileSync(
    at(name),
    [names, ...rows.map((row) => names.map((key) => row[key]))].map((line) => line.join(',')).join('\n'),
  );
  return at(name);
}

const ROLES = ['--batch', 'scanner', '--covariates', 'age'];

/** The error of a command that must write nothing. */
async function refusal(table: string, ...flags: string[]) {
  const result = await run(table, ...ROLES, '--out', at('out.csv'), '--model', at('m.json'), ...flags, '--json');
  expect(existsSync(at('out.csv')) || existsSync(at('m.json'))).toBe(false);
  return {
    exit: result.code,
    ...(JSON.parse(result.out) as { code: string; what: string; where: string; fix: string }),
  };
}

/** All values that were written, by feature. */
async function harmonized(table: string, ...flags: string[]) {
  const result = await run(table, ...ROLES, '--out', at('out.csv'), ...flags);
  expect([result.code, result.code === 0 ? '' : result.err]).toEqual([0, '']);
  const text = readFileSync(at('out.csv'), 'utf8');
  expect(text).not.toMatch(/nan|inf/i);
  const have = tableFromCsv(text);
  const before = tableFromCsv(readFileSync(table));
  return {
    err: result.err,
    have: (f: string) => numberValues(have, f),
    before: (f: string) => numberValues(before, f),
  };
}

describe('awkward input of concord harmonize', () => {
  it('keeps one missing value missing, and harmonises the rest', async () => {
    const { have, before } = await harmonized(write('in.csv', (row, i) => (i === 4 ? { ...row, f2: '' } : row)));
    const missing = [...have('f2').keys()].filter((row) => Number.isNaN(have('f2')[row]));
    expect(missing).toEqual([4]);
    expect(have('f2')[5]).not.toBe(before('f2')[5]);
  });

  it('adjusts locations only where a scanner has one patient, and says so', async () => {
    const { err, have } = await harmonized(write('in.csv', (row, i) => (i === 7 ? { ...row, scanner: 'Z' } : row)));
    expect(err).toContain('Batch Z has one patient, so only locations are adjusted');
    expect(have('f1').every(Number.isFinite)).toBe(true);
  });

  it('passes features through that are constant, everywhere or inside one scanner', async () => {
    const table = write('in.csv', (row, i) => ({ ...row, f1: 0, f2: i % 3 === 1 ? 4 : row['f2'] }));
    const { have, before } = await harmonized(table);
    expect(have('f1')).toEqual(before('f1'));
    expect(have('f2')).toEqual(before('f2'));
    expect(have('f3')).not.toEqual(before('f3'));
  });

  it('refuses a covariate that follows from the scanner, by name', async () => {
    const table = write('in.csv', (row) => ({ ...row, age: row['scanner'] === 'A' ? 40 : 60 }));
    const error = await refusal(table);
    expect(error).toMatchObject({ exit: 3, code: 'COVARIATE_ALIASED_WITH_BATCH', where: 'covariate age' });
  });

  it('stays finite without parametric form with a thousand patients a scanner', async () => {
    const lines = Array.from({ length: 3000 }, (_, i) =>
      [i, 'ABC'[i % 3], 40 + (i % 37), ...[1, 2, 3].map((f) => Math.sin(12.9 * i * f) + (i % 3) * f)].join(','),
    );
    writeFileSync(at('big.csv'), ['patient,scanner,age,f1,f2,f3', ...lines].join('\n'));
    const { have } = await harmonized(at('big.csv'), '--eb', 'nonparametric');
    expect(have('f3').every(Number.isFinite)).toBe(true);
  });

  it('applies a model to some of its scanners, to one patient too, as to all together', async () => {
    const table = write('in.csv');
    const { have } = await harmonized(table, '--model', at('m.json'));
    const some = write('some.csv', (row, i) => (i === 3 ? row : null));
    expect((await run('apply', some, '--model', at('m.json'), '--out', at('one.csv'))).code).toBe(0);
    expect(numberValues(tableFromCsv(readFileSync(at('one.csv'))), 'f4')[0]).toBe(have('f4')[3]);
  });

  it.each([
    [2, 'only its location is adjusted'],
    [4, 'only its location is adjusted'],
    [5, 'fewer than 20 patients'],
  ])('brings a new scanner of %s patients only when asked, and says %s', async (count, said) => {
    await harmonized(write('in.csv'), '--model', at('m.json'));
    const fresh = write('new.csv', (row, i) => (i < count ? { ...row, scanner: 'N' } : null));
    const refused = await run('apply', fresh, '--model', at('m.json'), '--out', at('n.csv'));
    expect([refused.code, existsSync(at('n.csv'))]).toEqual([3, false]);
    expect(refused.err).toContain('COMBAT_BATCH_UNKNOWN');
    const done = await run('apply', fresh, '--model', at('m.json'), '--out', at('n.csv'), '--new-sites');
    expect(done.code).toBe(0);
    expect(done.err).toContain(said);
    expect(done.err.includes('only its location')).toBe(count < 5);
  });

  it('keeps features positive with a transform that plain ComBat makes negative', async () => {
    const table = write('in.csv', (row, i) => ({
      ...row,
      f1: (i % 3 === 1 ? 9 : 0.5) * Math.exp(1.5 * Math.sin(7 * i)),
    }));
    const smallest = async (...flags: string[]): Promise<number> =>
      Math.min(...(await harmonized(table, '--force', ...flags)).have('f1'));
    expect(await smallest()).toBeLessThan(0);
    for (const kind of ['log', 'yeo-johnson', 'rank'])
      expect(await smallest('--transform', kind)).toBeGreaterThanOrEqual(0);
  });
});

describe('bad input of concord harmonize', () => {
  it('names row and column of text among numbers, in features and covariates', async () => {
    const table = write('in.csv', (row, i) => (i === 16 ? { ...row, f2: 'n.d.' } : row));
    expect(await refusal(table)).toMatchObject({
      exit: 3,
      code: 'TEXT_AMONG_NUMBERS',
      where: 'column f2, row 17 below the header',
    });
    await harmonized(table, '--features', 'f1,f3');
  });

  it.each<[string, (row: Row, i: number) => Row, string[], string, string]>([
    [
      'a covariate with a typing error',
      (row, i) => (i === 2 ? { ...row, age: '5O' } : row),
      [],
      'TEXT_AMONG_NUMBERS',
      'row 3',
    ],
    ['one scanner', (row) => ({ ...row, scanner: 'A' }), [], 'ONE_BATCH', 'column scanner'],
    [
      'a patient without a scanner',
      (row, i) => (i === 2 ? { ...row, scanner: '' } : row),
      [],
      'COMBAT_INPUT_INVALID',
      'batch',
    ],
    ['a patient twice', (row, i) => (i === 9 ? { ...row, patient: 'P3' } : row), [], 'DUPLICATE_IDS', 'row 10'],
    [
      'a patient twice by --id',
      (row, i) => (i === 9 ? { ...row, patient: 'P3' } : row),
      ['--id', 'patient'],
      'DUPLICATE_IDS',
      'row 10',
    ],
    [
      'an infinite value',
      (row, i) => (i === 9 ? { ...row, f3: 'inf' } : row),
      [],
      'COMBAT_INPUT_INVALID',
      'feature f3',
    ],
    ['an unknown feature', (row) => row, ['--features', 'f9'], 'NO_FEATURES', '--features'],
    ['an unknown reference', (row) => row, ['--reference', 'Q'], 'COMBAT_INPUT_INVALID', 'reference'],
    [
      'a logarithm of negative values',
      (row) => ({ ...row, f1: -1 - Number(row['f1']) }),
      ['--transform', 'log'],
      'COMBAT_INPUT_INVALID',
      'feature f1',
    ],
    [
      'a missing value for CovBat',
      (row, i) => (i === 4 ? { ...row, f2: '' } : row),
      ['--method', 'covbat'],
      'COMBAT_INPUT_INVALID',
      'f2',
    ],
    ['one feature alone', (row) => row, ['--features', 'f1'], 'COMBAT_TOO_FEW_FEATURES', 'feature'],
  ])('refuses %s', async (_, change, flags, code, where) => {
    const error = await refusal(write('in.csv', change), ...flags);
    expect(error).toMatchObject({ exit: 3, code });
    expect(error.where).toContain(where);
  });

  it('takes patients with several rows when something tells them apart', async () => {
    const table = write('in.csv', (row, i) => ({
      patient: row['patient'],
      lesion: `L${i}`,
      ...row,
      ...(i === 9 ? { patient: 'P3' } : {}),
    }));
    await harmonized(table, '--id', 'patient,lesion');
  });

  it('refuses a table that lacks a feature of the model, or holds text in it', async () => {
    await harmonized(write('in.csv'), '--model', at('m.json'));
    const apply = (name: string) => run('apply', at(name), '--model', at('m.json'), '--out', at('n.csv'));
    write('less.csv', ({ f4: _, ...row }) => row);
    const less = await apply('less.csv');
    expect([less.code, less.err.includes('COMBAT_MODEL_MISMATCH'), less.err.includes('f4')]).toEqual([3, true, true]);
    write('text.csv', (row, i) => (i === 5 ? { ...row, f4: 'x' } : row));
    const text = await apply('text.csv');
    expect([text.code, text.err.includes('column f4, row 6')]).toEqual([3, true]);
    write('ageless.csv', ({ age: _, ...row }) => row);
    expect((await apply('ageless.csv')).err).toContain('age');
    expect(existsSync(at('n.csv'))).toBe(false);
  });

  it('refuses a model of which one byte was changed, wherever', async () => {
    await harmonized(write('in.csv'), '--model', at('m.json'));
    const model = readFileSync(at('m.json'));
    for (let position = 3; position < model.length; position += Math.floor(model.length / 23)) {
      const changed = Uint8Array.from(model);
      changed[position] = changed[position] === 0x31 ? 0x32 : 0x31;
      writeFileSync(at('changed.json'), changed);
      const result = await run('apply', at('in.csv'), '--model', at('changed.json'), '--out', at('n.csv'));
      expect([position, result.code, existsSync(at('n.csv'))]).toEqual([position, 3, false]);
    }
  });

  it.each([
    [['--subject', 'patient'], '--subject'],
    [['--variance', '0.9'], '--variance'],
    [['--variance', '1.5', '--method', 'covbat'], '--variance'],
    [['--df', '4'], '--df'],
    [['--basis', 'bs'], '--basis'],
    [['--method', 'gam'], '--smooth'],
    [['--method', 'longitudinal'], '--subject'],
    [['--method', 'longitudinal', '--subject', 'patient', '--eb', 'none'], '--eb'],
    [['--method', 'several'], 'two batch columns'],
    [['--batch', 'age'], '--method several'],
    [['--batch', 'age', '--method', 'several', '--reference', 'A'], '--reference'],
    [['--minimum', '5'], '--minimum'],
    [['--method', 'combatt'], 'combat'],
  ])('says that %j is wrong usage', async (flags, named) => {
    const error = await refusal(write('in.csv'), ...flags);
    expect(error.exit).toBe(2);
    expect(`${error.what} ${error.where} ${error.fix}`).toContain(named);
  });
});
