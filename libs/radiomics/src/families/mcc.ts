import { matrix, symmetricEigen } from '@concord/numeric';
import { undefinedBecause } from '../feature-value.js';
import type { MatrixFeatures } from './aggregate.js';
import { NO_PAIRS, pairCount } from './glcm.js';

/**
 * Maximum correlation coefficient of the co-occurrence matrix (Haralick 1973, feature 14; not in IBSI): the root of the
 * second largest eigenvalue of Q(i, j) = sum over k of p(i, k) p(j, k) / (px(i) py(k)). One grey level gives 1, as in
 * PyRadiomics. Cubic in the number of grey levels.
 *
 * As p is symmetric, Q is similar to the square of S(i, j) = p(i, j) / sqrt(px(i) px(j)), whose largest eigenvalue is 1.
 */
export const mcc: MatrixFeatures<Uint32Array> = (counts, { levelOf }) => {
  const levelCount = levelOf.length;
  const width = levelCount + 1;
  if (pairCount(counts, levelCount) === 0) return [undefinedBecause(NO_PAIRS)];
  const either = (a: number, b: number): number => counts[a * width + b] + counts[b * width + a];
  const marginal = new Float64Array(width);
  for (let a = 1; a <= levelCount; a++) for (let b = 1; b <= levelCount; b++) marginal[a] += either(a, b);
  const present: number[] = [];
  for (let a = 1; a <= levelCount; a++) if (marginal[a] > 0) present.push(a);
  if (present.length === 1) return [1];
  const size = present.length;
  const scaled = new Float64Array(size * size);
  present.forEach((a, i) =>
    present.forEach((b, j) => (scaled[j * size + i] = either(a, b) / Math.sqrt(marginal[a] * marginal[b]))),
  );
  const { values } = symmetricEigen(matrix(size, size, scaled));
  return [secondLargest(values)];
};

/** Of absolute values; the eigenvalue 1 itself may come twice. */
function secondLargest(values: Float64Array): number {
  const sorted = values.map(Math.abs).sort();
  return sorted[sorted.length - 2];
}
