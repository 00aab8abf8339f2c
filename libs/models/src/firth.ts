import {
  chiSquaredQuantile,
  chiSquaredSf,
  choleskyFactor,
  choleskyInverse,
  choleskySolve,
  matrix,
  tryCholesky,
  type Matrix,
} from '@concord/numeric';

/** A logistic regression with Firth's penalty: finite where classes are separated. */
export interface FirthFit {
  /** The intercept first. */
  readonly coefficients: Float64Array;
  /** Inverse of the information at the coefficients (Firth's own). */
  readonly covariance: Matrix;
  /** Inverse of the information of the data with the penalty's pseudo-observations: what the R package logistf reports. */
  readonly augmentedCovariance: Matrix;
  /** Penalised, at the coefficients and with the intercept alone. */
  readonly logLikelihood: number;
  readonly nullLogLikelihood: number;
  /** By the profile of the penalised likelihood; null where a bound was not found. */
  readonly intervals: readonly (readonly [number | null, number | null])[];
  /** Of each coefficient being zero, by the penalised likelihood ratio. */
  readonly p: readonly number[];
}

const ITERATIONS = 200;
const LARGEST_STEP = 5;

/**
 * @param columns covariates without the intercept, rows as the outcome
 * @param outcome 0 or 1
 * @returns null where columns depend on each other
 * @see Firth, Biometrika 80 (1993); Heinze and Schemper, Stat Med 21 (2002)
 */
export function fitFirth(columns: readonly Float64Array[], outcome: Uint8Array, level = 0.95): FirthFit | null {
  const design = [new Float64Array(outcome.length).fill(1), ...columns];
  const p = design.length;
  const problem = new FirthProblem(design, outcome);
  const free = Array.from({ length: p }, (_, j) => j);
  const full = problem.maximise(new Float64Array(p), free);
  const none = problem.maximise(new Float64Array(p), [0]);
  if (full === null || none === null) return null;
  const drop = chiSquaredQuantile(level, 1) / 2;
  const tests = free.map((j) => {
    const without = problem.maximise(
      zeroed(full.beta, j),
      free.filter((k) => k !== j),
    );
    return without === null ? NaN : chiSquaredSf(Math.max(0, 2 * (full.value - without.value)), 1);
  });
  if (tests.some(Number.isNaN)) return null;
  const bound = (j: number, sign: 1 | -1) =>
    problem.profileBound(full.beta, full.value - drop, j, sign, full.covariance);
  return {
    coefficients: full.beta,
    covariance: full.covariance,
    augmentedCovariance: problem.augmentedCovariance(full.beta, full.covariance),
    logLikelihood: full.value,
    nullLogLikelihood: none.value,
    intervals: free.map((j) => [bound(j, -1), bound(j, 1)] as const),
    p: tests,
  };
}

/** The coefficients alone, intercept first, without intervals and tests; null where columns depend on each other. */
export function firthCoefficients(columns: readonly Float64Array[], outcome: Uint8Array): Float64Array | null {
  const design = [new Float64Array(outcome.length).fill(1), ...columns];
  const every = Array.from(design.keys());
  return new FirthProblem(design, outcome).maximise(new Float64Array(design.length), every)?.beta ?? null;
}

function zeroed(beta: Float64Array, j: number): Float64Array {
  const copy = Float64Array.from(beta);
  copy[j] = 0;
  return copy;
}

interface Maximum {
  readonly beta: Float64Array;
  readonly value: number;
  readonly covariance: Matrix;
}

/** The penalised likelihood l + ½ log det I and its modified score. */
class FirthProblem {
  constructor(
    private readonly design: readonly Float64Array[],
    private readonly outcome: Uint8Array,
  ) {}

  /** Value, modified score over all coefficients, and the information; null where it is singular. */
  private at(beta: Float64Array) {
    const { design, outcome } = this;
    const p = design.length;
    const n = outcome.length;
    const information = matrix(p, p);
    const risks = new Float64Array(n);
    let value = 0;
    for (let i = 0; i < n; i++) {
      let eta = 0;
      for (let j = 0; j < p; j++) eta += beta[j] * design[j][i];
      const signed = outcome[i] === 1 ? -eta : eta;
      value -= signed > 0 ? signed + Math.log1p(Math.exp(-signed)) : Math.log1p(Math.exp(signed));
      risks[i] = 1 / (1 + Math.exp(-eta));
      const weight = risks[i] * (1 - risks[i]);
      for (let j = 0; j < p; j++) {
        for (let k = 0; k < p; k++) information.data[k * p + j] += weight * design[j][i] * design[k][i];
      }
    }
    const factor = tryCholesky(information);
    if (factor === null) return null;
    for (let j = 0; j < p; j++) value += Math.log(factor.data[j * p + j]);
    const covariance = choleskyInverse(factor);
    const score = new Float64Array(p);
    for (let i = 0; i < n; i++) {
      const leverage = risks[i] * (1 - risks[i]) * this.leverage(i, covariance);
      const residual = outcome[i] - risks[i] + leverage * (0.5 - risks[i]);
      for (let j = 0; j < p; j++) score[j] += residual * design[j][i];
    }
    return { value, score, information, covariance };
  }

  augmentedCovariance(beta: Float64Array, covariance: Matrix): Matrix {
    const { design, outcome } = this;
    const p = design.length;
    const information = matrix(p, p);
    for (let i = 0; i < outcome.length; i++) {
      const eta = design.reduce((sum, column, j) => sum + beta[j] * column[i], 0);
      const risk = 1 / (1 + Math.exp(-eta));
      const weight = risk * (1 - risk);
      const augmented = weight * (1 + weight * this.leverage(i, covariance));
      for (let j = 0; j < p; j++) {
        for (let k = 0; k < p; k++) information.data[k * p + j] += augmented * design[j][i] * design[k][i];
      }
    }
    return choleskyInverse(choleskyFactor(information));
  }

  /** x' V x of a row. */
  private leverage(i: number, covariance: Matrix): number {
    const { design } = this;
    const p = design.length;
    let sum = 0;
    for (let j = 0; j < p; j++) {
      for (let k = 0; k < p; k++) sum += design[j][i] * covariance.data[k * p + j] * design[k][i];
    }
    return sum;
  }

  /** Newton steps over the free coefficients, the others held. */
  maximise(start: Float64Array, free: readonly number[]): Maximum | null {
    let beta = Float64Array.from(start);
    let now = this.at(beta);
    for (let iteration = 0; iteration < ITERATIONS; iteration++) {
      if (now === null) return null;
      const step = this.step(now, free);
      if (step === null) return null;
      const gain = free.reduce((sum, j) => sum + step[j] * (now?.score[j] ?? 0), 0);
      if (gain < 1e-16) return { beta, value: now.value, covariance: now.covariance };
      const largest = step.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      let share = Math.min(1, LARGEST_STEP / largest);
      for (; share > 1e-12; share /= 2) {
        const next = beta.map((value, j) => value + share * step[j]);
        const found = this.at(next);
        if (found === null || found.value < now.value - 1e-13 * (1 + Math.abs(now.value))) continue;
        beta = next;
        now = found;
        break;
      }
      if (share <= 1e-12) return { beta, value: now.value, covariance: now.covariance };
    }
    return now === null ? null : { beta, value: now.value, covariance: now.covariance };
  }

  private step({ score, information }: { score: Float64Array; information: Matrix }, free: readonly number[]) {
    const p = this.design.length;
    const size = free.length;
    const reduced = matrix(size, size);
    free.forEach((j, a) => free.forEach((k, b) => (reduced.data[b * size + a] = information.data[k * p + j])));
    const factor = tryCholesky(reduced);
    if (factor === null) return null;
    const solved = choleskySolve(
      factor,
      free.map((j) => score[j]),
    );
    const step = new Float64Array(p);
    free.forEach((j, a) => (step[j] = solved[a]));
    return step;
  }

  /** Where the profile of coefficient j has fallen to `target`, searched from the maximum outwards. */
  profileBound(best: Float64Array, target: number, j: number, sign: 1 | -1, covariance: Matrix): number | null {
    const p = this.design.length;
    const free = Array.from({ length: p }, (_, k) => k).filter((k) => k !== j);
    let held: Float64Array = Float64Array.from(best);
    const excess = (value: number): number => {
      const start = Float64Array.from(held);
      start[j] = value;
      // With another coefficient held the penalised likelihood can have two tops: the search starts from both sides.
      const blank = new Float64Array(p);
      blank[j] = value;
      const tops = [this.maximise(start, free), this.maximise(blank, free)].filter((top) => top !== null);
      if (tops.length === 0) return NaN;
      const found = tops.reduce((best, top) => (top.value > best.value ? top : best));
      held = found.beta;
      return found.value - target;
    };
    const unit = Math.sqrt(covariance.data[j * p + j]);
    let inside = best[j];
    let outside = best[j] + sign * 2 * unit;
    for (let widening = 0; excess(outside) > 0; widening++) {
      if (widening > 60) return null;
      inside = outside;
      outside += sign * unit * 2 ** (widening / 4);
    }
    // The profile falls outwards without a turn: halving the bracket finds the bound.
    for (
      let iteration = 0;
      iteration < 200 && Math.abs(outside - inside) > 1e-12 * (1 + Math.abs(outside));
      iteration++
    ) {
      const middle = (inside + outside) / 2;
      const value = excess(middle);
      if (Number.isNaN(value)) return null;
      if (value > 0) inside = middle;
      else outside = middle;
    }
    return (inside + outside) / 2;
  }
}
