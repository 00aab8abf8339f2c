import { codingOf, type Covariate, designColumns } from '@concord/harmonization';
import { benjaminiHochberg, fSf, leastSquares, matrixOfColumns, variance } from '@concord/numeric';
import { andersonDarling, kolmogorovSmirnov } from './distribution-tests.js';
import { ScannerEffectInputError } from './errors.js';
import { type Groups, groupsOf, splitByGroup } from './groups.js';
import { anova, cohenD, hedgesG, kruskalWallis, type TestResult, welch } from './location-tests.js';
import { type PrincipalComponents, principalComponents } from './principal-components.js';
import { bartlett, brownForsythe, fligner, levene } from './spread-tests.js';
import { varianceShares } from './variance-shares.js';

/** Feature columns of the same patients; NaN is missing. */
export interface ScannerEffectInput {
  readonly features: readonly { readonly name: string; readonly values: Float64Array }[];
  readonly batch: readonly (string | null)[];
  /** Taken out before the partial F test; without them it equals the analysis of variance. */
  readonly covariates?: readonly Covariate[];
}

/** A test with its p-value adjusted over features by Benjamini and Hochberg; null where it cannot be done. */
export interface AdjustedTest extends TestResult {
  readonly adjustedP: number;
}

/** The tests, by what they look at: location, spread, the whole distribution. */
export const TEST_NAMES = [
  'anova',
  'welch',
  'kruskalWallis',
  'partial',
  'brownForsythe',
  'levene',
  'bartlett',
  'fligner',
  'andersonDarling',
] as const;
export type TestName = (typeof TEST_NAMES)[number];

/** How one feature differs between batches, on the patients in whom it is observed. */
export interface FeatureEffect extends Readonly<Record<TestName, AdjustedTest | null>> {
  readonly name: string;
  /** Why nothing could be tested, or null. */
  readonly reason: string | null;
  /** Share of the feature's variance that lies between batches, SSB / SST; null where nothing varies. */
  readonly etaSquared: number | null;
  /** Of what the covariates leave, the share that batches explain. */
  readonly partialRSquared: number | null;
  /** Share of variance of a random batch effect, by REML, without covariates. */
  readonly iccBatch: number | null;
  /** Of each pair in {@link ScannerEffect.pairs}, in pooled SDs, first minus second; null where a group is too small. */
  readonly cohenD: readonly (number | null)[];
  readonly hedgesG: readonly (number | null)[];
  readonly kolmogorovSmirnov: readonly (TestResult | null)[];
  readonly maxAbsCohenD: number | null;
  /** Variance of each batch over that of all other patients; null where one has fewer than two values or no spread. */
  readonly varianceRatios: readonly (number | null)[];
}

/** Features found different at the level, after adjustment. */
export interface Affected {
  readonly count: number;
  /** Of the features that could be tested; null when there was none. */
  readonly share: number | null;
}

export interface ScannerEffect {
  readonly batches: readonly string[];
  readonly batchCounts: readonly number[];
  readonly pairs: readonly (readonly [string, string])[];
  readonly features: readonly FeatureEffect[];
  readonly summary: Readonly<Record<TestName, Affected>> & {
    readonly featureCount: number;
    readonly testedCount: number;
    readonly level: number;
    /** Over tested features, as a whole and over all pairs. */
    readonly meanEtaSquared: number | null;
    readonly meanIccBatch: number | null;
    readonly meanAbsCohenD: number | null;
  };
  /** On complete features that vary, scaled to SD 1; null where fewer than two are left or fewer than three patients. */
  readonly pca: ScannerEffectPca | null;
}

export interface ScannerEffectPca {
  readonly featureNames: readonly string[];
  /** Share of variance and eta² by batch of each of the first components (ten at most). */
  readonly explained: readonly number[];
  readonly etaSquared: readonly (number | null)[];
  readonly components: PrincipalComponents;
}

/** BH-adjusted p below which a feature counts as affected. */
export const LEVEL = 0.05;
const COMPONENTS = 10;

/**
 * Measures how features differ between batches: in location, spread and distribution, in size, and by principal
 * components. The methods' page has every definition.
 *
 * Missing values are left out feature by feature; batches without a value of a feature do not enter its tests. p-values
 * are adjusted over the features tested. Cost: patients × features × (log patients + covariates²).
 *
 * @throws {ScannerEffectInputError} if lengths disagree, a batch is missing, or there are fewer than two batches
 */
export function measureScannerEffect(input: ScannerEffectInput): ScannerEffect {
  return scannerEffectOf(input, measureFeatures(input));
}

/**
 * The part of {@link measureScannerEffect} that looks at one feature after the other, which takes nearly all of the time:
 * blocks of features can be measured anywhere, in any order. p-values are adjusted over the features given.
 */
export function measureFeatures({ features, batch, covariates = [] }: ScannerEffectInput): FeatureEffect[] {
  const groups = groupsOf(batch);
  checkFeatures(features, batch.length);
  const columns = designColumns(codingOf(covariates), covariates).map(({ values }) => values);
  const shares = varianceShares(features, [{ name: 'batch', labels: batch }]);
  return adjusted(
    features.map(({ name, values }, g) => {
      const raw = measureFeature(name, splitByGroup(values, groups));
      const isTested = raw.reason === null;
      return {
        ...raw,
        ...(isTested ? partialTest(values, groups, columns) : { partial: null, partialRSquared: null }),
        iccBatch: isTested && shares[g].reason === null ? shares[g].factors[0] : null,
      };
    }),
  );
}

/**
 * The rest of {@link measureScannerEffect}: adjustment over all features, summary, principal components.
 *
 * @param measured effects of the input's features in their order, of one block or of several
 * @throws {ScannerEffectInputError} if they are of other features
 */
export function scannerEffectOf(input: ScannerEffectInput, measured: readonly FeatureEffect[]): ScannerEffect {
  const { features, batch } = input;
  const groups = groupsOf(batch);
  checkFeatures(features, batch.length);
  if (measured.length !== features.length || measured.some(({ name }, g) => name !== features[g].name)) {
    throw new ScannerEffectInputError(
      'the effects are not those of the features given',
      'scannerEffectOf(measured)',
      'Give the effects of every block, in the order of the features.',
    );
  }
  const pairs = groups.labels.flatMap((a, i) => groups.labels.slice(i + 1).map((b) => [a, b] as const));
  const effects = adjusted(measured);
  return {
    batches: groups.labels,
    batchCounts: groups.counts,
    pairs,
    features: effects,
    summary: summarise(effects),
    pca: measureComponents(features, groups),
  };
}

/** @throws {ScannerEffectInputError} if a feature is infinite or has another number of rows */
export function checkFeatures(features: ScannerEffectInput['features'], rowCount: number): void {
  for (const { name, values } of features) {
    if (values.length !== rowCount || values.includes(Infinity) || values.includes(-Infinity)) {
      throw new ScannerEffectInputError(
        values.length === rowCount
          ? `feature ${name} is infinite`
          : `feature ${name} has ${values.length} rows, the batch labels ${rowCount}`,
        `feature ${name}`,
        'Give every patient one finite value, or leave it empty.',
      );
    }
  }
}

type RawEffect = Omit<FeatureEffect, TestName> & Record<TestName, TestResult | null>;

function measureFeature(name: string, parts: readonly Float64Array[]) {
  const present = parts.filter((part) => part.length > 0);
  const ofPairs = <T>(of: (a: Float64Array, b: Float64Array) => T): T[] =>
    parts.flatMap((a, i) => parts.slice(i + 1).map((b) => of(a, b)));
  const orNull = (d: number): number | null => (Number.isNaN(d) ? null : d);
  const cohen = ofPairs(cohenD).map(orNull);
  const sizes = cohen.filter((d) => d !== null).map(Math.abs);
  const isPossible = present.length > 1;
  const result = isPossible ? anova(present) : null;
  const reason = isPossible ? 'it does not vary inside any batch' : 'fewer than two batches have a value';
  return {
    name,
    reason: result === null ? reason : null,
    anova: result && { statistic: result.statistic, p: result.p },
    etaSquared: result && result.etaSquared,
    welch: isPossible ? welch(present) : null,
    kruskalWallis: isPossible ? kruskalWallis(present) : null,
    brownForsythe: isPossible ? brownForsythe(present) : null,
    levene: isPossible ? levene(present) : null,
    bartlett: isPossible ? bartlett(present) : null,
    fligner: isPossible ? fligner(present) : null,
    andersonDarling: isPossible ? andersonDarling(present) : null,
    cohenD: cohen,
    hedgesG: ofPairs(hedgesG).map(orNull),
    kolmogorovSmirnov: ofPairs((a, b) => (a.length > 0 && b.length > 0 ? kolmogorovSmirnov(a, b) : null)),
    maxAbsCohenD: sizes.length > 0 ? Math.max(...sizes) : null,
    varianceRatios: parts.map((part, i) => varianceRatio(part, parts, i)),
  };
}

function varianceRatio(part: Float64Array, parts: readonly Float64Array[], i: number): number | null {
  const others = Float64Array.from(parts.flatMap((other, j) => (j === i ? [] : Array.from(other))));
  if (part.length < 2 || others.length < 2) return null;
  const ratio = variance(part) / variance(others);
  return Number.isFinite(ratio) ? ratio : null;
}

/** F of the batches beside the covariates: ((RSS0 − RSS1) / df) / (RSS1 / rest), by the ranks found. */
function partialTest(
  values: Float64Array,
  groups: Groups,
  columns: readonly Float64Array[],
): { partial: TestResult | null; partialRSquared: number | null } {
  const rows = [...values.keys()].filter((row) => !Number.isNaN(values[row]));
  const y = Float64Array.from(rows, (row) => values[row]);
  const present = [...new Set(rows.map((row) => groups.index[row]))];
  const fixed = columns.map((column) => Float64Array.from(rows, (row) => column[row]));
  const indicators = present.map((i) => Float64Array.from(rows, (row) => (groups.index[row] === i ? 1 : 0)));
  const without = leastSquares(matrixOfColumns([new Float64Array(rows.length).fill(1), ...fixed]), y);
  const within = leastSquares(matrixOfColumns([...indicators, ...fixed]), y);
  const df1 = within.rank - without.rank;
  const df2 = rows.length - within.rank;
  const gain = Math.max(0, without.residualSumOfSquares - within.residualSumOfSquares);
  const statistic = gain / df1 / (within.residualSumOfSquares / df2);
  if (!(df1 > 0 && df2 > 0 && Number.isFinite(statistic))) return { partial: null, partialRSquared: null };
  return {
    partial: { statistic, p: fSf(statistic, df1, df2) },
    partialRSquared: gain / without.residualSumOfSquares,
  };
}

function adjusted(effects: readonly RawEffect[]): FeatureEffect[] {
  const tests = TEST_NAMES.map((name) => {
    const results = effects.map((effect) => effect[name]);
    const q = benjaminiHochberg(results.flatMap((test) => (test ? [test.p] : [])));
    let at = 0;
    return results.map((test) => test && { ...test, adjustedP: q[at++] });
  });
  return effects.map((effect, g) => ({
    ...effect,
    // fromEntries forgets which names it was given.
    ...(Object.fromEntries(TEST_NAMES.map((name, t) => [name, tests[t][g]])) as Record<TestName, AdjustedTest | null>),
  }));
}

function summarise(features: readonly FeatureEffect[]): ScannerEffect['summary'] {
  const affected = (name: TestName): Affected => {
    const tests = features.flatMap((feature) => feature[name] ?? []);
    const count = tests.filter(({ adjustedP }) => adjustedP < LEVEL).length;
    return { count, share: tests.length > 0 ? count / tests.length : null };
  };
  const average = (values: readonly number[]): number | null =>
    values.length > 0 ? values.reduce((sum, value) => sum + value, 0) / values.length : null;
  return {
    ...(Object.fromEntries(TEST_NAMES.map((name) => [name, affected(name)])) as Record<TestName, Affected>),
    featureCount: features.length,
    testedCount: features.filter(({ reason }) => reason === null).length,
    level: LEVEL,
    meanEtaSquared: average(features.flatMap((feature) => feature.etaSquared ?? [])),
    meanIccBatch: average(features.flatMap((feature) => feature.iccBatch ?? [])),
    meanAbsCohenD: average(features.flatMap(({ cohenD: d }) => d.filter((value) => value !== null)).map(Math.abs)),
  };
}

function measureComponents(features: ScannerEffectInput['features'], groups: Groups): ScannerEffectPca | null {
  const usable = completeFeatures(features);
  if (usable.length < 2 || groups.index.length < 3) return null;
  const components = principalComponents(
    usable.map(({ values }) => values),
    COMPONENTS,
  );
  return {
    featureNames: usable.map(({ name }) => name),
    explained: components.explained,
    etaSquared: components.scores.map((scores) => anova(splitByGroup(scores, groups))?.etaSquared ?? null),
    components,
  };
}

/** Features without a missing value that vary. */
export function completeFeatures<F extends { readonly values: Float64Array }>(features: readonly F[]): F[] {
  return features.filter(({ values }) => values.some((v) => v !== values[0]) && !values.some(Number.isNaN));
}
