import { normalQuantile } from '@concord/numeric';
import {
  estimate,
  estimateWithoutInterval,
  notEstimable,
  plainEstimate,
  testEstimate,
  type Estimate,
} from '../estimate.js';
import { separation } from './prognostic-index.js';
import { coxSlope, poissonCalibration } from './survival-calibration.js';
import { countOf, type SurvivalData } from './survival-data.js';

/** An estimate from a value that may be absent, with or without an interval. */
export function estimateOf(
  value: number | null,
  interval: readonly [number, number] | null,
  method: string,
  reason: string,
): Estimate {
  if (value === null || !Number.isFinite(value)) return notEstimable(method, reason);
  return interval ? estimate(value, interval, method) : estimateWithoutInterval(value, method, 'no interval');
}

/** The Cox slope of a linear predictor, with the tests that belong to it; p-values are null where there is no slope. */
export interface SlopeEstimates {
  readonly slope: Estimate;
  /** Of slope 1, Wald. */
  readonly p: number | null;
  /** Of proportional hazards. */
  readonly proportionalHazardsP: number | null;
}

const SLOPE = 'Cox regression on the linear predictor, Wald interval';

/** @see coxSlope */
export function slopeEstimates(data: SurvivalData, linear: Float64Array, level: number): SlopeEstimates {
  const fit = coxSlope(data, linear, level);
  if (fit === null) {
    return { slope: notEstimable(SLOPE, slopeReason(data, linear)), p: null, proportionalHazardsP: null };
  }
  return { slope: estimate(fit.slope, fit.interval, SLOPE), p: fit.p, proportionalHazardsP: fit.proportionalHazardsP };
}

function slopeReason(data: SurvivalData, linear: Float64Array): string {
  if (countOf(data.events) === 0) return 'no patient has the event';
  if (linear.every((value) => value === linear[0])) return 'all patients have the same linear predictor';
  return 'the slope has no finite value: the linear predictor orders the events without a fault, or is too large';
}

/** Most patients for whom Gönen and Heller's pairs are walked through. */
const PAIR_LIMIT = 20_000;

/** Gönen and Heller's concordance and Royston's D as estimates. */
export function separationEstimates(data: SurvivalData, linear: Float64Array, z: number) {
  const methods = { gonenHeller: 'Gönen-Heller concordance', roystonD: "Royston and Sauerbrei's D, Wald interval" };
  const isSmall = linear.length <= PAIR_LIMIT;
  const found = isSmall ? separation(data, linear) : null;
  if (found === null) {
    const reason = isSmall ? slopeReason(data, linear) : `more than ${PAIR_LIMIT} patients`;
    return {
      gonenHeller: notEstimable(methods.gonenHeller, reason),
      roystonD: notEstimable(methods.roystonD, reason),
    };
  }
  const half = z * found.dStandardError;
  return {
    gonenHeller: estimateWithoutInterval(found.gonenHeller, methods.gonenHeller, 'no closed interval'),
    roystonD: estimate(found.d, [found.d - half, found.d + half], methods.roystonD),
  };
}

/** p-values of slope 1 and of proportional hazards. */
export function slopeTests(data: SurvivalData, linear: Float64Array, level: number) {
  const fit = coxSlope(data, linear, level);
  const reason = fit === null ? slopeReason(data, linear) : 'it cannot be tested';
  const ratio = fit && { chi2: fit.likelihoodRatio, df: 1, p: fit.likelihoodRatioP };
  return {
    slopeTest: testEstimate(ratio, 'likelihood ratio of slope 1', reason),
    proportionalHazards: plainEstimate(
      fit?.proportionalHazardsP,
      'score test of a drifting slope (Grambsch and Therneau), p-value',
      reason,
    ),
  };
}

/** Observed over expected events, and the slope with the model's own baseline. */
export function poissonEstimates(
  data: SurvivalData,
  linear: Float64Array,
  hazards: Float64Array | null,
  level: number,
): { ratio: Estimate; slope: Estimate } {
  const method = 'Poisson regression with the cumulative hazard of the model as exposure, Wald interval';
  const none = (reason: string) => ({ ratio: notEstimable(method, reason), slope: notEstimable(method, reason) });
  if (hazards === null) return none('the cumulative hazards of the model were not given');
  if (!hazards.every((hazard) => hazard >= 0 && hazard < Infinity)) return none('a cumulative hazard is missing');
  const found = poissonCalibration(data, linear, hazards);
  if (found === null) return none('no patient has the event');
  const z = normalQuantile(1 - (1 - level) / 2);
  const at = (side: number) => Math.exp(found.logRatio + side * z * found.standardError);
  const { slope, slopeStandardError: error } = found;
  return {
    ratio: estimate(found.ratio, [at(-1), at(1)], method),
    slope:
      slope === null || error === null
        ? notEstimable(method, 'the slope has no finite value')
        : estimate(slope, [slope - z * error, slope + z * error], method),
  };
}

/** Mean Brier score between the first and the last horizon. */
export function integratedBrier(horizons: readonly { readonly time: number; readonly brier: Estimate }[]): Estimate {
  const times = horizons.map(({ time }) => time);
  const method = `Brier score integrated by trapezoids over ${times.join(', ')}, divided by the range`;
  if (horizons.length < 2) return notEstimable(method, 'it needs two horizons');
  let area = 0;
  for (let i = 1; i < horizons.length; i++) {
    const [a, b] = [horizons[i - 1], horizons[i]];
    if (a.brier.value === null || b.brier.value === null) return notEstimable(method, 'a horizon has no Brier score');
    area += ((b.time - a.time) * (a.brier.value + b.brier.value)) / 2;
  }
  return plainEstimate(area / (times[times.length - 1] - times[0]), method, 'the horizons are the same');
}
