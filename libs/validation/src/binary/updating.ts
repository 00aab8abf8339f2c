import { inverseLogit } from '../auc.js';
import { countEvents, logitsOf } from '../calibration.js';
import { devianceOf, fitLogistic } from '../logistic-fit.js';
import { calibrationFits, likelihoodRatio, type Test } from './calibration-statistics.js';

/** A model changed on these patients. That is development again: it needs another validation. */
export interface UpdatedModel {
  /** On the scale of the log odds. */
  readonly intercept: number;
  readonly slope: number;
  readonly aic: number;
  readonly brier: number;
}

/** The original model beside its updates. */
export interface ModelUpdating {
  readonly brierOriginal: number;
  readonly interceptOnly: UpdatedModel;
  readonly recalibration: UpdatedModel;
}

/** What Vergouwe's closed test chooses, and the tests on the way. */
export interface ClosedTest {
  readonly choice: 'original' | 'intercept' | 'recalibration' | 'refit';
  readonly refitAgainstOriginal: Test;
  readonly refitAgainstIntercept: Test;
  readonly refitAgainstRecalibration: Test;
  /** Intercept, then a coefficient for each predictor. */
  readonly refit: readonly number[];
}

/** @returns null where the fits have no finite solution */
export function updateModel(risks: Float64Array, outcomes: Uint8Array): ModelUpdating | null {
  const { logits } = logitsOf(risks);
  const events = countEvents(outcomes);
  if (events === 0 || events === outcomes.length) return null;
  const fits = calibrationFits(logits, outcomes);
  if (fits === null) return null;
  const updated = (intercept: number, slope: number, deviance: number, parameters: number): UpdatedModel => ({
    intercept,
    slope,
    aic: deviance + 2 * parameters,
    brier: meanSquare(
      logits.map((logit) => inverseLogit(intercept + slope * logit)),
      outcomes,
    ),
  });
  return {
    brierOriginal: meanSquare(risks, outcomes),
    interceptOnly: updated(fits.intercept.coefficients[0], 1, fits.intercept.deviance, 1),
    recalibration: updated(fits.slope.coefficients[0], fits.slope.coefficients[1], fits.slope.deviance, 2),
  };
}

/**
 * The closed testing procedure: the refit is kept only where the original, then the intercept, then intercept and slope
 * fit significantly worse.
 *
 * @param predictors columns of the model, in the units it was developed in
 * @param alpha level of each test
 * @returns null where a fit has no finite solution
 * @see Vergouwe et al., Stat Med 36 (2017)
 */
export function closedTest(
  risks: Float64Array,
  predictors: readonly Float64Array[],
  outcomes: Uint8Array,
  alpha = 0.05,
): ClosedTest | null {
  const { logits } = logitsOf(risks);
  const fits = calibrationFits(logits, outcomes);
  const refit = fitLogistic([new Float64Array(risks.length).fill(1), ...predictors], outcomes);
  if (fits === null || refit === null) return null;
  const parameters = predictors.length + 1;
  const refitAgainstOriginal = likelihoodRatio(devianceOf(logits, outcomes), refit.deviance, parameters);
  const refitAgainstIntercept = likelihoodRatio(fits.intercept.deviance, refit.deviance, Math.max(1, parameters - 1));
  const refitAgainstRecalibration = likelihoodRatio(fits.slope.deviance, refit.deviance, Math.max(1, parameters - 2));
  let choice: ClosedTest['choice'] = 'refit';
  if (refitAgainstOriginal.p >= alpha) choice = 'original';
  else if (refitAgainstIntercept.p >= alpha) choice = 'intercept';
  else if (refitAgainstRecalibration.p >= alpha) choice = 'recalibration';
  return {
    choice,
    refitAgainstOriginal,
    refitAgainstIntercept,
    refitAgainstRecalibration,
    refit: [...refit.coefficients],
  };
}

function meanSquare(risks: Float64Array, outcomes: Uint8Array): number {
  return risks.reduce((sum, risk, i) => sum + (risk - outcomes[i]) ** 2, 0) / risks.length;
}
