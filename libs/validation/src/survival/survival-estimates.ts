import { estimate, estimateWithoutInterval, notEstimable, type Estimate } from '../estimate.js';
import { separation } from './prognostic-index.js';
import { coxSlope } from './survival-calibration.js';
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
