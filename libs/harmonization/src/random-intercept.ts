import {
  choleskyFactor,
  choleskyLogDeterminant,
  choleskySolve,
  type Matrix,
  matrix,
  minimiseScalar,
} from '@concord/numeric';

/** Visits of subjects with fixed-effect columns, reduced to what the mixed model needs. */
export interface VisitDesign {
  /** Rows of the table that take part. */
  readonly rows: Uint32Array;
  /** Subject of each of these rows, 0 … subjectCount − 1. */
  readonly subject: Uint32Array;
  readonly visits: Float64Array;
  /** Fixed-effect columns over these rows, and their means by subject: columns × subjects. */
  readonly columns: readonly Float64Array[];
  readonly means: readonly Float64Array[];
  /** Cross products inside subjects. */
  readonly within: Matrix;
  /** Sums of products of subject means, over the subjects with the same number of visits. */
  readonly between: readonly { readonly visits: number; readonly count: number; readonly products: Matrix }[];
}

/** y = x'beta + subject + error, by restricted maximum likelihood. */
export interface RandomInterceptFit {
  readonly beta: Float64Array;
  /** Error variance, and the variance of subjects over it. */
  readonly variance: number;
  readonly ratio: number;
}

/** @param columns of full rank over the given rows; they are not copied */
export function visitDesign(
  subjectOfRow: Uint32Array,
  rows: Uint32Array,
  tableColumns: readonly Float64Array[],
): VisitDesign {
  const numbering = new Map<number, number>();
  const subject = rows.map((row) => {
    const known = numbering.get(subjectOfRow[row]);
    if (known !== undefined) return known;
    numbering.set(subjectOfRow[row], numbering.size);
    return numbering.size - 1;
  });
  const visits = new Float64Array(numbering.size);
  for (const s of subject) visits[s]++;
  const columns = tableColumns.map((column) => Float64Array.from(rows, (row) => column[row]));
  const means = columns.map((column) => subjectMeans(column, subject, visits));
  const p = columns.length;
  const within = matrix(p, p);
  const sizes = [...new Set(visits)].sort((a, b) => a - b);
  const between = sizes.map((size) => ({
    visits: size,
    count: visits.filter((n) => n === size).length,
    products: matrix(p, p),
  }));
  const groupOf = visits.map((n) => sizes.indexOf(n));
  for (let i = 0; i < p; i++) {
    for (let j = 0; j < p; j++) {
      const at = j * p + i;
      within.data[at] = productInside(columns[i], means[i], columns[j], means[j], subject);
      visits.forEach((_, s) => (between[groupOf[s]].products.data[at] += means[i][s] * means[j][s]));
    }
  }
  return { rows, subject, visits, columns, means, within, between };
}

export function subjectMeans(values: Float64Array, subject: Uint32Array, visits: Float64Array): Float64Array {
  const means = new Float64Array(visits.length);
  for (let k = 0; k < values.length; k++) means[subject[k]] += values[k];
  return means.map((sum, s) => sum / visits[s]);
}

function productInside(
  a: Float64Array,
  meansA: Float64Array,
  b: Float64Array,
  meansB: Float64Array,
  subject: Uint32Array,
): number {
  let sum = 0;
  for (let k = 0; k < a.length; k++) sum += (a[k] - meansA[subject[k]]) * (b[k] - meansB[subject[k]]);
  return sum;
}

const GRID = Array.from({ length: 29 }, (_, k) => 10 ** (k / 2 - 6));

/**
 * Fits the random intercept. The likelihood is profiled over beta and the error variance, which leaves one ratio of
 * variances (Bates et al. 2015, J Stat Softw 67:1, section 3, for one scalar random effect): the best of a grid from 0
 * to 1e8, then Brent's search around it. Cost per step: columns² × different numbers of visits.
 *
 * @param values of the design's rows; subtract their mean first where it is large
 */
export function fitRandomIntercept(design: VisitDesign, values: Float64Array): RandomInterceptFit {
  const p = design.columns.length;
  const n = values.length;
  const means = subjectMeans(values, design.subject, design.visits);
  const inside = design.columns.map((column, j) =>
    productInside(column, design.means[j], values, means, design.subject),
  );
  const squaresInside = productInside(values, means, values, means, design.subject);
  const groups = design.between.map(({ visits }) => {
    const products = new Float64Array(p);
    let squares = 0;
    for (let s = 0; s < means.length; s++) {
      if (design.visits[s] !== visits) continue;
      squares += means[s] * means[s];
      for (let j = 0; j < p; j++) products[j] += design.means[j][s] * means[s];
    }
    return { products, squares };
  });
  const solve = (ratio: number) => {
    const a = matrix(p, p, design.within.data.slice());
    const c = Float64Array.from(inside);
    let squares = squaresInside;
    let logs = 0;
    design.between.forEach(({ visits, count, products }, m) => {
      const weight = visits / (1 + visits * ratio);
      logs += count * Math.log1p(visits * ratio);
      squares += weight * groups[m].squares;
      for (let j = 0; j < p; j++) c[j] += weight * groups[m].products[j];
      for (let at = 0; at < p * p; at++) a.data[at] += weight * products.data[at];
    });
    const factor = choleskyFactor(a);
    const beta = choleskySolve(factor, c);
    for (let j = 0; j < p; j++) squares -= beta[j] * c[j];
    const rest = Math.max(squares, Number.MIN_VALUE);
    return { beta, rest, criterion: (n - p) * Math.log(rest) + choleskyLogDeterminant(factor) + logs };
  };
  const ratio = bestRatio((r) => solve(r).criterion);
  const { beta, rest } = solve(ratio);
  return { beta, variance: rest / (n - p), ratio };
}

function bestRatio(criterion: (ratio: number) => number): number {
  const heights = GRID.map(criterion);
  const best = heights.indexOf(Math.min(...heights));
  const low = Math.log(GRID[Math.max(0, best - 1)]);
  const high = Math.log(GRID[Math.min(GRID.length - 1, best + 1)]);
  const found = Math.exp(minimiseScalar((log) => criterion(Math.exp(log)), low, high, 1e-8).value);
  return criterion(found) < criterion(0) ? found : 0;
}

/** Predicted intercept of each subject: its mean residual, shrunken by its number of visits. */
export function subjectIntercepts(visits: Float64Array, meanResiduals: Float64Array, ratio: number): Float64Array {
  return meanResiduals.map((mean, s) => ((visits[s] * ratio) / (1 + visits[s] * ratio)) * mean);
}
