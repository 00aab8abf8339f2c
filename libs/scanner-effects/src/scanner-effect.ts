import { benjaminiHochberg } from '@concord/numeric';
import { ScannerEffectInputError } from './errors.js';
import { type Groups, groupsOf, splitByGroup } from './groups.js';
import { type PrincipalComponents, principalComponents } from './principal-components.js';
import { anova, brownForsythe, cohenD, kruskalWallis, type TestResult } from './tests-between-groups.js';

/** Feature columns of the same patients; NaN is missing. */
export interface ScannerEffectInput {
  readonly features: readonly { readonly name: string; readonly values: Float64Array }[];
  readonly batch: readonly (string | null)[];
}

/** A test with its p-value adjusted over features by Benjamini and Hochberg; null where it cannot be done. */
export interface AdjustedTest extends TestResult {
  readonly adjustedP: number;
}

/** How one feature differs between batches, on the patients in whom it is observed. */
export interface FeatureEffect {
  readonly name: string;
  /** Why nothing could be tested, or null. */
  readonly reason: string | null;
  readonly anova: AdjustedTest | null;
  /** Share of the feature's variance that lies between batches, SSB / SST; null where nothing varies. */
  readonly etaSquared: number | null;
  readonly kruskalWallis: AdjustedTest | null;
  readonly brownForsythe: AdjustedTest | null;
  /** Of each pair in {@link ScannerEffect.pairs}, in pooled SDs, first minus second; null where a group is too small. */
  readonly cohenD: readonly (number | null)[];
  readonly maxAbsCohenD: number | null;
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
  readonly summary: {
    readonly featureCount: number;
    readonly testedCount: number;
    readonly level: number;
    readonly anova: Affected;
    readonly kruskalWallis: Affected;
    readonly brownForsythe: Affected;
    /** Over tested features, as a whole and over all pairs. */
    readonly meanEtaSquared: number | null;
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
 * Measures how features differ between batches: location by one-way analysis of variance and Kruskal-Wallis, spread by
 * Brown-Forsythe, size by eta² and Cohen's d of each pair, and principal components against the batch.
 *
 * Missing values are left out feature by feature; batches without a value of a feature do not enter its tests. p-values
 * are adjusted over the features tested. Cost: patients × features × log patients.
 *
 * @throws {ScannerEffectInputError} if lengths disagree, a batch is missing, or there are fewer than two batches
 */
export function measureScannerEffect({ features, batch }: ScannerEffectInput): ScannerEffect {
  const groups = groupsOf(batch);
  for (const { name, values } of features) {
    if (values.length !== batch.length || values.includes(Infinity) || values.includes(-Infinity)) {
      throw new ScannerEffectInputError(
        values.length === batch.length
          ? `feature ${name} is infinite`
          : `feature ${name} has ${values.length} rows, the batch labels ${batch.length}`,
        `feature ${name}`,
        'Give every patient one finite value, or leave it empty.',
      );
    }
  }
  const pairs = groups.labels.flatMap((a, i) => groups.labels.slice(i + 1).map((b) => [a, b] as const));
  const effects = adjusted(features.map(({ name, values }) => measureFeature(name, splitByGroup(values, groups))));
  return {
    batches: groups.labels,
    batchCounts: groups.counts,
    pairs,
    features: effects,
    summary: summarise(effects),
    pca: measureComponents(features, groups),
  };
}

interface RawEffect extends Omit<FeatureEffect, 'anova' | 'kruskalWallis' | 'brownForsythe'> {
  readonly anova: TestResult | null;
  readonly kruskalWallis: TestResult | null;
  readonly brownForsythe: TestResult | null;
}

function measureFeature(name: string, parts: readonly Float64Array[]): RawEffect {
  const present = parts.filter((part) => part.length > 0);
  const cohen = parts
    .flatMap((a, i) => parts.slice(i + 1).map((b) => cohenD(a, b)))
    .map((d) => (Number.isNaN(d) ? null : d));
  const sizes = cohen.filter((d) => d !== null).map(Math.abs);
  const result = present.length > 1 ? anova(present) : null;
  const reason = present.length < 2 ? 'fewer than two batches have a value' : 'it does not vary inside any batch';
  return {
    name,
    reason: result === null ? reason : null,
    anova: result && { statistic: result.statistic, p: result.p },
    etaSquared: result && result.etaSquared,
    kruskalWallis: present.length > 1 ? kruskalWallis(present) : null,
    brownForsythe: present.length > 1 ? brownForsythe(present) : null,
    cohenD: cohen,
    maxAbsCohenD: sizes.length > 0 ? Math.max(...sizes) : null,
  };
}

function adjusted(effects: readonly RawEffect[]): FeatureEffect[] {
  const adjustOne = (key: 'anova' | 'kruskalWallis' | 'brownForsythe'): (AdjustedTest | null)[] => {
    const tests = effects.map((effect) => effect[key]);
    const q = benjaminiHochberg(tests.flatMap((test) => (test ? [test.p] : [])));
    let at = 0;
    return tests.map((test) => test && { ...test, adjustedP: q[at++] });
  };
  const [f, h, b] = (['anova', 'kruskalWallis', 'brownForsythe'] as const).map(adjustOne);
  return effects.map((effect, g) => ({ ...effect, anova: f[g], kruskalWallis: h[g], brownForsythe: b[g] }));
}

function summarise(features: readonly FeatureEffect[]): ScannerEffect['summary'] {
  const affected = (key: 'anova' | 'kruskalWallis' | 'brownForsythe'): Affected => {
    const tests = features.flatMap((feature) => feature[key] ?? []);
    const count = tests.filter(({ adjustedP }) => adjustedP < LEVEL).length;
    return { count, share: tests.length > 0 ? count / tests.length : null };
  };
  const average = (values: readonly number[]): number | null =>
    values.length > 0 ? values.reduce((sum, value) => sum + value, 0) / values.length : null;
  const eta = features.flatMap((feature) => feature.etaSquared ?? []);
  return {
    featureCount: features.length,
    testedCount: features.filter(({ reason }) => reason === null).length,
    level: LEVEL,
    anova: affected('anova'),
    kruskalWallis: affected('kruskalWallis'),
    brownForsythe: affected('brownForsythe'),
    meanEtaSquared: average(eta),
    meanAbsCohenD: average(features.flatMap(({ cohenD: d }) => d.filter((value) => value !== null)).map(Math.abs)),
  };
}

function measureComponents(features: ScannerEffectInput['features'], groups: Groups): ScannerEffectPca | null {
  const usable = features.filter(({ values }) => values.some((v) => v !== values[0]) && !values.some(Number.isNaN));
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
