import { notEstimable, plainEstimate, testEstimate, type Estimate } from '../estimate.js';
import { logitsOf } from '../calibration.js';
import type { RocPoint } from '../risk-distribution.js';
import { calibrationTests, discriminationSlope, explainedLikelihood, overallError } from './calibration-statistics.js';
import { modelBasedConcordance } from './case-mix.js';
import { loessCalibration, type LoessCalibration } from './flexible-calibration.js';
import { precisionRecall } from './precision-recall.js';
import { partialAuc, youdenThresholds } from './roc-summary.js';
import { updateModel } from './updating.js';

/** What a full report says of a cohort beside AUC, weak calibration and the locked threshold. */
export interface CohortDetails {
  /** Area over specificity (sensitivity) 90 to 100 %, standardised to 0.5 (no use) … 1. */
  readonly partialAucSpecificity: Estimate;
  readonly partialAucSensitivity: Estimate;
  /** Chance reaches the prevalence. */
  readonly averagePrecision: Estimate;
  readonly logLoss: Estimate;
  readonly nagelkerke: Estimate;
  /** p-value of Spiegelhalter's test of calibration. */
  readonly spiegelhalter: Estimate;
  readonly discriminationSlope: Estimate;
  /** p-values of likelihood-ratio tests: predictions as they are, intercept, slope. */
  readonly unreliability: Estimate;
  readonly interceptTest: Estimate;
  readonly slopeTest: Estimate;
  /** Distances of the loess curve: a second way beside the spline, which is primary. */
  readonly loess: {
    readonly ici: Estimate;
    readonly e50: Estimate;
    readonly e90: Estimate;
    readonly emax: Estimate;
    readonly eci: Estimate;
  };
  readonly caseMix: {
    /** The AUC that the risks promise in these patients, were they right. */
    readonly modelBasedC: Estimate;
    readonly meanLinear: Estimate;
    readonly sdLinear: Estimate;
  };
  /** The model changed on these patients: development again, printed beside the original only. */
  readonly updating: {
    readonly intercept: Estimate;
    readonly recalibrationIntercept: Estimate;
    readonly recalibrationSlope: Estimate;
    readonly brierOriginal: Estimate;
    readonly brierIntercept: Estimate;
    readonly brierRecalibration: Estimate;
  };
  /** Read off these very patients, exploratory by nature, never used for a decision. */
  readonly exploratoryThreshold: Estimate;
}

const MCCLISH = 'partial area, standardised by McClish';
const EXPLORATORY = 'EXPLORATORY: largest Youden index on these validation patients, never to be locked';

/**
 * @param isProbability whether scores are risks, so that calibration means something
 * @param roc of `rocPoints` for the same patients
 */
export function cohortDetails(
  scores: Float64Array,
  outcomes: Uint8Array,
  isProbability: boolean,
  roc: readonly RocPoint[],
): CohortDetails {
  const one = 'one class has no patient';
  const below = 'one class has no patient, or the part lies below the diagonal, where it is not defined';
  const part = (over: 'specificity' | 'sensitivity') =>
    plainEstimate(partialAuc(roc, over, 0.9)?.standardized, `${MCCLISH}, ${over} 90 to 100 %`, below);
  return {
    partialAucSpecificity: part('specificity'),
    partialAucSensitivity: part('sensitivity'),
    averagePrecision: plainEstimate(
      precisionRecall(scores, outcomes)?.averagePrecision,
      'average precision over distinct scores',
      one,
    ),
    ...(isProbability ? riskDetails(scores, outcomes) : noRiskDetails('the scores are not probabilities')),
    exploratoryThreshold: plainEstimate(youdenThresholds(roc)[0]?.threshold, EXPLORATORY, one),
  };
}

type RiskDetails = Omit<
  CohortDetails,
  'partialAucSpecificity' | 'partialAucSensitivity' | 'averagePrecision' | 'exploratoryThreshold'
>;

function riskDetails(risks: Float64Array, outcomes: Uint8Array): RiskDetails {
  const n = risks.length;
  if (n === 0) return noRiskDetails('no patients');
  const error = overallError(risks, outcomes);
  const tests = calibrationTests(risks, outcomes);
  const none = 'one class has no patient, or the classes are separated';
  const updated = updateModel(risks, outcomes);
  const { logits } = logitsOf(risks);
  const mean = logits.reduce((sum, x) => sum + x, 0) / n;
  const variance = logits.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (n - 1);
  const update = 'changed on these patients: development again';
  return {
    logLoss: plainEstimate(error?.logLoss, 'mean negative log-likelihood', 'no patients'),
    nagelkerke: plainEstimate(explainedLikelihood(risks, outcomes)?.nagelkerke, "Nagelkerke's R²", none),
    spiegelhalter: plainEstimate(error?.spiegelhalterP, 'test by Spiegelhalter, two-sided', 'all risks are 0, ½ or 1'),
    discriminationSlope: plainEstimate(
      discriminationSlope(risks, outcomes),
      'mean risk of events less that of others',
      'one class has no patient',
    ),
    unreliability: testEstimate(tests?.unreliability ?? null, 'likelihood ratio of intercept and slope', none),
    interceptTest: testEstimate(tests?.intercept ?? null, 'likelihood ratio of the intercept', none),
    slopeTest: testEstimate(tests?.slope ?? null, 'likelihood ratio of the slope', none),
    loess: loessDetails(loessOf(risks, outcomes), 'fewer than 20 patients, or too few different risks'),
    caseMix: {
      modelBasedC: plainEstimate(modelBasedConcordance(risks), 'concordance promised by the risks', 'no pair counts'),
      meanLinear: plainEstimate(mean, 'mean of the log odds', 'no patients'),
      sdLinear: plainEstimate(Math.sqrt(variance), 'standard deviation of the log odds', 'fewer than two patients'),
    },
    updating: {
      intercept: plainEstimate(updated?.interceptOnly.intercept, `intercept, ${update}`, none),
      recalibrationIntercept: plainEstimate(updated?.recalibration.intercept, `intercept with slope, ${update}`, none),
      recalibrationSlope: plainEstimate(updated?.recalibration.slope, `slope, ${update}`, none),
      brierOriginal: plainEstimate(updated?.brierOriginal, 'Brier score of the locked model', none),
      brierIntercept: plainEstimate(updated?.interceptOnly.brier, `Brier score, intercept ${update}`, none),
      brierRecalibration: plainEstimate(updated?.recalibration.brier, `Brier score, both ${update}`, none),
    },
  };
}

/** Loess needs different risks on both sides of every point. */
function loessOf(risks: Float64Array, outcomes: Uint8Array): LoessCalibration | null {
  return new Set(risks).size < 10 ? null : loessCalibration(risks, outcomes);
}

function loessDetails(curve: LoessCalibration | null, reason: string): CohortDetails['loess'] {
  const of = (value: number | undefined, name: string) =>
    plainEstimate(value, `${name} to a loess curve, degree 2, span 0.75`, reason);
  return {
    ici: of(curve?.ici, 'mean distance'),
    e50: of(curve?.e50, 'median distance'),
    e90: of(curve?.e90, '90 % quantile of the distance'),
    emax: of(curve?.emax, 'largest distance'),
    eci: of(curve?.eci, '100 times the mean squared distance'),
  };
}

function noRiskDetails(reason: string): RiskDetails {
  const none = notEstimable('needs risks', reason);
  return {
    logLoss: none,
    nagelkerke: none,
    spiegelhalter: none,
    discriminationSlope: none,
    unreliability: none,
    interceptTest: none,
    slopeTest: none,
    loess: loessDetails(null, reason),
    caseMix: { modelBasedC: none, meanLinear: none, sdLinear: none },
    updating: {
      intercept: none,
      recalibrationIntercept: none,
      recalibrationSlope: none,
      brierOriginal: none,
      brierIntercept: none,
      brierRecalibration: none,
    },
  };
}
