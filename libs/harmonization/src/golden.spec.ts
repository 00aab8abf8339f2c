import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readText, referenceData } from '@concord/testing';
import {
  applyCombat,
  applyToNewSite,
  type CombatInput,
  type CombatModel,
  type CombatOptions,
  CovariateAliasedError,
  fitCombat,
  harmonize,
} from './index.js';
import { type Case, covariatesOf, partOf, readCase, worst } from './golden-case.fixture.js';

/** Options and covariates that a file name of the collection stands for. */
function inputOf(data: Case, variant: string): CombatInput {
  const [software, name] = variant.split('.');
  const batch = data.table.cells(data.info.batch);
  const labels = [...new Set(batch)].sort();
  const options: Partial<CombatOptions> = {
    eb: name.startsWith('nonpar') ? 'nonparametric' : name.startsWith('noeb') ? 'none' : 'parametric',
    stop: software === 'exact' ? 'exact' : 'legacy',
    meanOnly: name.includes('_meanonly'),
    reference: name.includes('_ref') ? labels[1] : null,
  };
  const without = name.includes('nooutcome') ? ['outcome'] : [];
  const covariates = name.includes('unadj') ? [] : covariatesOf(data, without);
  return { features: data.features, batch, covariates, options };
}

const KEYS = [
  ['B_hat', 'coefficients'],
  ['grand_mean', 'grandMean'],
  ['var_pooled', 'pooledVariance'],
  ['gamma_hat', 'gammaHat'],
  ['delta_hat', 'deltaHat'],
  ['gamma_bar', 'gammaBar'],
  ['t2', 'tau2'],
  ['a_prior', 'aPrior'],
  ['b_prior', 'bPrior'],
  ['gamma_star', 'gammaStar'],
  ['delta_star', 'deltaStar'],
] as const;

/** Largest difference of any estimate, relative where the estimate is above 1; equal shapes are demanded. */
function worstEstimate(data: Case, variant: string, model: CombatModel, suffix: string): number {
  const expected = JSON.parse(readText(join(data.folder, 'expected', `${variant}.est.json${suffix}`))) as Record<
    string,
    unknown
  >;
  const reference = model.options.reference;
  let largest = 0;
  const visit = (want: unknown, have: unknown, path: string): void => {
    if (Array.isArray(want)) {
      expect(Array.isArray(have) && have.length).toBe(want.length);
      want.forEach((value, i) => {
        // The prior of a reference batch is a quotient of rounding errors.
        const isReferencePrior = reference !== null && /_prior$/.test(path) && model.batches[i] === reference;
        if (!isReferencePrior) visit(value, (have as unknown[])[i], path);
      });
    } else if (want === null) expect(have).toBeNull();
    else
      largest = Math.max(
        largest,
        Math.abs((have as number) - (want as number)) / Math.max(1, Math.abs(want as number)),
      );
  };
  for (const [theirs, ours] of KEYS) visit(expected[theirs], model.estimates[ours], theirs);
  return largest;
}

const here = fileURLToPath(new URL('../golden/combat', import.meta.url));
const caseIn = (name: string): string | null => referenceData('combat', name);

/** [case, variants, tolerance in SD] of cases kept with the library. */
const KEPT: [string, string[], number][] = [
  [
    's01_small3',
    [
      'exact.par_adj',
      'exact.par_unadj',
      'exact.par_adj_meanonly',
      'exact.par_adj_ref',
      'exact.par_unadj_ref_meanonly',
      'exact.noeb_adj',
      'exact.noeb_adj_meanonly',
      'exact.noeb_adj_ref',
      'exact.nonpar_adj',
      'exact.nonpar_adj_meanonly',
      'sva.par_adj',
      'sva.par_unadj',
      'sva.par_adj_meanonly',
      'sva.par_adj_ref',
      'sva.par_unadj_ref_meanonly',
      'sva.nonpar_adj',
      'sva.nonpar_adj_meanonly',
      'neurocombat_r.par_adj',
      'neurocombat_r.noeb_adj',
    ],
    1e-9,
  ],
  ['s03_singleton', ['exact.par_adj', 'exact.par_unadj', 'sva.par_adj', 'sva.par_unadj'], 1e-9],
  [
    's05_missing',
    [
      'exact.par_adj_usable',
      'exact.par_unadj_usable',
      'neurocombat_r.par_adj_usable',
      'neurocombat_r.par_unadj_usable',
    ],
    1e-9,
  ],
  ['s07_scale', ['exact.par_adj', 'exact.nonpar_adj', 'exact.par_adj_ref', 'sva.par_adj'], 1e-8],
  ['s04_constant', ['exact.par_adj', 'exact.par_unadj', 'sva.par_adj', 'sva.par_unadj'], 1e-9],
];

/** Cases of the full collection: large, of extreme scale (tolerance 1e-8), or real. */
const COLLECTED: [string, string[], number][] = [
  [
    's02_mid6',
    [
      'exact.par_adj',
      'exact.par_unadj',
      'exact.par_adj_nooutcome',
      'exact.noeb_adj',
      'exact.par_adj_ref',
      'sva.par_adj',
      'sva.par_adj_ref',
      'sva.par_adj_nooutcome',
      'sva.par_unadj',
    ],
    1e-9,
  ],
  [
    's07_scale',
    [
      'exact.par_adj',
      'exact.par_unadj',
      'exact.noeb_adj',
      'exact.nonpar_adj',
      'exact.par_adj_ref',
      'sva.par_adj',
      'sva.par_adj_ref',
      'sva.par_unadj',
      'sva.nonpar_adj',
      'neurocombat_r.par_adj',
    ],
    1e-8,
  ],
  [
    'r01_keek2020',
    [
      'exact.par_unadj',
      'exact.par_adj',
      'exact.noeb_adj',
      'exact.par_adj_ref',
      'sva.par_adj',
      'sva.par_adj_ref',
      'sva.par_unadj',
    ],
    1e-9,
  ],
  [
    'r03_bladder',
    [
      'exact.par_adj',
      'exact.par_unadj',
      'exact.noeb_adj',
      'exact.par_adj_ref',
      'sva.par_adj',
      'sva.par_adj_ref',
      'sva.par_unadj',
    ],
    1e-9,
  ],
];

function testCase(name: string, folder: string, variants: string[], tolerance: number): void {
  const data = readCase(folder);
  it.each(variants)(`${name} %s agrees, matrix and estimates`, (variant) => {
    let input = inputOf(data, variant);
    if (variant.endsWith('usable')) {
      input = { ...input, features: input.features.filter((f) => f.name !== 'f05' && f.name !== 'f09') };
    }
    const { model, features } = harmonize(input);
    expect(model.isConverged).toBe(true);
    expect(worst(data, variant, features)).toBeLessThan(tolerance);
    if (!variant.startsWith('exact.')) return;
    const suffix = referenceSuffix(folder, variant);
    expect(worstEstimate(data, variant, model, suffix)).toBeLessThan(10 * tolerance);
  });
}

function referenceSuffix(folder: string, variant: string): string {
  try {
    readText(join(folder, 'expected', `${variant}.est.json.gz`));
    return '.gz';
  } catch {
    return '';
  }
}

describe('ComBat against other software', () => {
  for (const [name, variants, tolerance] of KEPT) testCase(name, join(here, name), variants, tolerance);

  it('s06_confounded: covariates partly confounded with the batch are kept, aliased ones refused by name', () => {
    const data = readCase(join(here, 's06_confounded'));
    const batch = data.table.cells('site');
    const { features } = data;
    const fit = (...names: string[]) => {
      const all = covariatesOf(data);
      const covariates = names.map((name) => all.find((covariate) => covariate.name === name)!);
      return harmonize({ features, batch, covariates, options: { stop: 'legacy' } });
    };
    expect(worst(data, 'sva.par_part', fit('conf_part').features)).toBeLessThan(1e-9);
    expect(worst(data, 'sva.par_unadj', fit().features)).toBeLessThan(1e-9);
    for (const refused of [['conf_full'], ['age', 'age_dup'], ['sex', 'conf_full', 'conf_part', 'age', 'age_dup']]) {
      expect(() => fit(...refused)).toThrow(CovariateAliasedError);
    }
    expect(() => fit('conf_full')).toThrow('conf_full=1 does not vary inside any batch');
    expect(() => fit('age', 'age_dup')).toThrow('age_dup follows from age and the batch');
  });

  it('s12_apply: held-out patients of known batches, and two new sites', () => {
    const data = readCase(join(here, 's12_apply'));
    const rowsOf = (split: string): number[] =>
      [...data.table.cells('split').keys()].filter((row) => data.table.cells('split')[row] === split);
    const training = partOf(data, rowsOf('train'));
    const model = fitCombat({ ...training, options: { stop: 'legacy' } });
    // Through JSON and back: what is saved must do the same.
    const saved = JSON.parse(JSON.stringify(model)) as CombatModel;
    expect(worst(data, 'comfam_lm.train', applyCombat(saved, training).features)).toBeLessThan(1e-9);
    const held = applyCombat(saved, partOf(data, rowsOf('test_known')));
    expect(worst(data, 'comfam_lm.test_known', held.features)).toBeLessThan(1e-9);
    const fresh = rowsOf('new_site');
    const values = data.features.map(({ name }) => ({ name, values: new Float64Array(fresh.length) }));
    for (const batch of ['F', 'G']) {
      const at = [...fresh.keys()].filter((k) => data.table.cells('site')[fresh[k]] === batch);
      const site = partOf(
        data,
        at.map((k) => fresh[k]),
      );
      const { features } = applyToNewSite(saved, { ...site, batch });
      features.forEach((column, f) => at.forEach((k, i) => (values[f].values[k] = column.values[i])));
    }
    expect(worst(data, 'comfam_lm.new_site', values)).toBeLessThan(1e-9);
  });
});

for (const [name, variants, tolerance] of COLLECTED) {
  const folder = caseIn(name);
  if (folder === null) {
    describe.skip(`ComBat on ${name}: the collection of reference cases is not beside the checkout`, () => {
      it('is tested where it is', () => undefined);
    });
  } else {
    describe(`ComBat on ${name}`, () => testCase(name, folder, variants, tolerance));
  }
}
