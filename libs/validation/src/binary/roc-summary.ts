import type { RocPoint } from '../risk-distribution.js';

/** Area under a part of the ROC curve, and McClish's standardisation to 0.5 (no use) … 1. */
export interface PartialAuc {
  readonly area: number;
  /** Null where the part lies below the diagonal: the standardisation is not defined there. */
  readonly standardized: number | null;
}

/** A threshold read off validation data. It is exploratory by nature and never locked. */
export interface ExploratoryThreshold {
  /** Midpoint between neighbouring scores; positive if the score is above it. */
  readonly threshold: number | null;
  readonly sensitivity: number;
  readonly specificity: number;
}

/**
 * The ROC curve with thresholds between the scores, from the lowest to the highest: a patient is positive above it.
 *
 * @param points of `rocPoints`, from the highest threshold to the lowest
 */
export function rocBetweenScores(points: readonly RocPoint[]): ExploratoryThreshold[] {
  const last = points.length - 1;
  return [...points.keys()].reverse().map((i) => {
    const { sensitivity, specificity, threshold } = points[i];
    const above = threshold;
    const below = i < last ? points[i + 1].threshold : null;
    const middle = above === null || below === null ? null : (above + below) / 2;
    return { threshold: middle, sensitivity, specificity };
  });
}

/**
 * Area over specificity, or over sensitivity, from `low` to 1, by trapezoids on the polyline.
 *
 * @param points of `rocPoints`; empty where a class has no patient, then null
 * @see McClish, Med Decis Making 9 (1989)
 */
export function partialAuc(
  points: readonly RocPoint[],
  over: 'specificity' | 'sensitivity',
  low: number,
): PartialAuc | null {
  if (points.length === 0) return null;
  const [along, across] =
    over === 'specificity' ? (['specificity', 'sensitivity'] as const) : (['sensitivity', 'specificity'] as const);
  let area = 0;
  for (let i = 1; i < points.length; i++) {
    const [a, b] = [points[i - 1], points[i]];
    const [from, to] = a[along] < b[along] ? [a, b] : [b, a];
    const [x0, x1] = [from[along], to[along]];
    if (x1 <= low || x0 === x1) continue;
    const at = (x: number) => from[across] + ((to[across] - from[across]) * (x - x0)) / (x1 - x0);
    const start = Math.max(x0, low);
    area += ((x1 - start) * (at(start) + to[across])) / 2;
  }
  const width = 1 - low;
  const least = (width * width) / 2;
  return { area, standardized: area < least ? null : (1 + (area - least) / (width - least)) / 2 };
}

/** Thresholds of the largest Youden index, all of them where several tie. For exploration only. */
export function youdenThresholds(points: readonly RocPoint[]): ExploratoryThreshold[] {
  return bestOf(rocBetweenScores(points), ({ sensitivity, specificity }) => sensitivity + specificity);
}

/** Thresholds whose point is nearest to sensitivity and specificity 1. For exploration only. */
export function closestThresholds(points: readonly RocPoint[]): ExploratoryThreshold[] {
  return bestOf(
    rocBetweenScores(points),
    ({ sensitivity, specificity }) => -((1 - sensitivity) ** 2 + (1 - specificity) ** 2),
  );
}

function bestOf(curve: readonly ExploratoryThreshold[], worth: (point: ExploratoryThreshold) => number) {
  const best = curve.reduce((most, point) => Math.max(most, worth(point)), -Infinity);
  return curve.filter((point) => worth(point) === best);
}
