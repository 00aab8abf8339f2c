import { choleskyFactor, choleskySolve, matrix } from '@concord/numeric';

/** Means by class and the common covariance, with the prior of each class. */
export interface LinearDiscriminant {
  readonly classCount: number;
  readonly means: readonly Float64Array[];
  readonly priors: readonly number[];
  /** Weights and constant of each class's linear score. */
  readonly weights: readonly Float64Array[];
  readonly constants: readonly number[];
}

/**
 * Fisher's linear discriminant: common covariance inside classes, divisor rows − classes.
 *
 * @param columns one array a variable, complete
 * @param classes class of each row, 0 … classCount − 1; `rows` are those to learn from
 * @throws {NotPositiveDefiniteError} if variables follow from each other inside classes
 */
export function fitDiscriminant(
  columns: readonly Float64Array[],
  classes: Uint32Array,
  classCount: number,
  rows: ArrayLike<number>,
  priors?: readonly number[],
): LinearDiscriminant {
  const d = columns.length;
  const counts = new Array<number>(classCount).fill(0);
  const means = Array.from({ length: classCount }, () => new Float64Array(d));
  for (let k = 0; k < rows.length; k++) counts[classes[rows[k]]]++;
  for (let j = 0; j < d; j++) {
    for (let k = 0; k < rows.length; k++) means[classes[rows[k]]][j] += columns[j][rows[k]];
    for (let c = 0; c < classCount; c++) if (counts[c] > 0) means[c][j] /= counts[c];
  }
  const covariance = matrix(d, d);
  const present = counts.filter((count) => count > 0).length;
  for (let i = 0; i < d; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = 0;
      for (let k = 0; k < rows.length; k++) {
        const own = means[classes[rows[k]]];
        sum += (columns[i][rows[k]] - own[i]) * (columns[j][rows[k]] - own[j]);
      }
      covariance.data[j * d + i] = covariance.data[i * d + j] = sum / (rows.length - present);
    }
  }
  const factor = choleskyFactor(covariance);
  const shares = priors ?? counts.map((count) => count / rows.length);
  const weights = means.map((own) => choleskySolve(factor, own));
  const constants = means.map((own, c) => {
    const half = own.reduce((sum, value, j) => sum + value * weights[c][j], 0) / 2;
    return counts[c] > 0 ? Math.log(shares[c]) - half : -Infinity;
  });
  return { classCount, means, priors: shares, weights, constants };
}

/** Probability of each class in a row. */
export function discriminantPosterior(
  model: LinearDiscriminant,
  columns: readonly Float64Array[],
  row: number,
): number[] {
  const scores = model.constants.map((constant, c) =>
    columns.reduce((sum, column, j) => sum + model.weights[c][j] * column[row], constant),
  );
  const largest = Math.max(...scores);
  const parts = scores.map((score) => Math.exp(score - largest));
  const total = parts.reduce((sum, part) => sum + part, 0);
  return parts.map((part) => part / total);
}

/** Share of rows whose class is found when each is left out in turn; the priors are the class shares of all rows. */
export function leaveOneOutAccuracy(
  columns: readonly Float64Array[],
  classes: Uint32Array,
  classCount: number,
): { accuracy: number; balancedAccuracy: number } {
  const n = classes.length;
  const counts = new Array<number>(classCount).fill(0);
  for (const c of classes) counts[c]++;
  const priors = counts.map((count) => count / n);
  const right = new Array<number>(classCount).fill(0);
  const others = new Uint32Array(n - 1);
  for (let row = 0; row < n; row++) {
    for (let k = 0; k < n - 1; k++) others[k] = k < row ? k : k + 1;
    const posterior = discriminantPosterior(
      fitDiscriminant(columns, classes, classCount, others, priors),
      columns,
      row,
    );
    if (posterior.indexOf(Math.max(...posterior)) === classes[row]) right[classes[row]]++;
  }
  return {
    accuracy: right.reduce((sum, value) => sum + value, 0) / n,
    balancedAccuracy: right.reduce((sum, value, c) => sum + value / counts[c], 0) / classCount,
  };
}
