import { quantileOfSorted } from '@concord/numeric';
import { aucSums, type AucSums } from '../auc.js';
import { logitsOf } from '../calibration.js';
import { ValidationInputError } from '../errors.js';
import { splineColumns } from '../spline.js';
import { scoreHistogram } from './histogram-auc.js';
import { logisticSums, type NewtonSums } from './newton-sums.js';

/** What is fixed before any site is asked: the same at every site. */
export interface SumsPlan {
  /** Ascending edges from 0 to 1 of the common bins; the thresholds are added to them. */
  readonly edges: readonly number[];
  /** As locked; null if the model was locked without one. */
  readonly threshold: number | null;
  readonly decisionThresholds: readonly number[];
  /** Cells of 1 to this less one do not leave a site: 1 lets every count out, 5 is usual. */
  readonly leastCell: number;
}

/** Counts of one site in its own bins, which are unions of the common ones. */
export interface CoarseHistogram {
  /** One more than there are bins; the last bin is closed. */
  readonly edges: readonly number[];
  readonly events: readonly number[];
  readonly nonEvents: readonly number[];
}

/** All that one site says in the first round: counts and sums, no patient's value. */
export interface ScoreSums {
  readonly n: number;
  readonly events: number;
  readonly histogram: CoarseHistogram;
  /** Over the pairs of this site: exact, with DeLong's variance. */
  readonly within: AucSums;
  /** Σ p, Σ (y - p)², Σ (y - p)⁴, -log likelihood, Σ logit, Σ logit². */
  readonly risk: number;
  readonly squares: number;
  readonly fourths: number;
  readonly logLoss: number;
  readonly logit: number;
  readonly logitSquares: number;
}

/** Why a site's sums may not leave it. */
export interface WithheldSums {
  readonly withheld: string;
}

/**
 * Edges that hold about as many patients each, read off the risks that the locked model gave its development patients:
 * known before any site is asked, and tighter for the AUC than bins of equal width.
 *
 * @param count bins, fewer where risks repeat
 */
export function edgesFrom(developmentRisks: Float64Array, count: number): number[] {
  const sorted = Float64Array.from(developmentRisks).sort();
  const inner = Array.from({ length: count - 1 }, (_, k) => quantileOfSorted(sorted, (k + 1) / count));
  return [...new Set([0, ...inner.filter((edge) => edge > 0 && edge < 1), 1])];
}

/** Edges of the common bins with the locked thresholds among them. */
export function edgesOf({ edges, threshold, decisionThresholds }: SumsPlan): number[] {
  const inside = [...edges, ...decisionThresholds, ...(threshold === null ? [] : [threshold])];
  return [...new Set(inside.filter((edge) => edge >= 0 && edge <= 1))].sort((a, b) => a - b);
}

/**
 * The sums of one site.
 *
 * Bins are merged with their neighbours until no count of a class is between 1 and the least cell; a site with fewer
 * events, or others, than that says nothing but why.
 *
 * @param risks probabilities; @param outcomes 0 or 1
 * @throws {ValidationInputError} if a risk is no probability, or the plan has no bins
 */
export function scoreSums(risks: Float64Array, outcomes: Uint8Array, plan: SumsPlan): ScoreSums | WithheldSums {
  const edges = edgesOf(plan);
  if (edges.length < 2 || !risks.every((risk) => risk >= 0 && risk <= 1)) {
    const fix = 'Give risks as probabilities, and edges from 0 to 1.';
    throw new ValidationInputError('the bins or the risks do not lie in 0 to 1', 'scoreSums(risks, plan)', fix);
  }
  const n = risks.length;
  const events = outcomes.reduce((sum, y) => sum + y, 0);
  const isSmall = (count: number) => count > 0 && count < plan.leastCell;
  if (isSmall(events) || isSmall(n - events)) {
    return { withheld: `fewer than ${plan.leastCell} patients of a class` };
  }
  const { logits } = logitsOf(risks);
  let [risk, squares, fourths, logLoss, logit, logitSquares] = [0, 0, 0, 0, 0, 0];
  for (let i = 0; i < n; i++) {
    const square = (outcomes[i] - risks[i]) ** 2;
    const eta = outcomes[i] === 1 ? -logits[i] : logits[i];
    risk += risks[i];
    squares += square;
    fourths += square * square;
    logLoss += eta > 0 ? eta + Math.log1p(Math.exp(-eta)) : Math.log1p(Math.exp(eta));
    logit += logits[i];
    logitSquares += logits[i] * logits[i];
  }
  const histogram = coarsened({ edges, ...scoreHistogram(risks, outcomes, edges) }, plan.leastCell);
  return {
    n,
    events,
    histogram,
    within: aucSums(risks, outcomes),
    risk,
    squares,
    fourths,
    logLoss,
    logit,
    logitSquares,
  };
}

/** Merges bins from the left until every count of a class is 0 or at least `least`; the rest joins the last bin. */
export function coarsened(histogram: CoarseHistogram, least: number): CoarseHistogram {
  const isOpen = (count: number) => count > 0 && count < least;
  const bins: { from: number; to: number; events: number; nonEvents: number }[] = [];
  histogram.events.forEach((events, k) => {
    const bin = { from: histogram.edges[k], to: histogram.edges[k + 1], events, nonEvents: histogram.nonEvents[k] };
    const last = bins.at(-1);
    if (last === undefined || !(isOpen(last.events) || isOpen(last.nonEvents))) bins.push(bin);
    else bins[bins.length - 1] = merged(last, bin);
  });
  for (let last = bins.at(-1); last && bins.length > 1 && (isOpen(last.events) || isOpen(last.nonEvents));) {
    bins.splice(-2, 2, merged(bins[bins.length - 2], last));
    last = bins.at(-1);
  }
  return {
    edges: [...bins.map(({ from }) => from), bins.at(-1)?.to ?? 1],
    events: bins.map(({ events }) => events),
    nonEvents: bins.map(({ nonEvents }) => nonEvents),
  };
}

interface Bin {
  readonly from: number;
  readonly to: number;
  readonly events: number;
  readonly nonEvents: number;
}

function merged(a: Bin, b: Bin): Bin {
  return { from: a.from, to: b.to, events: a.events + b.events, nonEvents: a.nonEvents + b.nonEvents };
}

/** The models of calibration that are fitted by rounds of sums, all of them in the same round. */
export interface CalibrationStep {
  readonly intercept: ArrayLike<number>;
  readonly slope: ArrayLike<number>;
  /** Null where the pooled histogram gave no three different knots. */
  readonly spline: { readonly coefficients: ArrayLike<number>; readonly knots: readonly number[] } | null;
}

export interface CalibrationSums {
  readonly intercept: NewtonSums;
  readonly slope: NewtonSums;
  readonly spline: NewtonSums | null;
  /** Σ |p - smoothed risk| at the spline's coefficients: the ICI in one round with the last step. */
  readonly distance: number;
}

/** One site's part of one round: gradients and information of the three models at the current coefficients. */
export function calibrationSums(risks: Float64Array, outcomes: Uint8Array, step: CalibrationStep): CalibrationSums {
  const { logits } = logitsOf(risks);
  const ones = new Float64Array(risks.length).fill(1);
  const { spline } = step;
  const columns = spline ? [ones, ...splineColumns(logits, [...spline.knots])] : [];
  let distance = 0;
  if (spline) {
    for (let i = 0; i < risks.length; i++) {
      let eta = 0;
      for (let j = 0; j < columns.length; j++) eta += spline.coefficients[j] * columns[j][i];
      distance += Math.abs(risks[i] - 1 / (1 + Math.exp(-eta)));
    }
  }
  return {
    intercept: logisticSums([ones], outcomes, step.intercept, logits),
    slope: logisticSums([ones, logits], outcomes, step.slope),
    spline: spline ? logisticSums(columns, outcomes, spline.coefficients) : null,
    distance,
  };
}
