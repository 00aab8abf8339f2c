/**
 * The AUC that the predicted risks themselves promise in these patients: what a right model would reach with this case
 * mix. O(n log n).
 *
 * Sum over pairs i ≠ j of p_i (1 - p_j) [p_i > p_j, ½ if equal], divided by the sum of p_i (1 - p_j).
 *
 * @param risks probabilities
 * @returns null where no pair has weight (one patient, or all risks 0 or all 1)
 * @see van Klaveren et al., Stat Med 35 (2016)
 */
export function modelBasedConcordance(risks: Float64Array): number | null {
  const sorted = Float64Array.from(risks).sort();
  let [above, pairs, lowerOdds, rest] = [0, 0, 0, 0];
  for (const risk of sorted) rest += 1 - risk;
  for (let start = 0; start < sorted.length;) {
    let end = start;
    while (end < sorted.length && sorted[end] === sorted[start]) end++;
    const risk = sorted[start];
    const size = end - start;
    above += size * risk * lowerOdds + (size * (size - 1) * risk * (1 - risk)) / 2;
    pairs += size * risk * (rest - (1 - risk));
    lowerOdds += size * (1 - risk);
    start = end;
  }
  return pairs > 0 ? above / pairs : null;
}
