import { choleskyInverse, matrix, maximiseByNewton, type Matrix } from '@concord/numeric';
import { ascendingIndex } from '../order.js';
import { censoringAt, censoringCurve } from '../survival/censoring.js';
import { fitCox, type CoxFit, type CoxInput } from '../survival/cox-fit.js';
import { robustCovariance } from '../survival/cox-residuals.js';
import { stepAt } from '../survival/kaplan-meier.js';
import type { CausesData } from '../survival/time-dependent.js';

/** A proportional model of the subdistribution hazard of cause 1. */
export interface FineGrayFit {
  readonly coefficients: Float64Array;
  /** Sandwich, with the part that estimating the censoring weights adds. */
  readonly covariance: Matrix;
}

const SEARCH = { tolerance: 1e-12, leastShare: 1e-8, iterationLimit: 50 };

/**
 * Fine and Gray's regression; patients with a competing event stay at risk with weight G(t-) / G(T-), ties as Breslow.
 * Cost rows × events × columns.
 *
 * @returns null where there is no event of cause 1, columns depend on each other, or no finite solution exists
 * @see Fine and Gray, J Am Stat Assoc 94 (1999)
 */
export function fitFineGray(data: CausesData, columns: readonly Float64Array[]): FineGrayFit | null {
  const problem = new FineGrayProblem(data, columns);
  const top = maximiseByNewton((beta) => problem.derivatives(beta), new Float64Array(columns.length), SEARCH);
  if (top === null) return null;
  const { coefficients, factor } = top;
  return { coefficients, covariance: sandwich(choleskyInverse(factor), problem.influences(coefficients)) };
}

/** V (Σ u u') V for row-major influences u. */
function sandwich(inverse: Matrix, influences: Float64Array): Matrix {
  const p = inverse.rows;
  const result = matrix(p, p);
  const pull = new Float64Array(p);
  for (let at = 0; at < influences.length; at += p) {
    for (let j = 0; j < p; j++) {
      pull[j] = 0;
      for (let k = 0; k < p; k++) pull[j] += inverse.data[k * p + j] * influences[at + k];
    }
    for (let j = 0; j < p; j++) for (let k = 0; k < p; k++) result.data[k * p + j] += pull[j] * pull[k];
  }
  return result;
}

/** Rows by time, ascending, with the weights of those who had the competing event. */
class FineGrayProblem {
  private readonly n: number;
  private readonly p: number;
  private readonly times: Float64Array;
  private readonly causes: Uint8Array;
  private readonly x: Float64Array;
  /** Distinct times of cause 1 with their counts, G just before each, and the first row that reaches them. */
  private readonly deaths: { time: number; count: number; g: number; first: number }[] = [];
  /** 1 / G(T-) of each row. */
  private readonly inverseG: Float64Array;
  private readonly censorings: {
    readonly times: Float64Array;
    readonly censored: Float64Array;
    readonly atRisk: Float64Array;
  };

  constructor({ times, causes }: CausesData, columns: readonly Float64Array[]) {
    const order = ascendingIndex(times);
    this.n = order.length;
    this.p = columns.length;
    this.times = Float64Array.from(order, (row) => times[row]);
    this.causes = Uint8Array.from(order, (row) => causes[row]);
    this.x = new Float64Array(this.n * this.p);
    columns.forEach((column, j) => {
      const mean = column.reduce((sum, value) => sum + value, 0) / Math.max(1, this.n);
      for (let i = 0; i < this.n; i++) this.x[i * this.p + j] = column[order[i]] - mean;
    });
    const curve = censoringCurve(
      this.times,
      this.causes.map((cause) => (cause === 0 ? 1 : 0)),
      'together',
    );
    this.censorings = curve;
    this.inverseG = this.times.map((time) => 1 / Math.max(censoringAt(curve, time, true), Number.MIN_VALUE));
    for (let i = 0; i < this.n; i++) {
      if (this.causes[i] !== 1) continue;
      const last = this.deaths.at(-1);
      if (last?.time === this.times[i]) last.count++;
      else {
        let first = i;
        while (first > 0 && this.times[first - 1] === this.times[i]) first--;
        this.deaths.push({ time: this.times[i], count: 1, g: censoringAt(curve, this.times[i], true), first });
      }
    }
  }

  /** Weight of row i at a time of cause 1. */
  private weight(i: number, death: { time: number; g: number }): number {
    if (this.times[i] >= death.time) return 1;
    return this.causes[i] === 2 ? death.g * this.inverseG[i] : 0;
  }

  private scores(beta: Float64Array): { eta: Float64Array; exp: Float64Array } {
    const { n, p, x } = this;
    const eta = Float64Array.from({ length: n }, (_, i) => {
      let sum = 0;
      for (let j = 0; j < p; j++) sum += x[i * p + j] * beta[j];
      return sum;
    });
    return { eta, exp: eta.map(Math.exp) };
  }

  /** S0 and S1 over the weighted risk set of every death, from suffix and prefix sums: linear in the rows. */
  private moments(exp: Float64Array, withSecond: boolean) {
    const { n, p, x, causes, deaths, inverseG } = this;
    const size = 1 + p + (withSecond ? p * p : 0);
    const add = (into: Float64Array, i: number, weight: number) => {
      into[0] += weight;
      for (let j = 0; j < p; j++) {
        const value = weight * x[i * p + j];
        into[1 + j] += value;
        if (withSecond) for (let k = 0; k < p; k++) into[1 + p + j * p + k] += value * x[i * p + k];
      }
    };
    const result: Float64Array[] = new Array<Float64Array>(deaths.length);
    const alive = new Float64Array(size);
    let row = n;
    for (let d = deaths.length - 1; d >= 0; d--) {
      while (row > deaths[d].first) add(alive, --row, exp[row]);
      result[d] = alive.slice();
    }
    const gone = new Float64Array(size);
    row = 0;
    deaths.forEach((death, d) => {
      for (; row < death.first; row++) if (causes[row] === 2) add(gone, row, exp[row] * inverseG[row]);
      for (let s = 0; s < size; s++) result[d][s] += death.g * gone[s];
    });
    return result;
  }

  derivatives(beta: Float64Array) {
    const { n, p, x, causes, deaths } = this;
    const { eta, exp } = this.scores(beta);
    const moments = this.moments(exp, true);
    let logLikelihood = 0;
    const gradient = new Float64Array(p);
    const information = matrix(p, p);
    for (let i = 0; i < n; i++) {
      if (causes[i] !== 1) continue;
      logLikelihood += eta[i];
      for (let j = 0; j < p; j++) gradient[j] += x[i * p + j];
    }
    deaths.forEach(({ count }, d) => {
      const m = moments[d];
      logLikelihood -= count * Math.log(m[0]);
      for (let j = 0; j < p; j++) {
        gradient[j] -= (count * m[1 + j]) / m[0];
        for (let k = 0; k < p; k++) {
          information.data[k * p + j] += count * (m[1 + p + j * p + k] / m[0] - (m[1 + j] * m[1 + k]) / m[0] ** 2);
        }
      }
    });
    return { logLikelihood, gradient, information };
  }

  /** η + ψ of every row (row-major): its martingale residual, and its part in the censoring weights. */
  influences(beta: Float64Array): Float64Array {
    const { n, p, x, causes, times, deaths, censorings } = this;
    const { exp } = this.scores(beta);
    const moments = this.moments(exp, false);
    const result = new Float64Array(n * p);
    const q = new Float64Array(censorings.times.length * p);
    for (let i = 0; i < n; i++) {
      // What the deaths from each censoring time on add to q while this row is kept at risk.
      const later = new Float64Array(p);
      let step = censorings.times.length - 1;
      const settle = (until: number) => {
        for (; step >= 0 && censorings.times[step] > until; step--) {
          if (censorings.times[step] < times[i]) return;
          for (let j = 0; j < p; j++) q[step * p + j] += later[j];
        }
      };
      for (let d = deaths.length - 1; d >= 0; d--) {
        const death = deaths[d];
        const weight = this.weight(i, death);
        if (weight === 0) continue;
        if (causes[i] === 2 && death.time > times[i]) settle(death.time);
        const hazard = (weight * exp[i] * death.count) / moments[d][0];
        for (let j = 0; j < p; j++) {
          const distance = x[i * p + j] - moments[d][1 + j] / moments[d][0];
          result[i * p + j] -= distance * hazard;
          if (times[i] < death.time) later[j] += distance * hazard;
          if (causes[i] === 1 && times[i] === death.time) result[i * p + j] += distance;
        }
      }
      if (causes[i] === 2) settle(times[i]);
    }
    this.addCensoring(result, q);
    return result;
  }

  private addCensoring(result: Float64Array, q: Float64Array): void {
    const { n, p, causes, times, censorings } = this;
    const steps = censorings.times.length;
    const paid = new Float64Array((steps + 1) * p);
    for (let s = 0; s < steps; s++) {
      const rate = censorings.censored[s] / censorings.atRisk[s] ** 2;
      for (let j = 0; j < p; j++) paid[(s + 1) * p + j] = paid[s * p + j] + q[s * p + j] * rate;
    }
    for (let i = 0; i < n; i++) {
      const step = stepAt(censorings.times, times[i]);
      for (let j = 0; j < p; j++) {
        const own = causes[i] === 0 ? q[step * p + j] / censorings.atRisk[step] : 0;
        result[i * p + j] += own - paid[(step + 1) * p + j];
      }
    }
  }
}

/** Counting-process rows in which a weighted Cox model is Fine and Gray's. */
export interface FineGrayRows {
  readonly input: CoxInput;
  /** Patient of each row. */
  readonly patients: Uint32Array;
}

/**
 * Splits the time after a competing event at the ends of follow-up of others, with weights G(t-) / G(T-); events come
 * before censorings at one time.
 *
 * @see Geskus, Biometrics 67 (2011)
 */
export function fineGrayRows(
  data: CausesData,
  columns: readonly Float64Array[],
  ties: 'efron' | 'breslow',
): FineGrayRows {
  const { times, causes } = data;
  const curve = censoringCurve(
    times,
    causes.map((cause) => (cause === 0 ? 1 : 0)),
  );
  const lastDeath = times.reduce((last, time, i) => (causes[i] === 1 ? Math.max(last, time) : last), -Infinity);
  const rows: { patient: number; start: number; stop: number; event: number; weight: number }[] = [];
  times.forEach((time, patient) => {
    if (causes[patient] !== 2) {
      rows.push({ patient, start: -1, stop: time, event: causes[patient] === 1 ? 1 : 0, weight: 1 });
      return;
    }
    const before = censoringAt(curve, time, true);
    let start = -1;
    let weight = 1;
    for (let s = stepAt(curve.times, time) + (curve.times.includes(time) ? 0 : 1); ; s++) {
      const isLast = s >= curve.times.length || curve.times[s] >= lastDeath;
      const stop = isLast ? Math.max(time, lastDeath) : curve.times[s];
      rows.push({ patient, start, stop, event: 0, weight });
      if (isLast || !(curve.values[s] > 0)) return;
      start = stop;
      weight = curve.values[s] / before;
    }
  });
  const patients = Uint32Array.from(rows, ({ patient }) => patient);
  const input: CoxInput = {
    times: Float64Array.from(rows, ({ stop }) => stop),
    starts: Float64Array.from(rows, ({ start }) => start),
    events: Uint8Array.from(rows, ({ event }) => event),
    weights: Float64Array.from(rows, ({ weight }) => weight),
    columns: columns.map((column) => Float64Array.from(patients, (patient) => column[patient])),
    ties,
  };
  return { input, patients };
}

/** The weighted Cox model on those rows with its robust covariance, every row standing for itself. */
export function fitFineGrayRows(rows: FineGrayRows): { fit: CoxFit; robust: Matrix } | null {
  const fit = fitCox(rows.input);
  return fit === null ? null : { fit, robust: robustCovariance(rows.input, fit) };
}
