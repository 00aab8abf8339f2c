import { ascendingIndex } from '../order.js';
import { stepAt } from '../survival/kaplan-meier.js';
import type { CausesData } from '../survival/time-dependent.js';

/** Aalen and Johansen's cumulative incidence of causes 1 and 2: right-continuous steps at the times with events. */
export interface CumulativeIncidence {
  readonly times: Float64Array;
  readonly first: Float64Array;
  readonly second: Float64Array;
  readonly firstVariance: Float64Array;
}

/**
 * @param data at least one patient; causes 0 (end of follow-up), 1, 2
 * @see Aalen and Johansen 1978; variance as Aalen 1978 (the infinitesimal jackknife of the estimate)
 */
export function cumulativeIncidence({ times, causes }: CausesData): CumulativeIncidence {
  const n = times.length;
  const order = ascendingIndex(times);
  const steps: { time: number; atRisk: number; d1: number; d2: number; before: number; f1: number; f2: number }[] = [];
  let [survival, f1, f2] = [1, 0, 0];
  for (let start = 0; start < n;) {
    let end = start;
    let [d1, d2] = [0, 0];
    for (; end < n && times[order[end]] === times[order[start]]; end++) {
      if (causes[order[end]] === 1) d1++;
      else if (causes[order[end]] === 2) d2++;
    }
    const atRisk = n - start;
    if (d1 + d2 > 0) {
      const before = survival;
      f1 += (survival * d1) / atRisk;
      f2 += (survival * d2) / atRisk;
      survival *= 1 - (d1 + d2) / atRisk;
      steps.push({ time: times[order[start]], atRisk, d1, d2, before, f1, f2 });
    }
    start = end;
  }
  return {
    times: Float64Array.from(steps, ({ time }) => time),
    first: Float64Array.from(steps, (step) => step.f1),
    second: Float64Array.from(steps, (step) => step.f2),
    firstVariance: varianceOf(steps),
  };
}

/**
 * Delta-method variance at every step: Σ_u of (F(t) - F(u))² terms expanded, so that one pass suffices.
 */
function varianceOf(
  steps: readonly { atRisk: number; d1: number; d2: number; before: number; f1: number }[],
): Float64Array {
  let [a, b, c] = [0, 0, 0];
  return Float64Array.from(steps, ({ atRisk, d1, d2, before, f1 }) => {
    const d = d1 + d2;
    const rest = atRisk - d;
    // With nobody left behind the terms of survivors vanish.
    const hazard = rest > 0 ? d / (atRisk * rest) : 0;
    const cross = (before * d1) / (atRisk * atRisk);
    a += hazard;
    b += f1 * hazard + cross;
    c += f1 * f1 * hazard + 2 * f1 * cross + (before * before * d1 * (atRisk - d1)) / atRisk ** 3;
    return f1 * f1 * a - 2 * f1 * b + c;
  });
}

/** Incidences at a time. */
export function incidencePoint(curve: CumulativeIncidence, time: number) {
  const at = stepAt(curve.times, time);
  if (at < 0) return { time, incidence: 0, competing: 0, standardError: 0 };
  return {
    time,
    incidence: curve.first[at],
    competing: curve.second[at],
    standardError: Math.sqrt(Math.max(0, curve.firstVariance[at])),
  };
}

/** On the scale of log(-log(1 - F)); none at 0 and 1. */
export function incidenceBounds(value: number, error: number, z: number): readonly [number, number] | null {
  if (!(value > 0 && value < 1)) return null;
  const centre = Math.log(-Math.log1p(-value));
  const half = (z * error) / ((1 - value) * -Math.log1p(-value));
  const at = (x: number) => -Math.expm1(-Math.exp(x));
  return [at(centre - half), at(centre + half)];
}
