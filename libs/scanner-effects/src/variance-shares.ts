import {
  choleskyFactor,
  choleskyLogDeterminant,
  choleskySolve,
  matrix,
  type Matrix,
  mean,
  minimiseScalar,
} from '@concord/numeric';
import { ScannerEffectInputError } from './errors.js';
import { groupsOf } from './groups.js';

/** A grouping whose variance is wanted: scanner, kernel, slice thickness, contrast, subject. */
export interface Factor {
  readonly name: string;
  readonly labels: readonly (string | null)[];
}

/** Variances of one feature, as shares of their sum; the rest is `residual`. */
export interface VarianceShares {
  readonly feature: string;
  /** Why there are none, or null. */
  readonly reason: string | null;
  /** Share of each factor, in the order given. */
  readonly factors: readonly number[];
  readonly residual: number | null;
  readonly isConverged: boolean;
}

/**
 * Splits each feature's variance among random factors, crossed or nested, by restricted maximum likelihood: y ~ fixed
 * columns + (1 | factor) + … (Bates et al. 2015, J Stat Softw 67:1). The largest factor may have thousands of levels
 * (subjects), the others should have tens. Patients in whom a feature is missing are left out.
 *
 * @param fixed columns whose effects are taken out first, beside an intercept
 * @throws {ScannerEffectInputError} if a label is missing, lengths differ, or a factor has one level
 */
export function varianceShares(
  features: readonly { readonly name: string; readonly values: Float64Array }[],
  factors: readonly Factor[],
  fixed: readonly Float64Array[] = [],
): VarianceShares[] {
  if (factors.length === 0) {
    throw new ScannerEffectInputError('no factor is given', 'the factors', 'Name a column, for example the scanner.');
  }
  const groups = factors.map(({ labels }) => groupsOf(labels).index);
  const all = features.every(({ values }) => !values.some(Number.isNaN)) ? mixedDesign(groups, fixed) : null;
  return features.map(({ name, values }) => {
    const rows = [...values.keys()].filter((row) => !Number.isNaN(values[row]));
    const y = Float64Array.from(rows, (row) => values[row]);
    const none = (reason: string): VarianceShares => ({
      feature: name,
      reason,
      factors: factors.map(() => 0),
      residual: null,
      isConverged: true,
    });
    if (y.length <= factors.length + fixed.length + 2) return none('too few patients have it');
    if (y.every((value) => value === y[0])) return none('it does not vary');
    const design =
      all ??
      mixedDesign(
        groups.map((index) => Uint32Array.from(rows, (row) => index[row])),
        fixed.map((column) => Float64Array.from(rows, (row) => column[row])),
      );
    const { ratios, isConverged } = varianceRatios(design, y);
    const total = ratios.reduce((sum, ratio) => sum + ratio, 1);
    return {
      feature: name,
      reason: null,
      factors: ratios.map((ratio) => ratio / total),
      residual: 1 / total,
      isConverged,
    };
  });
}

/** Cross products of level indicators and fixed columns. The factor with most levels is apart: it is eliminated first. */
interface MixedDesign {
  readonly count: number;
  readonly fixedCount: number;
  /** Position of the eliminated factor among the factors. */
  readonly largest: number;
  readonly levels: Uint32Array;
  readonly levelCounts: Float64Array;
  /** Of the other columns (levels of other factors, then fixed): their factor, −1 for fixed. */
  readonly factorOf: Int32Array;
  readonly columns: readonly Float64Array[];
  /** Sums of the other columns within the levels: levels × columns, column-major. */
  readonly sums: Matrix;
  readonly products: Matrix;
}

function mixedDesign(groups: readonly Uint32Array[], fixed: readonly Float64Array[]): MixedDesign {
  const n = groups[0].length;
  const sizes = groups.map((index) => index.reduce((most, at) => Math.max(most, at + 1), 0));
  const largest = sizes.indexOf(Math.max(...sizes));
  const columns: Float64Array[] = [];
  const factorOf: number[] = [];
  groups.forEach((index, f) => {
    if (f === largest) return;
    for (let level = 0; level < sizes[f]; level++) {
      columns.push(Float64Array.from(index, (at) => (at === level ? 1 : 0)));
      factorOf.push(f);
    }
  });
  columns.push(new Float64Array(n).fill(1));
  for (const column of fixed) {
    const centre = mean(column);
    columns.push(column.map((value) => value - centre));
  }
  for (let j = 0; j <= fixed.length; j++) factorOf.push(-1);
  const levels = groups[largest];
  const levelCounts = new Float64Array(sizes[largest]);
  for (const level of levels) levelCounts[level]++;
  const m = columns.length;
  const sums = matrix(sizes[largest], m);
  const products = matrix(m, m);
  columns.forEach((a, i) => {
    for (let row = 0; row < n; row++) sums.data[i * sizes[largest] + levels[row]] += a[row];
    columns.forEach((b, j) => {
      let sum = 0;
      for (let row = 0; row < n; row++) sum += a[row] * b[row];
      products.data[j * m + i] = sum;
    });
  });
  const fixedCount = fixed.length + 1;
  return {
    count: n,
    fixedCount,
    largest,
    levels,
    levelCounts,
    factorOf: Int32Array.from(factorOf),
    columns,
    sums,
    products,
  };
}

const GRID = Array.from({ length: 15 }, (_, k) => 10 ** (k - 8));
const MAX_CYCLES = 100;

/** Variances of the factors over the residual variance: REML by one ratio after the other until none moves. */
function varianceRatios(design: MixedDesign, values: Float64Array) {
  const level = mean(values);
  const y = values.map((value) => value - level);
  const own = new Float64Array(design.levelCounts.length);
  y.forEach((value, row) => (own[design.levels[row]] += value));
  const right = Float64Array.from(design.columns, (column) => column.reduce((sum, x, row) => sum + x * y[row], 0));
  const squares = y.reduce((sum, value) => sum + value * value, 0);
  const factorCount = new Set(design.factorOf).size;
  const ratios = new Array<number>(factorCount).fill(0.1);
  const criterion = (f: number, ratio: number): number => {
    const trial = ratios.slice();
    trial[f] = ratio;
    return reml(design, trial, own, right, squares);
  };
  let isConverged = false;
  let last = Infinity;
  for (let cycle = 0; cycle < MAX_CYCLES && !isConverged; cycle++) {
    for (let f = 0; f < factorCount; f++) ratios[f] = bestRatio((ratio) => criterion(f, ratio), ratios[f], cycle === 0);
    const now = criterion(0, ratios[0]);
    isConverged = factorCount === 1 || last - now < 1e-10;
    last = now;
  }
  return { ratios, isConverged };
}

function bestRatio(criterion: (ratio: number) => number, start: number, isFirst: boolean): number {
  let centre = Math.log(Math.max(start, GRID[0]));
  let reach = 2;
  if (isFirst || start === 0) {
    const heights = GRID.map(criterion);
    centre = Math.log(GRID[heights.indexOf(Math.min(...heights))]);
    reach = Math.LN10;
  }
  const found = Math.exp(minimiseScalar((log) => criterion(Math.exp(log)), centre - reach, centre + reach, 1e-8).value);
  return criterion(found) < criterion(0) ? found : 0;
}

/** Twice the negative restricted log-likelihood, without constants, at given ratios of variances. */
function reml(
  design: MixedDesign,
  ratios: readonly number[],
  own: Float64Array,
  right: Float64Array,
  squares: number,
): number {
  const { factorOf, levelCounts, sums, products, largest, count, fixedCount } = design;
  const m = factorOf.length;
  const weight = Float64Array.from(factorOf, (f) => (f < 0 ? 1 : Math.sqrt(ratios[f])));
  const a = matrix(m, m);
  const c = new Float64Array(m);
  let logs = 0;
  let rest = squares;
  const factors = levelCounts.map((n) => ratios[largest] / (1 + ratios[largest] * n));
  levelCounts.forEach((n, l) => {
    logs += Math.log1p(ratios[largest] * n);
    rest -= factors[l] * own[l] * own[l];
  });
  const levelCount = levelCounts.length;
  for (let j = 0; j < m; j++) {
    let cross = right[j];
    for (let l = 0; l < levelCount; l++) cross -= factors[l] * sums.data[j * levelCount + l] * own[l];
    c[j] = weight[j] * cross;
    for (let i = j; i < m; i++) {
      let sum = products.data[j * m + i];
      for (let l = 0; l < levelCount; l++) {
        sum -= factors[l] * sums.data[j * levelCount + l] * sums.data[i * levelCount + l];
      }
      a.data[j * m + i] = weight[i] * weight[j] * sum + (i === j && factorOf[j] >= 0 ? 1 : 0);
    }
  }
  const factor = choleskyFactor(a);
  const solution = choleskySolve(factor, c);
  for (let j = 0; j < m; j++) rest -= solution[j] * c[j];
  return (count - fixedCount) * Math.log(Math.max(rest, Number.MIN_VALUE)) + choleskyLogDeterminant(factor) + logs;
}
