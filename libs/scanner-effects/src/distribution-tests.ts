import { choleskyFactor, choleskySolve, matrix } from '@concord/numeric';
import type { TestResult } from './location-tests.js';

/**
 * Two-sample Kolmogorov-Smirnov: the largest distance of the distribution functions, with Kolmogorov's asymptotic p.
 * The series is cut as in R 4.2 (below 1 the first term of the dual series only), so that p equals R's.
 */
export function kolmogorovSmirnov(a: Float64Array, b: Float64Array): TestResult {
  const x = a.slice().sort();
  const y = b.slice().sort();
  let i = 0;
  let j = 0;
  let statistic = 0;
  while (i < x.length && j < y.length) {
    const at = Math.min(x[i], y[j]);
    while (i < x.length && x[i] === at) i++;
    while (j < y.length && y[j] === at) j++;
    statistic = Math.max(statistic, Math.abs(i / x.length - j / y.length));
  }
  return { statistic, p: kolmogorovSf(statistic * Math.sqrt((x.length * y.length) / (x.length + y.length))) };
}

function kolmogorovSf(x: number): number {
  if (x <= 0) return 1;
  if (x < 1) return 1 - (Math.sqrt(2 * Math.PI) / x) * Math.exp(-(Math.PI ** 2) / (8 * x * x));
  let sum = 0;
  for (let k = 1, term = 1; Math.abs(term) >= 1e-6; k++) {
    term = 2 * (k % 2 === 1 ? 1 : -1) * Math.exp(-2 * k * k * x * x);
    sum += term;
  }
  return Math.min(1, Math.max(0, sum));
}

/** Tabulated p and the coefficients of their critical values (Scholz and Stephens 1987, table 1; 0.005 and 0.001 as SciPy). */
const LEVELS = [0.25, 0.1, 0.05, 0.025, 0.01, 0.005, 0.001];
const B0 = [0.675, 1.281, 1.645, 1.96, 2.326, 2.573, 3.085];
const B1 = [-0.245, 0.25, 0.678, 1.149, 1.822, 2.364, 3.615];
const B2 = [-0.105, -0.305, -0.362, -0.391, -0.396, -0.345, -0.154];

/**
 * k-sample Anderson-Darling test, midrank version (Scholz and Stephens 1987, JASA 82:918), standardised. p is interpolated
 * between the tabulated levels and cut to 0.001 … 0.25, as in SciPy. Null for fewer than two groups, an empty group, fewer
 * than four values, or where all tie.
 */
export function andersonDarling(groups: readonly Float64Array[]): TestResult | null {
  const k = groups.length;
  const sizes = groups.map((group) => group.length);
  const n = sizes.reduce((sum, size) => sum + size, 0);
  if (k < 2 || sizes.includes(0) || n < 4) return null;
  const sorted = groups.map((group) => group.slice().sort());
  const all = Float64Array.from({ length: n });
  let offset = 0;
  for (const group of sorted) {
    all.set(group, offset);
    offset += group.length;
  }
  all.sort();
  if (all[0] === all[n - 1]) return null;
  const below = new Float64Array(k);
  let sum = 0;
  for (let from = 0; from < n;) {
    const value = all[from];
    let to = from;
    while (to < n && all[to] === value) to++;
    const ties = to - from;
    const middle = from + ties / 2;
    const scale = ties / n / (middle * (n - middle) - (n * ties) / 4);
    for (let i = 0; i < k; i++) {
      const group = sorted[i];
      let own = below[i];
      while (own < group.length && group[own] === value) own++;
      const rank = (own + below[i]) / 2;
      sum += (scale * (n * rank - middle * sizes[i]) ** 2) / sizes[i];
      below[i] = own;
    }
    from = to;
  }
  const statistic = ((sum * (n - 1)) / n - (k - 1)) / Math.sqrt(andersonVariance(n, sizes));
  return { statistic, p: andersonP(statistic, k - 1) };
}

function andersonVariance(n: number, sizes: readonly number[]): number {
  const k = sizes.length;
  const inverse = sizes.reduce((sum, size) => sum + 1 / size, 0);
  let h = 0;
  let g = 0;
  for (let i = n - 1; i > 1; i--) {
    h += 1 / i;
    g += h / (n + 1 - i);
  }
  h += 1;
  const a = (4 * g - 6) * (k - 1) + (10 - 6 * g) * inverse;
  const b = (2 * g - 4) * k * k + 8 * h * k + (2 * g - 14 * h - 4) * inverse - 8 * h + 4 * g - 6;
  const c = (6 * h + 2 * g - 2) * k * k + (4 * h - 4 * g + 6) * k + (2 * h - 6) * inverse + 4 * h;
  const d = (2 * h + 6) * k * k - 4 * h * k;
  return (a * n ** 3 + b * n * n + c * n + d) / ((n - 1) * (n - 2) * (n - 3));
}

/** A parabola through log p against the critical values, by least squares. */
function andersonP(statistic: number, m: number): number {
  const critical = LEVELS.map((_, i) => B0[i] + B1[i] / Math.sqrt(m) + B2[i] / m);
  if (statistic < critical[0]) return LEVELS[0];
  if (statistic > critical[LEVELS.length - 1]) return LEVELS[LEVELS.length - 1];
  const normal = matrix(3, 3);
  const right = new Float64Array(3);
  critical.forEach((x, i) => {
    for (let r = 0; r < 3; r++) {
      right[r] += x ** r * Math.log(LEVELS[i]);
      for (let c = 0; c < 3; c++) normal.data[c * 3 + r] += x ** (r + c);
    }
  });
  const [c0, c1, c2] = choleskySolve(choleskyFactor(normal), right);
  return Math.exp(c0 + c1 * statistic + c2 * statistic * statistic);
}
