import type { PathState } from './path-state.js';

/**
 * Solves the weighted least-squares problem at once for the non-zero coefficients and the intercept, signs held.
 *
 * Where the solution would change a sign, the step ends at the first coefficient that reaches zero, so the objective
 * never rises; a singular system leaves the state as it was. Cost: non-zero² × rows.
 */
export function solveOrthantInPlace(state: PathState, lambda: number, alpha: number): void {
  const active: number[] = [];
  for (let c = 0; c < state.candidateCount; c++)
    if (state.beta[state.candidates[c]] !== 0) active.push(state.candidates[c]);
  const size = active.length + 1;
  if (size > state.rows) return;
  const { system, right } = normalEquations(state, active, lambda, alpha);
  if (!choleskySolveInPlace(system, right, size)) return;
  let fraction = 1;
  let stopped = -1;
  active.forEach((j, k) => {
    const to = -state.beta[j] / right[k];
    if (to > 0 && to < fraction) {
      fraction = to;
      stopped = k;
    }
  });
  active.forEach((j, k) => {
    const step = fraction * right[k];
    state.beta[j] = k === stopped ? 0 : state.beta[j] + step;
    const start = j * state.rows;
    for (let i = 0; i < state.rows; i++) state.residual[i] -= step * state.weight[i] * state.x[start + i];
  });
  const step = fraction * right[size - 1];
  state.intercept += step;
  for (let i = 0; i < state.rows; i++) state.residual[i] -= step * state.weight[i];
}

/** The system of the step: (XᵀWX/n + λ(1-α) I) d = Xᵀr/n - λα sign(b) - λ(1-α) b, the intercept last and unpenalised. */
function normalEquations(state: PathState, active: readonly number[], lambda: number, alpha: number) {
  const { rows, x, weight, residual, beta } = state;
  const size = active.length + 1;
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
