import { newtonInPlace, solveOrthantInPlace } from './orthant-step.js';
import type { Family, PathState } from './path-state.js';

// Looked up once: inside the sandbox of a test runner every look-up of a global costs more than the function.
const { abs, max, sign } = Math;

const PASS_LIMIT = 100_000;
/** Sweeps over the non-zero coefficients before their normal equations are solved at once. */
const PATIENT_SWEEPS = 8;
/** Sweeps over the non-zero coefficients before Newton's steps, where the weights are not the whole information. */
const NEWTON_SWEEPS = 2;
/** Rounds with the diagonal of the information before Newton's steps are taken. */
const DIAGONAL_ROUNDS = 12;
/** A tolerance below this asks for the optimum itself, which only Newton's steps reach. */
const EXACT = 1e-9;
/** What `settle` returns where its rounds were not enough. */
const UNSETTLED = -1;

/**
 * Prepares one training set for the path; the columns are copied and standardised.
 *
 * @param columns features, a value for each row of the whole table
 * @param family likelihood of the rows to train on
 * @param rows the rows to train on
 */
export function pathState(columns: readonly Float64Array[], family: Family, rows: Int32Array): PathState {
  const n = rows.length;
  const p = columns.length;
  const state: PathState = {
    rows: n,
    cols: p,
    x: new Float64Array(n * p),
    family,
    means: new Float64Array(p),
    scales: new Float64Array(p),
    beta: new Float64Array(p),
    gradient: new Float64Array(p),
    isCandidate: new Uint8Array(p),
    candidates: new Int32Array(p),
    linear: new Float64Array(n),
    residual: new Float64Array(n),
    weight: new Float64Array(n),
    curvature: new Float64Array(p),
    previous: new Float64Array(p),
    candidateCount: 0,
    intercept: 0,
    lambda: Infinity,
  };
  columns.forEach((column, j) => standardiseInto(state, column, rows, j));
  state.intercept = family.nullIntercept;
  refreshResidual(state);
  refreshGradient(state);
  return state;
}

function standardiseInto(state: PathState, column: Float64Array, rows: Int32Array, j: number): void {
  const n = state.rows;
  const start = j * n;
  let mean = 0;
  for (let i = 0; i < n; i++) mean += column[rows[i]];
  mean /= n;
  let squares = 0;
  for (let i = 0; i < n; i++) {
    const centred = column[rows[i]] - mean;
    state.x[start + i] = centred;
    squares += centred * centred;
  }
  const scale = Math.sqrt(squares / n);
  state.means[j] = mean;
  // A column that is constant but for rounding would be divided by its own noise.
  const isConstant = !(scale > 1e-12 * abs(mean));
  state.scales[j] = isConstant ? 0 : scale;
  const factor = isConstant ? 0 : 1 / scale;
  for (let i = 0; i < n; i++) state.x[start + i] *= factor;
}

/** Starts a fresh state at a known solution (raw coefficients), so that settling it takes few steps. */
export function loadSolution(state: PathState, coefficients: Float64Array, lambda: number): void {
  coefficients.forEach((coefficient, j) => {
    if (coefficient !== 0 && addCandidate(state, j)) state.beta[j] = coefficient * state.scales[j];
  });
  state.lambda = lambda;
  refreshResidual(state);
  refreshGradient(state);
}

/** The penalty at which the first coefficient leaves zero. */
export function largestPenalty(state: PathState, alpha: number): number {
  let largest = 0;
  for (let j = 0; j < state.cols; j++) largest = max(largest, abs(state.gradient[j]));
  return largest / max(alpha, 1e-3);
}

/**
 * Moves the state to the solution at `lambda` (descending from call to call).
 *
 * Minimises (1/n) Σ -loglik + λ [α Σ|b| + (1-α)/2 Σ b²] over standardised columns by iteratively reweighted least
 * squares (Friedman, Hastie and Tibshirani, J Stat Softw 33(1), 2010, section 3), with the sequential strong rule
 * (Tibshirani et al., J R Stat Soc B 74, 2012) and a check of every column at the end, so that screening changes
 * nothing in the answer.
 *
 * @param tolerance on curvature × change² of a coefficient, as `thresh` of glmnet
 * @returns whether it settled within the bound of passes
 */
export function advance(state: PathState, lambda: number, alpha: number, tolerance: number): boolean {
  const cut = alpha * (2 * lambda - (Number.isFinite(state.lambda) ? state.lambda : lambda));
  keepNonZero(state);
  for (let j = 0; j < state.cols; j++) if (abs(state.gradient[j]) >= cut) addCandidate(state, j);
  let passes = PASS_LIMIT;
  for (;;) {
    passes = state.family.information
      ? settleOrNewton(state, lambda, alpha, tolerance, passes)
      : settle(state, lambda, alpha, tolerance, passes, Infinity);
    if (passes <= 0) return false;
    refreshGradient(state);
    let added = false;
    const bound = alpha * lambda * (1 + 1e-9);
    for (let j = 0; j < state.cols; j++) {
      if (state.isCandidate[j] === 0 && abs(state.gradient[j]) > bound) added = addCandidate(state, j);
    }
    if (!added) break;
  }
  state.lambda = lambda;
  return true;
}

function keepNonZero(state: PathState): void {
  let kept = 0;
  for (let c = 0; c < state.candidateCount; c++) {
    const j = state.candidates[c];
    if (state.beta[j] === 0) state.isCandidate[j] = 0;
    else state.candidates[kept++] = j;
  }
  state.candidateCount = kept;
}

function addCandidate(state: PathState, j: number): boolean {
  if (state.isCandidate[j] === 1 || state.scales[j] === 0) return false;
  state.isCandidate[j] = 1;
  state.candidates[state.candidateCount++] = j;
  return true;
}

/** Newton steps over the candidates until the coefficients rest; returns the passes left. */
function settle(
  state: PathState,
  lambda: number,
  alpha: number,
  tolerance: number,
  passesLeft: number,
  rounds: number,
): number {
  let passes = passesLeft;
  for (let round = 0; round < rounds; round++) {
    const intercept = state.intercept;
    for (let c = 0; c < state.candidateCount; c++) {
      const j = state.candidates[c];
      state.previous[j] = state.beta[j]!;
      state.curvature[j] = weightedSquares(state.x, j * state.rows, state.weight, state.rows) / state.rows;
    }
    passes = solveQuadratic(state, lambda, alpha, tolerance, passes);
    refreshResidual(state);
    let change = meanOf(state.weight) * (state.intercept - intercept) ** 2;
    for (let c = 0; c < state.candidateCount; c++) {
      const j = state.candidates[c];
      change = max(change, state.curvature[j] * (state.beta[j] - state.previous[j]) ** 2);
    }
    if (change < tolerance || passes <= 0) return passes;
  }
  return UNSETTLED;
}

/** Where the weights are only the diagonal of the information: a few rounds with them, then Newton's steps. */
function settleOrNewton(
  state: PathState,
  lambda: number,
  alpha: number,
  tolerance: number,
  passesLeft: number,
): number {
  const isExact = tolerance < EXACT;
  // With nearly as many coefficients as rows the full system is large: the search goes without it.
  const isCrowded = !isExact && state.candidateCount > 0.6 * state.rows;
  const passes = settle(
    state,
    lambda,
    alpha,
    isExact ? EXACT : tolerance,
    passesLeft,
    isCrowded ? Infinity : DIAGONAL_ROUNDS,
  );
  return isExact || passes === UNSETTLED ? settleByNewton(state, lambda, alpha, tolerance, passesLeft) : passes;
}

/**
 * The same where the weights are only the diagonal of the information: a few sweeps find the non-zero coefficients, full
 * Newton steps over them find their values.
 */
function settleByNewton(
  state: PathState,
  lambda: number,
  alpha: number,
  tolerance: number,
  passesLeft: number,
): number {
  let passes = passesLeft;
  for (;;) {
    for (let c = 0; c < state.candidateCount; c++) {
      const j = state.candidates[c];
      state.previous[j] = state.beta[j];
      state.curvature[j] = weightedSquares(state.x, j * state.rows, state.weight, state.rows) / state.rows;
    }
    sweep(state, lambda, alpha, false);
    for (let count = 0; count < NEWTON_SWEEPS && sweep(state, lambda, alpha, true) >= tolerance; count++) passes--;
    refreshResidual(state);
    newtonInPlace(state, lambda, alpha, tolerance, refreshResidual);
    let change = 0;
    for (let c = 0; c < state.candidateCount; c++) {
      const j = state.candidates[c];
      change = max(change, state.curvature[j] * (state.beta[j] - state.previous[j]) ** 2);
    }
    passes--;
    if (change < tolerance || passes <= 0) return passes;
  }
}

/** Coordinate descent on the weighted least-squares problem: all candidates, then the non-zero ones until they rest. */
function solveQuadratic(
  state: PathState,
  lambda: number,
  alpha: number,
  tolerance: number,
  passesLeft: number,
): number {
  let passes = passesLeft;
  while (passes-- > 0) {
    if (sweep(state, lambda, alpha, false) < tolerance) break;
    for (let count = 1; passes-- > 0 && sweep(state, lambda, alpha, true) >= tolerance; count++) {
      // Correlated columns creep; on the orthant they are in, the problem is one linear system.
      if (count % PATIENT_SWEEPS === 0) solveOrthantInPlace(state, lambda, alpha);
    }
  }
  return passes;
}

function sweep(state: PathState, lambda: number, alpha: number, onlyNonZero: boolean): number {
  const { rows, x, beta, residual, weight, curvature, candidates, candidateCount } = state;
  const l1 = lambda * alpha;
  const l2 = lambda * (1 - alpha);
  let largest = 0;
  for (let c = 0; c < candidateCount; c++) {
    const j = candidates[c];
    const old = beta[j];
    if (onlyNonZero && old === 0) continue;
    const start = j * rows;
    const target = dot(x, start, residual, rows) / rows + curvature[j] * old;
    // At the largest penalty the first coefficient rests at zero but for rounding.
    const size = abs(target) - l1 * (1 + 1e-14);
    const next = size > 0 ? (sign(target) * size) / (curvature[j] + l2) : 0;
    if (next === old) continue;
    const step = next - old;
    beta[j] = next;
    subtractScaled(residual, step, weight, x, start, rows);
    largest = max(largest, curvature[j] * step * step);
  }
  if (!state.family.hasIntercept) return largest;
  let sum = 0;
  let total = 0;
  for (let i = 0; i < rows; i++) {
    sum += residual[i];
    total += weight[i];
  }
  const step = sum / total;
  state.intercept += step;
  for (let i = 0; i < rows; i++) residual[i] -= step * weight[i];
  return max(largest, (total / rows) * step * step);
}

/** Linear predictor, weights and residual at the current coefficients. */
function refreshResidual(state: PathState): void {
  const { rows, x, beta, linear, residual, weight } = state;
  linear.fill(state.intercept);
  for (let c = 0; c < state.candidateCount; c++) {
    const j = state.candidates[c];
    const b = beta[j];
    if (b === 0) continue;
    const start = j * rows;
    for (let i = 0; i < rows; i++) linear[i] += b * x[start + i];
  }
  state.family.refresh(linear, residual, weight);
}

/** Gradient of every column, four at a time: the residual is then read once for four. */
function refreshGradient(state: PathState): void {
  const { rows, cols, x, residual, gradient } = state;
  let j = 0;
  for (; j + 3 < cols; j += 4) {
    const a = j * rows;
    const b = a + rows;
    const c = b + rows;
    const d = c + rows;
    let sa = 0;
    let sb = 0;
    let sc = 0;
    let sd = 0;
    for (let i = 0; i < rows; i++) {
      const r = residual[i];
      sa += x[a + i] * r;
      sb += x[b + i] * r;
      sc += x[c + i] * r;
      sd += x[d + i] * r;
    }
    gradient[j] = sa / rows;
    gradient[j + 1] = sb / rows;
    gradient[j + 2] = sc / rows;
    gradient[j + 3] = sd / rows;
  }
  for (; j < cols; j++) gradient[j] = dot(x, j * rows, residual, rows) / rows;
}

function dot(x: Float64Array, start: number, r: Float64Array, n: number): number {
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  let i = 0;
  for (; i + 3 < n; i += 4) {
    a += x[start + i] * r[i];
    b += x[start + i + 1] * r[i + 1];
    c += x[start + i + 2] * r[i + 2];
    d += x[start + i + 3] * r[i + 3];
  }
  for (; i < n; i++) a += x[start + i] * r[i];
  return a + b + (c + d);
}

function weightedSquares(x: Float64Array, start: number, w: Float64Array, n: number): number {
  let a = 0;
  let b = 0;
  let i = 0;
  for (; i + 1 < n; i += 2) {
    a += w[i] * x[start + i] * x[start + i];
    b += w[i + 1] * x[start + i + 1] * x[start + i + 1];
  }
  for (; i < n; i++) a += w[i] * x[start + i] * x[start + i];
  return a + b;
}

function subtractScaled(
  r: Float64Array,
  step: number,
  w: Float64Array,
  x: Float64Array,
  start: number,
  n: number,
): void {
  for (let i = 0; i < n; i++) r[i] -= step * w[i] * x[start + i];
}

function meanOf(values: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i];
  return sum / values.length;
}

/** Mean deviance of the training rows at the current coefficients. */
export function trainingDeviance(state: PathState): number {
  return state.family.deviance(state.linear);
}
