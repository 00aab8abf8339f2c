import type { PathState } from './path-state.js';

const NEWTON_LIMIT = 50;
/** A Newton decrement below this share of the tolerance is rest: its square root is the gradient. */
const NEWTON_SHARE = 1e-8;

/**
 * Solves the weighted least-squares problem at once for the non-zero coefficients and the intercept (if there is one),
 * signs held.
 *
 * Where the solution would change a sign, the step ends at the first coefficient that reaches zero, so the objective
 * never rises; a singular system leaves the state as it was. Cost: non-zero² × rows.
 */
export function solveOrthantInPlace(state: PathState, lambda: number, alpha: number): void {
  const active = nonZero(state);
  const size = active.length + (state.family.hasIntercept ? 1 : 0);
  if (size > state.rows || size === 0) return;
  const { system, right } = normalEquations(state, active, lambda, alpha);
  if (!choleskySolveInPlace(system, right, size)) return;
  const { fraction, stopped } = longestStep(
    active.map((j) => state.beta[j]),
    right,
  );
  active.forEach((j, k) => {
    const step = fraction * right[k];
    state.beta[j] = k === stopped ? 0 : state.beta[j] + step;
    const start = j * state.rows;
    for (let i = 0; i < state.rows; i++) state.residual[i] -= step * state.weight[i] * state.x[start + i];
  });
  if (!state.family.hasIntercept) return;
  const step = fraction * right[size - 1];
  state.intercept += step;
  for (let i = 0; i < state.rows; i++) state.residual[i] -= step * state.weight[i];
}

/**
 * Newton steps over the non-zero coefficients with the family's whole information, signs held, shortened until the
 * penalised likelihood does not fall. A singular system leaves the state as it is.
 *
 * @param refresh brings linear predictor, residual and weights up to date
 */
export function newtonInPlace(
  state: PathState,
  lambda: number,
  alpha: number,
  tolerance: number,
  refresh: (state: PathState) => void,
): void {
  const { rows, x, beta, family } = state;
  for (let iteration = 0; iteration < NEWTON_LIMIT; iteration++) {
    const active = nonZero(state);
    const size = active.length;
    if (size === 0 || size > rows || !family.information) return;
    const system = family.information(x, active);
    const l2 = lambda * (1 - alpha);
    const right = new Float64Array(size);
    for (let a = 0; a < size; a++) {
      for (let b = 0; b <= a; b++) system[a * size + b] /= rows;
      system[a * size + a] += l2;
      let slope = 0;
      for (let i = 0, at = active[a] * rows; i < rows; i++, at++) slope += state.residual[i] * x[at];
      const b = beta[active[a]];
      right[a] = slope / rows - lambda * alpha * Math.sign(b) - l2 * b;
    }
    const pull = right.slice();
    if (!choleskySolveInPlace(system, right, size)) return;
    const decrement = right.reduce((sum, step, a) => sum + step * pull[a], 0);
    if (!(decrement > tolerance * NEWTON_SHARE)) return;
    if (!stepInPlace(state, active, right, lambda, alpha, refresh)) return;
  }
}

/** Moves along the step to the first coefficient that would change its sign, or less; false where nothing helps. */
function stepInPlace(
  state: PathState,
  active: readonly number[],
  step: Float64Array,
  lambda: number,
  alpha: number,
  refresh: (state: PathState) => void,
): boolean {
  const { beta } = state;
  const from = active.map((j) => beta[j]);
  const before = objective(state, active, lambda, alpha);
  const { fraction, stopped } = longestStep(from, step);
  for (let share = fraction; share > 1e-9 * fraction; share /= 2) {
    active.forEach((j, k) => {
      beta[j] = k === stopped && share === fraction ? 0 : from[k] + share * step[k];
    });
    refresh(state);
    if (objective(state, active, lambda, alpha) <= before + 1e-15 * Math.abs(before)) return true;
  }
  active.forEach((j, k) => (beta[j] = from[k]));
  refresh(state);
  return false;
}

function objective(state: PathState, active: readonly number[], lambda: number, alpha: number): number {
  let penalty = 0;
  for (const j of active) penalty += alpha * Math.abs(state.beta[j]) + ((1 - alpha) / 2) * state.beta[j] ** 2;
  return state.family.deviance(state.linear) / 2 + lambda * penalty;
}

/** How far along the step the first coefficient reaches zero (at most 1), and which it is. */
function longestStep(from: readonly number[], step: ArrayLike<number>): { fraction: number; stopped: number } {
  let fraction = 1;
  let stopped = -1;
  from.forEach((value, k) => {
    const to = -value / step[k];
    if (to > 0 && to < fraction) {
      fraction = to;
      stopped = k;
    }
  });
  return { fraction, stopped };
}

function nonZero(state: PathState): number[] {
  const active: number[] = [];
  for (let c = 0; c < state.candidateCount; c++) {
    if (state.beta[state.candidates[c]] !== 0) active.push(state.candidates[c]);
  }
  return active;
}

/** The system of the step: (XᵀWX/n + λ(1-α) I) d = Xᵀr/n - λα sign(b) - λ(1-α) b, the intercept last and unpenalised. */
function normalEquations(state: PathState, active: readonly number[], lambda: number, alpha: number) {
  const { rows, x, weight, residual, beta } = state;
  const size = active.length + (state.family.hasIntercept ? 1 : 0);
  const l2 = lambda * (1 - alpha);
  const system = new Float64Array(size * size);
  const right = new Float64Array(size);
  const weighted = new Float64Array(rows);
  for (let a = 0; a < size; a++) {
    const start = a < active.length ? active[a] * rows : -1;
    for (let i = 0; i < rows; i++) weighted[i] = start < 0 ? weight[i] : weight[i] * x[start + i];
    for (let b = 0; b <= a; b++) {
      let sum = 0;
      if (b === active.length) for (let i = 0; i < rows; i++) sum += weighted[i];
      else for (let i = 0, other = active[b] * rows; i < rows; i++) sum += weighted[i] * x[other + i];
      system[a * size + b] = sum / rows;
    }
    let slope = 0;
    for (let i = 0; i < rows; i++) slope += residual[i] * (start < 0 ? 1 : x[start + i]);
    right[a] = slope / rows;
    if (start < 0) continue;
    const coefficient = beta[active[a]];
    system[a * size + a] += l2;
    right[a] -= lambda * alpha * Math.sign(coefficient) + l2 * coefficient;
  }
  return { system, right };
}

/** Row-major lower triangle; the right side becomes the solution. Own code because it runs thousands of times on scratch. */
function choleskySolveInPlace(a: Float64Array, b: Float64Array, n: number): boolean {
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = a[i * n + j];
      for (let k = 0; k < j; k++) sum -= a[i * n + k] * a[j * n + k];
      if (i !== j) a[i * n + j] = sum / a[j * n + j];
      else if (sum > 1e-10 * a[i * n + i]) a[i * n + i] = Math.sqrt(sum);
      else return false;
    }
  }
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < i; k++) b[i] -= a[i * n + k] * b[k];
    b[i] /= a[i * n + i];
  }
  for (let i = n - 1; i >= 0; i--) {
    for (let k = i + 1; k < n; k++) b[i] -= a[k * n + i] * b[k];
    b[i] /= a[i * n + i];
  }
  return true;
}
