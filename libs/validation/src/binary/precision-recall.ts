/** Three areas under the precision-recall curve that are called the same; the prevalence is what chance reaches. */
export interface PrecisionRecall {
  readonly prevalence: number;
  /** Sum of precision times the step of recall over distinct scores. */
  readonly averagePrecision: number;
  /** True and false positives linear between distinct scores, integrated in closed form. */
  readonly integral: number;
  /** The same path at every whole true positive, joined by straight lines. */
  readonly davisGoadrich: number;
}

/**
 * Areas under the precision-recall curve. O(n log n).
 *
 * @returns null where a class has no patient
 * @see Davis and Goadrich, ICML 2006; Keilwagen, Grosse and Grau, PLoS One 9 (2014)
 */
export function precisionRecall(scores: Float64Array, outcomes: Uint8Array): PrecisionRecall | null {
  const n = scores.length;
  let events = 0;
  for (let i = 0; i < n; i++) events += outcomes[i];
  if (events === 0 || events === n) return null;
  const order = Uint32Array.from(scores.keys()).sort((a, b) => scores[b] - scores[a]);
  let [averagePrecision, integral, davisGoadrich] = [0, 0, 0];
  let [truePositives, falsePositives] = [0, 0];
  for (let start = 0; start < n;) {
    let end = start;
    let gained = 0;
    while (end < n && scores[order[end]] === scores[order[start]]) gained += outcomes[order[end++]];
    const step = { tp: truePositives, fp: falsePositives, gained, wrong: end - start - gained };
    truePositives += gained;
    falsePositives += step.wrong;
    if (gained > 0) {
      averagePrecision += (gained / events) * (truePositives / (truePositives + falsePositives));
      integral += integralOf(step) / events;
      davisGoadrich += polylineOf(step) / events;
    }
    start = end;
  }
  return { prevalence: events / n, averagePrecision, integral, davisGoadrich };
}

/** From (tp, fp) to (tp + gained, fp + wrong) along a straight line. */
interface Step {
  readonly tp: number;
  readonly fp: number;
  readonly gained: number;
  readonly wrong: number;
}

/** ∫ x / (m x + d) dx over the true positives of the step. */
function integralOf({ tp, fp, gained, wrong }: Step): number {
  const slope = wrong / gained;
  const m = 1 + slope;
  const d = fp - slope * tp;
  const primitive = (x: number) => x / m - (d === 0 ? 0 : (d / (m * m)) * Math.log(m * x + d));
  return primitive(tp + gained) - primitive(tp);
}

function polylineOf({ tp, fp, gained, wrong }: Step): number {
  const slope = wrong / gained;
  const precision = (x: number) => {
    const positives = x + fp + slope * (x - tp);
    // At the origin the line has the precision of its direction.
    return positives === 0 ? 1 / (1 + slope) : x / positives;
  };
  let sum = 0;
  for (let x = tp; x < tp + gained; x++) sum += (precision(x) + precision(x + 1)) / 2;
  return sum;
}
