import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { column, type FeatureTable, numberValues, tableFromCsv, textValues } from '@concord/tables';
import { runCli } from '../run.js';

// Synthetic cases and other programs' results on them; see the README there.
const golden = fileURLToPath(new URL('../../../../libs/harmonization/golden/combat', import.meta.url));

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'concord-harmonize-golden-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function run(...argv: string[]) {
  let err = '';
  const streams = { out: () => undefined, err: (text: string) => void (err += text) };
  return { code: await runCli(argv, { version: '0.0.0', streams }), err };
}

const read = (path: string): FeatureTable => tableFromCsv(readFileSync(path));

/**
 * Runs the flags on a case and compares with the expected matrix: the largest difference in SD of the input's feature.
 * Everything that is not harmonised must be as it was, in its place.
 */
async function difference(name: string, variant: string, flags: string): Promise<number> {
  const input = join(golden, name, 'input.csv.gz');
  const out = join(folder, `${name}.${variant}.csv`);
  const { code, err } = await run('harmonize', input, '--out', out, ...flags.split(' ').filter(Boolean));
  expect(code === 0 ? '' : err).toBe('');
  return compare(input, out, join(golden, name, 'expected', `${variant}.csv.gz`));
}

function compare(input: string, out: string, expected: string): number {
  const [before, have, want] = [read(input), read(out), read(expected)];
  expect(have.columns.map((source) => source.name)).toEqual(before.columns.map((source) => source.name));
  expect(have.rowCount).toBe(before.rowCount);
  const features = want.columns
    .map((source) => source.name)
    .filter((source) => !['row', 'subject_id'].includes(source));
  for (const { name } of before.columns) {
    if (!features.includes(name)) expect(textValues(have, name)).toEqual(textValues(before, name));
  }
  // Where a subset was harmonised, the subject tells the row.
  const ids = textValues(have, 'subject_id');
  const isUnique = new Set(ids).size === ids.length;
  const rowOf = isUnique
    ? textValues(want, 'subject_id').map((id) => ids.indexOf(id))
    : Array.from(numberValues(want, 'row'));
  let worst = 0;
  for (const name of features) {
    const sd = spread(numberValues(before, name));
    const values = numberValues(have, name);
    numberValues(want, name).forEach((value, k) => {
      const other = values[rowOf[k]];
      if (Number.isNaN(value) !== Number.isNaN(other)) worst = Infinity;
      else if (!Number.isNaN(value)) worst = Math.max(worst, Math.abs(value - other) / sd);
    });
  }
  return worst;
}

function spread(values: Float64Array): number {
  const own = values.filter((value) => !Number.isNaN(value));
  const mean = own.reduce((sum, value) => sum + value, 0) / own.length;
  return Math.sqrt(own.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (own.length - 1)) || 1;
}

const S01 = '--batch site';
const ADJUSTED = '--covariates sex,age --categorical sex';
// Two features lack values in a batch there.
const USABLE = 'f01,f02,f03,f04,f06,f07,f08,f1?,f2?';
const UNADJUSTED = '--features f*';

describe('concord harmonize by flags alone', () => {
  it.each([
    ['exact.par_adj', ADJUSTED],
    ['exact.par_unadj', UNADJUSTED],
    ['exact.par_adj_meanonly', `${ADJUSTED} --mean-only`],
    ['exact.par_adj_ref', `${ADJUSTED} --reference B`],
    ['exact.par_unadj_ref_meanonly', `${UNADJUSTED} --reference B --mean-only`],
    ['exact.noeb_adj', `${ADJUSTED} --eb none`],
    ['exact.noeb_adj_meanonly', `${ADJUSTED} --eb none --mean-only`],
    ['exact.noeb_adj_ref', `${ADJUSTED} --eb none --reference B`],
    ['exact.nonpar_adj', `${ADJUSTED} --eb nonparametric`],
    ['exact.nonpar_adj_meanonly', `${ADJUSTED} --eb nonparametric --mean-only`],
    ['sva.par_adj', `${ADJUSTED} --stop legacy`],
    ['sva.par_unadj', `${UNADJUSTED} --stop legacy`],
    ['sva.par_adj_meanonly', `${ADJUSTED} --stop legacy --mean-only`],
    ['sva.par_adj_ref', `${ADJUSTED} --stop legacy --reference B`],
    ['sva.par_unadj_ref_meanonly', `${UNADJUSTED} --stop legacy --reference B --mean-only`],
    ['sva.nonpar_adj', `${ADJUSTED} --stop legacy --eb nonparametric`],
    ['sva.nonpar_adj_meanonly', `${ADJUSTED} --stop legacy --eb nonparametric --mean-only`],
    ['neurocombat_r.par_adj', `${ADJUSTED} --stop legacy`],
    ['neurocombat_r.noeb_adj', `${ADJUSTED} --eb none`],
  ])('equals %s of s01_small3 within 1e-9 SD', async (variant, flags) => {
    expect(await difference('s01_small3', variant, `${S01} ${flags}`)).toBeLessThan(1e-9);
  });

  it.each([
    ['s03_singleton', 'exact.par_adj', '--batch site --covariates age', 1e-9],
    ['s04_constant', 'exact.par_adj', `--batch site ${ADJUSTED}`, 1e-9],
    ['s05_missing', 'exact.par_adj_usable', `--batch site ${ADJUSTED} --features ${USABLE}`, 1e-9],
    ['s07_scale', 'exact.nonpar_adj', `--batch site ${ADJUSTED} --eb nonparametric`, 1e-8],
    [
      's06_confounded',
      'sva.par_part',
      '--batch site --covariates conf_part --categorical conf_part --features f* --stop legacy',
      1e-9,
    ],
    [
      's09_gam',
      'comfam_ns4.par_adj',
      '--batch site --covariates sex --categorical sex --smooth age --method gam --stop legacy',
      1e-8,
    ],
    [
      's09_gam',
      'comfam_bs.par_adj',
      '--batch site --covariates sex --categorical sex --smooth age --method gam --basis bs --df 9 --stop legacy',
      1e-8,
    ],
    ['s10_covbat', 'covbat_r.pv95', `--batch site ${ADJUSTED} --method covbat --variance 0.95 --stop legacy`, 1e-8],
    [
      's08_long',
      'longcombat.REML',
      '--batch site --covariates age0,time --method longitudinal --subject subject_id',
      1e-4,
    ],
  ])('equals %s %s', async (name, variant, flags, tolerance) => {
    expect(await difference(name, variant, flags)).toBeLessThan(tolerance);
  });

  it('fits on the training rows of s12_apply and brings held-out rows and the new sites', async () => {
    const input = join(golden, 's12_apply', 'input.csv.gz');
    const out = join(folder, 's12.csv');
    const flags = [
      '--batch',
      'site',
      ...ADJUSTED.split(' '),
      '--stop',
      'legacy',
      '--fit-rows',
      'split=train',
      '--new-sites',
    ];
    expect((await run('harmonize', input, ...flags, '--out', out)).code).toBe(0);
    for (const variant of ['train', 'test_known', 'new_site']) {
      const expected = join(golden, 's12_apply', 'expected', `comfam_lm.${variant}.csv.gz`);
      expect(compare(input, out, expected)).toBeLessThan(1e-9);
    }
    expect(column(read(out), 'split').kind).toBe('text');
  });

  it.each([
    ['conf_full', 'COVARIATE_ALIASED_WITH_BATCH', 'conf_full=1'],
    ['age,age_dup', 'COVARIATES_COLLINEAR', 'age_dup'],
  ])('refuses the covariates %s of s06_confounded by name', async (names, code, culprit) => {
    const out = join(folder, 'never.csv');
    const input = join(golden, 's06_confounded', 'input.csv.gz');
    const result = await run(
      'harmonize',
      input,
      '--batch',
      'site',
      '--covariates',
      names,
      '--features',
      'f*',
      '--out',
      out,
      ...(names === 'conf_full' ? ['--categorical', names] : []),
    );
    expect(result.code).toBe(3);
    expect(result.err).toContain(code);
    expect(result.err).toContain(culprit);
  });
});
