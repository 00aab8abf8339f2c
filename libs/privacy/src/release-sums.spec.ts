import {
  codingOf,
  decodeSums,
  siteSums,
  type Codebook,
  type Covariate,
  type ReleaseInput,
  type SiteRows,
} from '@concord/harmonization';
import { randomNormal, seededRandom } from '@concord/numeric';
import fc from 'fast-check';

import { Released, releaseHarmonizationSums, smallCells, SUMS_DEFAULTS, SuppressedSums } from './index.js';

/** How a drawn site may be: few patients, rare levels, holes, folds; small enough that rules are often just broken. */
const shapes = fc.record({
  seed: fc.nat(),
  size: fc.integer({ min: 3, max: 40 }),
  rareShare: fc.constantFrom(0, 0.1, 0.25, 0.5),
  missingShare: fc.constantFrom(0, 0, 0.02, 0.4),
  foldCount: fc.constantFrom(0, 0, 2, 3),
  batchCount: fc.constantFrom(1, 1, 2),
});
type Shape = typeof shapes extends fc.Arbitrary<infer T> ? T : never;

function siteOf({ seed, size, rareShare, missingShare, foldCount, batchCount }: Shape): SiteRows {
  const source = seededRandom(seed);
  const rows = Array.from({ length: size }, (_, row) => row);
  const sex = rows.map(() => (source.next() < rareShare ? 'm' : 'f'));
  const stage = rows.map(() => `${1 + Math.floor(3 * source.next())}`);
  const covariates: Covariate[] = [
    { name: 'sex', kind: 'categorical', values: sex },
    { name: 'stage', kind: 'categorical', values: stage },
    { name: 'age', kind: 'continuous', values: rows.map(() => 60 + 9 * randomNormal(source)) },
  ];
  const features = ['f1', 'f2'].map((name) => ({
    name,
    values: Float64Array.from(rows, () => (source.next() < missingShare ? NaN : 5 + randomNormal(source))),
  }));
  return {
    features,
    covariates,
    batch: rows.map((row) => `scanner ${row % batchCount}`),
    ...(foldCount === 0 ? {} : { fold: rows.map((row) => `${row % foldCount}`) }),
  };
}

const codebook: Codebook = {
  features: ['f1', 'f2'],
  covariates: [
    { name: 'sex', kind: 'categorical', levels: ['f', 'm'] },
    { name: 'stage', kind: 'categorical', levels: ['1', '2', '3'] },
    { name: 'age', kind: 'continuous' },
  ],
};

function inputOf(rows: SiteRows, over: Partial<ReleaseInput> = {}): ReleaseInput {
  const patients = rows.batch.map((_, row) => `patient ${row}`);
  return { codebook, rows, patients, rule: SUMS_DEFAULTS, ledger: [], ...over };
}

/** Every cell of the patients, counted one by one: batch × fold (or outside it) × level × observed or not. */
function smallest(rows: SiteRows): number {
  const keys = new Map<string, number>();
  const add = (key: string): void => void keys.set(key, (keys.get(key) ?? 0) + 1);
  const folds = [...new Set(rows.fold ?? [])];
  rows.batch.forEach((batch, row) => {
    const parts = [
      'all',
      ...folds.map((fold) => (rows.fold?.[row] === fold ? `fold ${fold}` : `without fold ${fold}`)),
    ];
    const cells = rows.features.map(({ name, values }) => `${name} ${Number.isNaN(values[row]) ? 'missing' : 'there'}`);
    for (const part of parts) {
      for (const cell of ['', ...cells]) {
        const key = `${batch ?? ''}, ${part}, ${cell}`;
        add(key);
        for (const covariate of rows.covariates ?? []) {
          if (covariate.kind === 'categorical') add(`${key}, ${covariate.name}=${covariate.values[row] ?? ''}`);
        }
      }
    }
  });
  return Math.min(...keys.values());
}

describe('releaseHarmonizationSums', () => {
  it('never lets a cell of 1 to 4 patients out, however a site is made up', () => {
    let released = 0;
    fc.assert(
      fc.property(shapes, (shape) => {
        const rows = siteOf(shape);
        const result = releaseHarmonizationSums(inputOf(rows), 'sums-default');
        if (!(result instanceof Released)) return;
        released++;
        expect(smallest(rows)).toBeGreaterThanOrEqual(SUMS_DEFAULTS.minimum);
        expect(smallCells(decodeSums(codebook, result.value), SUMS_DEFAULTS.minimum)).toEqual([]);
      }),
      { numRuns: Number(process.env['CONCORD_TEST_RELEASES'] ?? 400), seed: 5 },
    );
    expect(released).toBeGreaterThan(20); // the property says nothing of what is kept back
  });

  it('finds every cell that is too small from the sums alone', () => {
    fc.assert(
      fc.property(shapes, (shape) => {
        const rows = siteOf(shape);
        const cells = smallCells(siteSums(codebook, rows), SUMS_DEFAULTS.minimum);
        expect(cells.length > 0).toBe(smallest(rows) < SUMS_DEFAULTS.minimum);
      }),
      { numRuns: 300, seed: 6 },
    );
  });

  const eleven = siteOf({ seed: 3, size: 40, rareShare: 0.5, missingShare: 0, foldCount: 0, batchCount: 1 });

  it('lets 5 carriers of a level out and keeps 4 back, with rule, cell and mending, and no count', () => {
    const withCarriers = (count: number): SiteRows => ({
      ...eleven,
      covariates: [
        { name: 'sex', kind: 'categorical', values: eleven.batch.map((_, row) => (row < count ? 'm' : 'f')) },
        ...(eleven.covariates ?? []).slice(1),
      ],
    });
    expect(releaseHarmonizationSums(inputOf(withCarriers(5)), 'sums')).toBeInstanceOf(Released);
    const kept = releaseHarmonizationSums(inputOf(withCarriers(4)), 'sums');
    if (!(kept instanceof SuppressedSums)) throw new Error('released');
    expect(kept).toMatchObject({ code: 'SUMS_REFUSED', where: 'batch scanner 0, sex=m' });
    expect(kept.findings).toMatchObject([{ rule: 'cellCount', cell: 'batch scanner 0, sex=m' }]);
    expect(kept.findings[0].fix).toMatch(/Merge levels of sex/);
    expect(JSON.stringify(kept)).not.toMatch(/\b4\b/);
  });

  it('keeps back a release that differs by 1 to 4 patients from an earlier one, and no other', () => {
    const patients = eleven.batch.map((_, row) => `patient ${row}`);
    const run = (left: number): boolean => {
      const earlier = [...patients.slice(left), 'one who left'].slice(0, 40 - left);
      return releaseHarmonizationSums(inputOf(eleven, { ledger: [{ members: earlier }] }), 'sums') instanceof Released;
    };
    expect([0, 1, 4, 5, 12].map(run)).toEqual([true, false, false, true, true]);
  });

  it('says in its record which rule let it out, without a value', () => {
    const released = releaseHarmonizationSums(inputOf(eleven), 'sums-site');
    if (!(released instanceof Released)) throw new Error('kept back');
    expect(released.record.rule).toBe('sums-site');
    expect(released.record.checks.join('; ')).toContain('sums over 40 patients, no row of a patient');
  });

  it('uses the codebook that the data would give', () => {
    expect(codingOf(eleven.covariates ?? [])).toEqual(codebook.covariates);
  });
});
