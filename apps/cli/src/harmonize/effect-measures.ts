import {
  type BatchVariable,
  codingOf,
  type CombatModel,
  correctionSizes,
  type Covariate,
  designColumns,
  type FeatureColumn,
  featureFlags,
  fitCombat,
  type Identifiability,
  identifiability,
  type PriorFit,
  priorFit,
  siteSums,
} from '@concord/harmonization';
import { seededRandom } from '@concord/numeric';
import {
  classifySites,
  compareScannerEffects,
  madeNegative,
  measureBiology,
  measureRepeatability,
  measureScannerEffect,
  measureSeparation,
  type SiteClassification,
  varianceShares,
  verdictOf,
} from '@concord/scanner-effects';
import { ConcordError, InvariantError } from '@concord/errors';

/** Everything that the measures need; columns of the same patients. */
export interface EffectInput {
  readonly batch: BatchVariable;
  readonly before: readonly FeatureColumn[];
  readonly after: readonly FeatureColumn[] | null;
  readonly covariates: readonly Covariate[];
  /** A column of two values. */
  readonly outcome: { readonly name: string; readonly labels: readonly (string | null)[] } | null;
  readonly subject: BatchVariable | null;
  /** Further groupings for the shares of variance: kernel, slice thickness. */
  readonly factors: readonly BatchVariable[];
  /** The model that made `after`; a plain ComBat is fitted to `before` where there is none. */
  readonly model: CombatModel | null;
  readonly seed: number;
  /** Shuffles of the batch labels for the classifier, and ten times as many for PERMANOVA. */
  readonly permutations: number;
}

export type EffectMeasures = ReturnType<typeof measureEffects>;

/** All measures of the report. What cannot be done is null, with its reason in `notDone`. */
export function measureEffects(input: EffectInput) {
  const { before, after, batch, covariates } = input;
  const notDone: string[] = [];
  const attempt = <T>(what: string, work: () => T): T | null => tryOrNote(what, work, notDone);
  const random = () => seededRandom(input.seed);
  const labels = batch.labels;
  const rows = { batch: labels, covariates };
  const comparison = after && compareScannerEffects({ before, after, ...rows });
  const effect = comparison?.before ?? measureScannerEffect({ features: before, ...rows });
  const balance = attempt('identifiability', () => identifiabilityOf(input));
  const model = input.model ?? attempt('the fit of ComBat', () => fitCombat({ features: before, ...rows }));
  const outcome = input.outcome && binary(input.outcome.labels);
  const separation = (features: readonly FeatureColumn[]) =>
    measureSeparation({ features, batch: labels }, { permutations: 10 * input.permutations, random: random() });
  const biology =
    after &&
    attempt('what became of biology', () => measureBiology({ before, after, ...rows, ...(outcome && { outcome }) }));
  const classifier = attempt('the batch classifier', () => classifiers(input));
  const negative = after === null ? [] : madeNegative(before, after);
  const verdict = verdictOf({
    before: effect,
    after: comparison && comparison.after,
    ...(classifier && {
      classifier: classifier.harmonized.discriminant,
      forest: { before: classifier.raw.forest, after: classifier.harmonized.forest },
    }),
    ...(biology && { biology }),
    ...(balance && { identifiability: balance }),
    negativeFeatures: negative,
  });
  return {
    effect,
    comparison,
    verdict,
    identifiability: balance,
    flags: flagCounts(before, labels),
    separation: { before: separation(before), after: after && separation(after) },
    classifier,
    biology,
    outcome: input.outcome?.name ?? null,
    varianceShares: attempt('shares of variance', () => sharesOf(input)),
    corrections: model && { features: model.features, sizes: correctionSizes(model), isOwnFit: input.model === null },
    passedThrough: model?.passedThrough ?? [],
    priors: model && priorsOf(model),
    negativeFeatures: negative,
    repeatability: input.subject && attempt('repeatability', () => repeatabilityOf(input)),
    notDone,
  };
}

function tryOrNote<T>(what: string, work: () => T, notDone: string[]): T | null {
  try {
    return work();
  } catch (error) {
    // A refusal is a finding of the report; a bug is not.
    if (!(error instanceof ConcordError) || error instanceof InvariantError) throw error;
    notDone.push(`${what}: ${error.message}`);
    return null;
  }
}

function identifiabilityOf({ batch, covariates, outcome }: EffectInput): Identifiability {
  const coding = codingOf(covariates);
  const sums = siteSums({ features: [], covariates: coding }, { features: [], batch: batch.labels, covariates });
  const { batches } = sums.parts[0];
  if (outcome === null) return identifiability(batches, coding);
  const levels = [...new Set(outcome.labels)].filter((level) => level !== null).sort();
  const counts = batches.map(({ batch: label }) =>
    levels.map((level) => batch.labels.filter((own, row) => own === label && outcome.labels[row] === level).length),
  );
  return identifiability(batches, coding, { name: outcome.name, counts });
}

/** 0 and 1 for an outcome of two values, else null. */
function binary(labels: readonly (string | null)[]): Float64Array | null {
  const levels = [...new Set(labels)].sort();
  if (levels.length !== 2 || levels.includes(null)) return null;
  return Float64Array.from(labels, (label) => (label === levels[1] ? 1 : 0));
}

export interface ClassifierPair {
  readonly discriminant: SiteClassification;
  readonly forest: SiteClassification;
}

/** In patients that neither classifier nor harmonisation has seen: on features as they are, and with ComBat in each fold. */
function classifiers(input: EffectInput): { raw: ClassifierPair; harmonized: ClassifierPair } {
  const data = { features: input.before, batch: input.batch.labels, covariates: input.covariates };
  const pair = (harmonization: Record<string, never> | null, permutations: number): ClassifierPair => {
    const common = { harmonization, random: seededRandom(input.seed) };
    return {
      discriminant: classifySites(data, { method: 'discriminant', ...common, permutations }),
      forest: classifySites(data, { method: 'forest', ...common }),
    };
  };
  return { raw: pair(null, 0), harmonized: pair({}, input.permutations) };
}

function sharesOf({ before, after, batch, factors, subject, covariates }: EffectInput) {
  const all = [{ name: batch.name, labels: batch.labels }, ...factors, ...(subject ? [subject] : [])];
  const fixed = designColumns(codingOf(covariates), covariates).map(({ values }) => values);
  const meanOf = (features: readonly FeatureColumn[]) => {
    const shares = varianceShares(features, all, fixed).filter(({ reason }) => reason === null);
    const average = (of: (share: (typeof shares)[number]) => number): number | null =>
      shares.length === 0 ? null : shares.reduce((sum, share) => sum + of(share) / shares.length, 0);
    return {
      features: shares,
      mean: [...all.map((_, i) => average((s) => s.factors[i])), average((s) => s.residual ?? 0)],
    };
  };
  return { factors: [...all.map(({ name }) => name), 'rest'], before: meanOf(before), after: after && meanOf(after) };
}

function flagCounts(features: readonly FeatureColumn[], batch: readonly (string | null)[]) {
  const flags = featureFlags(features, batch as readonly string[]);
  const named = (
    key: 'isConstant' | 'isConstantInBatch' | 'isTwoValued' | 'isZeroInflated' | 'isSkewed' | 'hasOutlier',
  ) => flags.filter((flag) => flag[key]).map(({ feature }) => feature);
  return {
    constant: named('isConstant'),
    constantInBatch: named('isConstantInBatch'),
    twoValued: named('isTwoValued'),
    zeroInflated: named('isZeroInflated'),
    skewed: named('isSkewed'),
    outlier: named('hasOutlier'),
  };
}

/** Fit of the priors, and where each expects 95 % of the features. */
function priorsOf(model: CombatModel) {
  const { gammaBar, tau2 } = model.estimates;
  return priorFit(model).map((fit: PriorFit, i) => {
    const centre = gammaBar[i];
    const variance = tau2[i];
    const half = 1.96 * Math.sqrt(variance ?? NaN);
    const delta = fit.delta?.expected.filter(Number.isFinite) ?? [];
    const at = (share: number): number => Math.sqrt(delta[Math.round(share * (delta.length - 1))]);
    return {
      ...fit,
      gammaRange: centre === null || !Number.isFinite(half) ? null : ([centre - half, centre + half] as const),
      deltaRange: delta.length < 2 ? null : ([at(0.025), at(0.975)] as const),
    };
  });
}

function repeatabilityOf({ before, after, subject, batch }: EffectInput) {
  const of = (features: readonly FeatureColumn[]) =>
    measureRepeatability({ features, subject: subject!.labels, occasion: batch.labels });
  return { before: of(before), after: after && of(after) };
}
