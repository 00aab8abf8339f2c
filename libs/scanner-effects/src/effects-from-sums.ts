import type { BatchSums, CombatModel, SiteSums } from '@concord/harmonization';
import { benjaminiHochberg } from '@concord/numeric';
import { TESTS, type ScannerEffectComparison } from './compare.js';
import { ScannerEffectInputError } from './errors.js';
import { anovaOfMoments, type GroupMoments } from './location-tests.js';
import { type AdjustedTest, type Affected, LEVEL } from './scanner-effect.js';

/** What sums tell of the scanner effect: the analysis of variance. Ranks, distributions and components need rows. */
export interface SumsEffect {
  readonly features: readonly {
    readonly name: string;
    readonly anova: AdjustedTest | null;
    readonly etaSquared: number | null;
    /** Why nothing could be tested, or null. */
    readonly reason: string | null;
  }[];
  readonly summary: {
    readonly featureCount: number;
    readonly testedCount: number;
    readonly level: number;
    readonly anova: Affected;
    readonly meanEtaSquared: number | null;
  };
}

export interface SumsComparison extends Pick<ScannerEffectComparison, 'features' | 'test'> {
  readonly before: SumsEffect;
  readonly after: SumsEffect;
}

/**
 * The scanner effect before and after harmonization, from the sums of batches and the ComBat of the same batches alone.
 *
 * A corrected value is linear in the raw one and its covariates, so mean and squares of a batch after the correction follow
 * from its sums: with a = 1 / sqrt(delta*), y* = a (y - grand - x beta - s gamma*) + grand + x beta. Equal to
 * `compareScannerEffects` with the test `anova` on the patients, but for features that are constant inside a batch: their
 * sums stay at home, so they are not tested here.
 *
 * @throws {ScannerEffectInputError} if the model does not know a batch of the sums
 */
export function scannerEffectsFromSums(sites: readonly SiteSums[], model: CombatModel): SumsComparison {
  const names = sites[0]?.codebook.features ?? [];
  const batches = sites.flatMap(({ parts }) => parts.find(({ without }) => without === null)?.batches ?? []);
  const position = new Map(model.features.map((name, g) => [name, g]));
  const row = batches.map((own) => {
    const index = model.batches.indexOf(own.batch);
    if (index >= 0) return index;
    throw new ScannerEffectInputError(
      `the model does not know batch ${own.batch}`,
      `batch ${own.batch}`,
      'Give the model that was fitted on these sums.',
    );
  });
  const before = effectOf(names, (g) => batches.map((own) => momentsOf(own, g)));
  const after = effectOf(names, (g) =>
    batches.map((own, i) => {
      const at = position.get(names[g]);
      return at === undefined ? momentsOf(own, g) : correctedMoments(own, g, model, row[i], at);
    }),
  );
  const isAffected = (effect: SumsEffect, g: number): boolean => (effect.features[g].anova?.adjustedP ?? 1) < LEVEL;
  return {
    before,
    after,
    test: `${TESTS.anova}, Benjamini–Hochberg ${LEVEL}`,
    features: names.map((name, g) => ({
      name,
      etaSquaredBefore: before.features[g].etaSquared ?? 0,
      etaSquaredAfter: after.features[g].etaSquared ?? 0,
      isAffectedBefore: isAffected(before, g),
      isAffectedAfter: isAffected(after, g),
    })),
  };
}

/** Null: the batch keeps its sums of this feature to itself. */
type Moments = GroupMoments | null;

function momentsOf(own: BatchSums, g: number): Moments {
  if (own.constant[g] === 1) return null;
  const partial = own.partial.find(({ feature }) => feature === g);
  return { count: partial?.observed ?? own.count, mean: own.sumY[g] / own.count, squares: own.syy[g] };
}

function correctedMoments(own: BatchSums, g: number, model: CombatModel, batch: number, at: number): Moments {
  const raw = momentsOf(own, g);
  if (raw === null || raw.count === 0) return raw;
  const { estimates } = model;
  const q = model.designColumns.length;
  const beta = Array.from({ length: q }, (_, j) => estimates.coefficients[model.batches.length + j][at] ?? 0);
  const { sumX, sxx } = own.partial.find(({ feature }) => feature === g) ?? own;
  let expected = 0;
  let cross = 0;
  let square = 0;
  for (let j = 0; j < q; j++) {
    expected += (beta[j] * sumX[j]) / own.count;
    cross += beta[j] * own.sxy[g * q + j];
    for (let i = 0; i < q; i++) square += beta[i] * beta[j] * sxx[j * q + i];
  }
  const a = 1 / Math.sqrt(estimates.deltaStar[batch][at] ?? 1);
  const shift = Math.sqrt(estimates.pooledVariance[at]) * (estimates.gammaStar[batch][at] ?? 0);
  const level = estimates.grandMean[at] + expected;
  return {
    count: raw.count,
    mean: a * (raw.mean - level - shift) + level,
    squares: a * a * raw.squares + 2 * a * (1 - a) * cross + (1 - a) ** 2 * square,
  };
}

function effectOf(names: readonly string[], momentsAt: (g: number) => readonly Moments[]): SumsEffect {
  const raw = names.map((name, g) => {
    const moments = momentsAt(g);
    if (moments.includes(null)) return { name, test: null, reason: 'a batch in which it is constant keeps its sums' };
    const present = moments.filter((own) => own !== null && own.count > 0) as GroupMoments[];
    if (present.length < 2) return { name, test: null, reason: 'fewer than two batches have a value' };
    const test = anovaOfMoments(present);
    return { name, test, reason: test === null ? 'it does not vary inside any batch' : null };
  });
  const tests = raw.flatMap(({ test }) => test ?? []);
  const adjusted = benjaminiHochberg(tests.map(({ p }) => p));
  let at = 0;
  const features = raw.map(({ name, test, reason }) => ({
    name,
    reason,
    anova: test && { statistic: test.statistic, p: test.p, adjustedP: adjusted[at++] },
    etaSquared: test && test.etaSquared,
  }));
  const count = features.filter(({ anova }) => (anova?.adjustedP ?? 1) < LEVEL).length;
  const sizes = tests.map(({ etaSquared }) => etaSquared);
  return {
    features,
    summary: {
      featureCount: names.length,
      testedCount: tests.length,
      level: LEVEL,
      anova: { count, share: tests.length > 0 ? count / tests.length : null },
      meanEtaSquared: sizes.length > 0 ? sizes.reduce((sum, value) => sum + value, 0) / sizes.length : null,
    },
  };
}
