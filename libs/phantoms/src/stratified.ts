import { normalQuantile, shuffleInPlace, type RandomSource } from '@concord/numeric';

/**
 * Standard normal scores, one in each of `count` equally likely strata, in random order.
 *
 * Each group of patients then has nearly the same distribution whatever the seed, so that sites differ by their
 * scanners and not by chance.
 */
export function stratifiedNormals(source: RandomSource, count: number): Float64Array {
  const scores = stratifiedUniforms(source, count).map((probability) => normalQuantile(probability));
  shuffleInPlace(source, scores);
  return scores;
}

/** Numbers in (0, 1), ascending: one in the middle 80 % of each of `count` equal strata. */
export function stratifiedUniforms(source: RandomSource, count: number): Float64Array {
  return Float64Array.from({ length: count }, (_, index) => (index + 0.1 + 0.8 * source.next()) / count);
}

/**
 * Reorders `values` so that they correlate little with each of `others`: the best of 40 random orders.
 *
 * Plain shuffling leaves correlations near 1 / sqrt(n), which would make the biology of one seed far weaker than
 * that of another.
 */
export function decorrelateInPlace(source: RandomSource, values: Float64Array, others: readonly Float64Array[]): void {
  let best = values.slice();
  let smallest = Infinity;
  for (let attempt = 0; attempt < 40; attempt++) {
    shuffleInPlace(source, values);
    const sum = others.reduce((total, other) => total + correlation(values, other) ** 2, 0);
    if (sum < smallest) {
      smallest = sum;
      best = values.slice();
    }
  }
  values.set(best);
}

/**
 * Draws outcomes of the given probabilities by systematic sampling in their order: the number of events is the
 * expected one, rounded up or down, and so is that of every run of neighbours.
 *
 * @returns 0 or 1 for each probability
 * @see Madow, Ann. Math. Stat. 20 (1949) 333-354
 */
export function systematicOutcomes(source: RandomSource, probabilities: Float64Array): Uint8Array {
  const order = [...probabilities.keys()].sort((a, b) => probabilities[a] - probabilities[b] || a - b);
  const outcomes = new Uint8Array(probabilities.length);
  const start = source.next();
  let cumulated = 0;
  for (const index of order) {
    const before = Math.floor(cumulated + start);
    cumulated += probabilities[index];
    outcomes[index] = Math.floor(cumulated + start) > before ? 1 : 0;
  }
  return outcomes;
}

function correlation(a: Float64Array, b: Float64Array): number {
  const meanA = a.reduce((sum, value) => sum + value, 0) / a.length;
  const meanB = b.reduce((sum, value) => sum + value, 0) / b.length;
  let ab = 0;
  let aa = 0;
  let bb = 0;
  for (let index = 0; index < a.length; index++) {
    ab += (a[index] - meanA) * (b[index] - meanB);
    aa += (a[index] - meanA) ** 2;
    bb += (b[index] - meanB) ** 2;
  }
  return aa * bb > 0 ? ab / Math.sqrt(aa * bb) : 0;
}
