import { ascendingIndex } from '@concord/validation';
import type { Family } from './path-state.js';

const { exp, log, max } = Math;

const LEAST_WEIGHT = 1e-12;

/**
 * Partial likelihood with Breslow's ties, weights from the diagonal of its second derivative (Simon, Friedman, Hastie
 * and Tibshirani, J Stat Softw 39(5), 2011).
 *
 * @param times @param events of the training rows, at least one event
 */
export function coxFamily(times: Float64Array, events: Uint8Array): Family {
  const n = times.length;
  const order = ascendingIndex(times);
  // Groups of equal times: first position of each, and how many events it holds.
  const starts: number[] = [];
  const deaths: number[] = [];
  for (let k = 0; k < n; k++) {
    if (k === 0 || times[order[k]] !== times[order[k - 1]]) {
      starts.push(k);
      deaths.push(0);
    }
    deaths[deaths.length - 1] += events[order[k]];
  }
  const groups = starts.length;
  const atRisk = new Float64Array(groups);
  const score = new Float64Array(n);
  // A saturated model puts all the risk of a time on those who die then.
  const saturated = deaths.reduce((sum, d) => sum - (d > 0 ? d * log(d) : 0), 0);
  const sums = (linear: Float64Array): number => {
    let top = -Infinity;
    for (let i = 0; i < n; i++) top = max(top, linear[i]);
    let total = 0;
    let k = n - 1;
    for (let g = groups - 1; g >= 0; g--) {
      for (; k >= starts[g]; k--) total += score[order[k]] = exp(linear[order[k]] - top);
      atRisk[g] = total;
    }
    return top;
  };
  const deviance = (linear: Float64Array): number => {
    const top = sums(linear);
    let value = 0;
    for (let i = 0; i < n; i++) if (events[i] === 1) value += linear[i] - top;
    for (let g = 0; g < groups; g++) if (deaths[g] > 0) value -= deaths[g] * log(atRisk[g]);
    return (2 * (saturated - value)) / n;
  };
  return {
    hasIntercept: false,
    flatness: { steps: 4, gain: 1e-3 },
    nullIntercept: 0,
    nullDeviance: deviance(new Float64Array(n)),
    refresh(linear, residual, weight) {
      sums(linear);
      let [hazard, square] = [0, 0];
      for (let g = 0; g < groups; g++) {
        if (deaths[g] > 0) {
          hazard += deaths[g] / atRisk[g];
          square += deaths[g] / (atRisk[g] * atRisk[g]);
        }
        const end = g + 1 < groups ? starts[g + 1] : n;
        for (let k = starts[g]; k < end; k++) {
          const i = order[k];
          const expected = score[i] * hazard;
          residual[i] = events[i] - expected;
          weight[i] = max(expected - score[i] * score[i] * square, LEAST_WEIGHT);
        }
      }
    },
    deviance,
    information: (x, active) => informationOf({ n, order, starts, deaths, atRisk, score }, x, active),
  };
}

interface Risks {
  readonly n: number;
  readonly order: Uint32Array;
  readonly starts: readonly number[];
  readonly deaths: readonly number[];
  readonly atRisk: Float64Array;
  readonly score: Float64Array;
}

/** Σ over rows of hazard · x x' less Σ over times with events of d · mean mean'. */
function informationOf(risks: Risks, x: Float64Array, active: readonly number[]): Float64Array {
  const { n, order, starts, deaths, atRisk, score } = risks;
  const size = active.length;
  const result = new Float64Array(size * size);
  const sums = new Float64Array(size);
  const hazards = new Float64Array(n);
  let hazard = 0;
  for (let g = 0; g < starts.length; g++) {
    if (deaths[g] > 0) hazard += deaths[g] / atRisk[g];
    const end = g + 1 < starts.length ? starts[g + 1] : n;
    for (let k = starts[g]; k < end; k++) hazards[order[k]] = hazard * score[order[k]];
  }
  const weighted = new Float64Array(n);
  for (let a = 0; a < size; a++) {
    const first = active[a] * n;
    for (let i = 0; i < n; i++) weighted[i] = hazards[i] * x[first + i];
    for (let b = 0; b <= a; b++) {
      const second = active[b] * n;
      let sum = 0;
      for (let i = 0; i < n; i++) sum += weighted[i] * x[second + i];
      result[a * size + b] = sum;
    }
  }
  for (let g = starts.length - 1, k = n - 1; g >= 0; g--) {
    for (; k >= starts[g]; k--) {
      const row = order[k];
      for (let a = 0; a < size; a++) sums[a] += score[row] * x[active[a] * n + row];
    }
    if (deaths[g] === 0) continue;
    const factor = deaths[g] / (atRisk[g] * atRisk[g]);
    for (let a = 0; a < size; a++) {
      const scaled = factor * sums[a];
      for (let b = 0; b <= a; b++) result[a * size + b] -= scaled * sums[b];
    }
  }
  return result;
}
