import { findRoot } from '@concord/numeric';
import { ModelInputError } from './errors.js';
import { prettyNumbers } from './pretty.js';

/** One predictor's ruler: values and the points they give. */
export interface NomogramAxis {
  readonly feature: string;
  readonly values: readonly number[];
  /** Of the linear predictor at each value. */
  readonly contributions: readonly number[];
  readonly points: readonly number[];
}

/**
 * A linear predictor as points that can be added by hand, and exactly by machine.
 *
 * points of a patient = Σ (coefficient · value - minimum) · pointsPerUnit; linear predictor = points / pointsPerUnit + zero.
 */
export interface Nomogram {
  readonly format: 'concord.nomogram/1';
  readonly axes: readonly NomogramAxis[];
  readonly pointsPerUnit: number;
  /** Linear predictor (without centre and intercept) at zero points. */
  readonly zero: number;
  readonly totalPoints: readonly number[];
  /** Ruler of the linear predictor as it was given: less `centre`, plus the intercept. */
  readonly linearPredictor: { readonly values: readonly number[]; readonly points: readonly number[] };
}

/** A predictor of the model and the development patients' values of it. */
export interface NomogramPredictor {
  readonly feature: string;
  readonly coefficient: number;
  readonly values: Float64Array;
}

const TICKS = 10;

/**
 * Builds the rulers over the range of the development patients: the widest effect spans 0 to 100 points.
 *
 * @param shift added to Σ coefficient · value to give the linear predictor that the reader knows: the intercept, or minus
 *   the centre of a Cox model
 * @throws {ModelInputError} if there is no predictor, or all effects are zero
 * @see Harrell, Regression Modeling Strategies (2015), 5.3
 */
export function buildNomogram(predictors: readonly NomogramPredictor[], shift: number): Nomogram {
  const axes = predictors.map(({ feature, coefficient, values }) => {
    const distinct = [...new Set(values)].sort((a, b) => a - b);
    const ticks = distinct.length === 2 ? distinct : prettyNumbers(distinct[0], distinct[distinct.length - 1], TICKS);
    return { feature, values: ticks, contributions: ticks.map((value) => coefficient * value) };
  });
  const least = axes.map(({ contributions }) => Math.min(...contributions));
  const widest = axes.reduce((most, { contributions }, i) => Math.max(most, Math.max(...contributions) - least[i]), 0);
  if (!(widest > 0)) {
    throw new ModelInputError(
      'no predictor changes the risk',
      'buildNomogram(predictors)',
      'A nomogram needs an effect.',
    );
  }
  const pointsPerUnit = 100 / widest;
  const zero = least.reduce((sum, value) => sum + value, 0);
  const rows = predictors[0].values.map((_, i) =>
    predictors.reduce((sum, { coefficient, values }) => sum + coefficient * values[i], shift),
  );
  const [low, high] = [rows.reduce((a, b) => Math.min(a, b)), rows.reduce((a, b) => Math.max(a, b))];
  const values = prettyNumbers(low, high, TICKS);
  const points = values.map((value) => (value - shift - zero) * pointsPerUnit);
  return {
    format: 'concord.nomogram/1',
    axes: axes.map((axis, i) => ({
      ...axis,
      points: axis.contributions.map((contribution) => (contribution - least[i]) * pointsPerUnit),
    })),
    pointsPerUnit,
    zero,
    totalPoints: prettyNumbers(0, points[points.length - 1], TICKS),
    linearPredictor: { values, points },
  };
}

/** Points of a patient, exactly; beyond the end of a ruler a warning names the predictor. */
export interface PatientPoints {
  readonly points: number;
  readonly linear: number;
  readonly beyond: readonly string[];
}

/**
 * @param values one for each axis, in their order
 * @throws {ModelInputError} if a value is missing
 */
export function nomogramPoints(nomogram: Nomogram, values: readonly number[]): PatientPoints {
  const beyond: string[] = [];
  let points = 0;
  nomogram.axes.forEach((axis, i) => {
    const value = values[i];
    if (!Number.isFinite(value)) {
      throw new ModelInputError(
        `${axis.feature} is missing`,
        'nomogramPoints(values)',
        'Give a value for each predictor.',
      );
    }
    const last = axis.values.length - 1;
    const [first, end] = [axis.values[0], axis.values[last]];
    if (value < first || value > end) beyond.push(axis.feature);
    const perValue = (axis.points[last] - axis.points[0]) / (end - first);
    points += axis.points[0] + (value - first) * perValue;
  });
  return { points, linear: points / nomogram.pointsPerUnit + nomogram.zero, beyond };
}

/**
 * A ruler of risk or survival beside the total points: round values within reach, and the points where they lie.
 *
 * @param outcome monotone function of the linear predictor as on the `linearPredictor` ruler
 */
export function outcomeRuler(
  nomogram: Nomogram,
  outcome: (linear: number) => number,
): { readonly values: readonly number[]; readonly points: readonly number[] } {
  const { values: ruler, points: rulerPoints } = nomogram.linearPredictor;
  const [first, last] = [ruler[0], ruler[ruler.length - 1]];
  const ends = [outcome(first), outcome(last)];
  const [low, high] = [Math.min(...ends), Math.max(...ends)];
  const values = prettyNumbers(low, high, TICKS).filter((value) => value > low && value < high);
  const perUnit = nomogram.pointsPerUnit;
  const points = values.map((value) => {
    const linear = findRoot((x) => outcome(x) - value, first, last, 0).value;
    return rulerPoints[0] + (linear - first) * perUnit;
  });
  return { values, points };
}
