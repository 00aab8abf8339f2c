import type { CovariateCoding } from './coding.js';
import type { StopRule } from './empirical-bayes.js';

/** What ComBat is asked to do. */
export interface CombatOptions {
  /** How estimates borrow strength over features. */
  readonly eb: 'parametric' | 'nonparametric' | 'none';
  /** When parametric EB stops: at the fixed point, or where sva does (differs by up to 6e-5 SD). */
  readonly stop: StopRule;
  /** Adjust the location alone. */
  readonly meanOnly: boolean;
  /** Batch that the others are brought to; its rows stay as they are. null: the mean of all. */
  readonly reference: string | null;
  /**
   * Divisor of deltaHat: n − 1 as sva and neuroCombat, or n, with which ComBat of its own result changes nothing. With
   * n − 1 each repetition shrinks small batches by about 1/n.
   */
  readonly divisor: 'n - 1' | 'n';
}

export const defaultCombatOptions: CombatOptions = {
  eb: 'parametric',
  stop: 'exact',
  meanOnly: false,
  reference: null,
  divisor: 'n - 1',
};

/** null: not estimable (the feature has no value in the batch; no prior of the scale in a mean-only fit). */
type Maybe = number | null;

/** Estimates in the notation of Johnson, Li and Rabinovic (2007); the tables are [row][feature]. */
export interface CombatEstimates {
  /** Batch × feature, in SD of the feature: shift and variance ratio, raw and shrunken. */
  readonly gammaHat: readonly (readonly Maybe[])[];
  readonly deltaHat: readonly (readonly Maybe[])[];
  readonly gammaStar: readonly (readonly Maybe[])[];
  readonly deltaStar: readonly (readonly Maybe[])[];
  /** Priors, one a batch. */
  readonly gammaBar: readonly Maybe[];
  readonly tau2: readonly Maybe[];
  readonly aPrior: readonly Maybe[];
  readonly bPrior: readonly Maybe[];
  /** One a feature, in its unit (squared for the variance). */
  readonly pooledVariance: readonly number[];
  readonly grandMean: readonly number[];
  /** Rows: batches, then design columns. With a reference, its row is its level and other batches are differences. */
  readonly coefficients: readonly (readonly Maybe[])[];
}

/** A feature that the model leaves as it is, and why. */
export interface PassedThrough {
  readonly feature: string;
  readonly reason: string;
}

/** A fitted ComBat. Plain data: `sealModel` makes it fit to be saved, `parseCombatModel`
 * reads it. No patient's value is in it, but for the range of a smooth covariate whose knots were not given. */
export interface CombatModel {
  readonly format: 'concord.combat/2';
  /** Name of the column that held the batches, where the caller told it; applying to a table can default to it. */
  readonly batchColumn: string | null;
  /** Labels in text order, with the patients of each. */
  readonly batches: readonly string[];
  readonly batchCounts: readonly number[];
  /** The features that are adjusted, in the order of the table; estimates follow it. */
  readonly features: readonly string[];
  readonly passedThrough: readonly PassedThrough[];
  readonly covariates: readonly CovariateCoding[];
  readonly designColumns: readonly string[];
  /** Outcomes among the covariates: results of this model are not fit for judging a model of them. */
  readonly outcomeCovariates: readonly string[];
  readonly options: CombatOptions;
  /** True when only locations were adjusted, by option or because a batch has one patient. */
  readonly isMeanOnly: boolean;
  readonly estimates: CombatEstimates;
  /** Updates of parametric EB, one a batch; empty otherwise. */
  readonly iterations: readonly number[];
  readonly isConverged: boolean;
  /** True when the model was applied to the very rows it was fitted on, as {@link harmonize} does. */
  readonly transductive: boolean;
  readonly warnings: readonly string[];
}
