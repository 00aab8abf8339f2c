import { notEstimable, plainEstimate, type Estimate } from '../estimate.js';
import { validationSize, type ValidationCriterion } from './sample-size.js';

/** One criterion of sample size: what would have been needed, and what was reached. */
export interface AdequacyItem {
  readonly measure: ValidationCriterion['measure'];
  /** Patients needed for the wished width of the interval, by the figures seen here. */
  readonly needed: Estimate;
  readonly wishedWidth: number;
  /** Full width of the interval that was reached. */
  readonly reachedWidth: Estimate;
  /** Whether the interval is as narrow as wished; null where it does not exist. */
  readonly isMet: boolean | null;
}

/** What the criteria need to know of a cohort. */
export interface AdequacyInput {
  readonly prevalence: number | null;
  readonly auc: Estimate;
  readonly observedExpected: Estimate;
  readonly slope: Estimate;
  readonly linearPredictor: { readonly mean: number | null; readonly sd: number | null };
}

/** Wished widths of 95 % intervals, as Riley et al. propose. */
const WIDTHS = { 'O:E': 0.2, 'calibration slope': 0.2, 'C statistic': 0.1 } as const;

/**
 * Was the cohort large enough? By the precision of O:E, slope and C statistic, before (needed) and after (reached).
 *
 * @see Riley et al., Stat Med 40 (2021)
 */
export function sampleAdequacy(input: AdequacyInput): AdequacyItem[] {
  const reached = { 'O:E': input.observedExpected, 'calibration slope': input.slope, 'C statistic': input.auc };
  const needed = neededSizes(input);
  return (Object.keys(WIDTHS) as (keyof typeof WIDTHS)[]).map((measure) => {
    const { interval, reason } = reached[measure];
    const width = interval === null ? null : interval[1] - interval[0];
    return {
      measure,
      needed: plainEstimate(
        needed?.find((one) => one.measure === measure)?.n,
        'patients for the wished width (Riley 2021), by the event rate, C and linear predictor seen here',
        'one class, one risk for all, or a C statistic of 0 or 1',
      ),
      wishedWidth: WIDTHS[measure],
      reachedWidth:
        width === null
          ? notEstimable('full width of the interval', reason ?? 'no interval')
          : plainEstimate(width, 'full width of the interval', 'no interval'),
      isMet: width === null ? null : width <= WIDTHS[measure],
    };
  });
}

function neededSizes({ prevalence, auc, linearPredictor: { mean, sd } }: AdequacyInput) {
  const c = auc.value;
  const isShare = (value: number | null): value is number => value !== null && value > 0 && value < 1;
  if (!isShare(prevalence) || !isShare(c) || mean === null || sd === null || !(sd > 0)) return null;
  return validationSize({
    prevalence,
    c,
    linearPredictor: { mean, sd },
    oeWidth: WIDTHS['O:E'],
    slopeWidth: WIDTHS['calibration slope'],
    cWidth: WIDTHS['C statistic'],
  }).criteria;
}
