import {
  chiSquaredSf,
  fQuantile,
  mean,
  midranks,
  normalSf,
  rankWithTies,
  standardDeviation,
  sumOfSquaredDeviations,
  tCdf,
  tQuantile,
} from '@concord/numeric';
import { ScannerEffectInputError } from './errors.js';

/** Measurements: one row for each subject on each occasion (visit, scanner, reader). */
export interface RepeatabilityInput {
  readonly features: readonly { readonly name: string; readonly values: Float64Array }[];
  readonly subject: readonly (string | null)[];
  readonly occasion: readonly (string | null)[];
}

export interface WithInterval {
  readonly value: number;
  /** 95 %. */
  readonly interval: readonly [number, number];
}

/** How far one feature repeats. Null where nothing varies. */
export interface FeatureRepeatability {
  readonly feature: string;
  readonly reason: string | null;
  /** Mean squares: subjects, occasions, error, and within subjects. */
  readonly meanSquares: {
    readonly subjects: number;
    readonly occasions: number;
    readonly error: number;
    readonly within: number;
  };
  /** Single-measurement forms of Shrout and Fleiss 1979: one-way, two-way random (agreement), two-way mixed (consistency). */
  readonly icc11: WithInterval;
  readonly icc21: WithInterval;
  readonly icc31: WithInterval;
  /** The same for the mean of all occasions. */
  readonly icc1k: number;
  readonly icc2k: number;
  readonly icc3k: number;
  /** Overall concordance of all occasions (Barnhart, Haber and Song 2002), divisor n. */
  readonly overallCcc: number;
  readonly withinSd: number;
  /** 1.96 √2 within-subject SD. */
  readonly repeatabilityCoefficient: number;
  /** Within-subject SD over |grand mean|; null for a mean of 0. */
  readonly withinCv: number | null;
  /** Friedman's test of a difference between occasions. */
  readonly friedmanP: number;
  /** First minus second occasion, in text order. */
  readonly firstTwo: PairAgreement;
}

/** Agreement of two occasions; differences are first minus second. */
export interface PairAgreement {
  /** Lin 1989, divisors n and n − 1. */
  readonly ccc: number;
  readonly cccUnbiased: number;
  readonly pearson: number;
  readonly spearman: number;
  readonly bias: WithInterval;
  readonly differenceSd: number;
  /** Bland and Altman 1986: bias ± 1.96 SD, with the standard error of each limit. */
  readonly limits: readonly [number, number];
  readonly limitSe: number;
  /** Slope of the difference on the mean, and its p: proportional bias. */
  readonly proportionalBias: { readonly slope: number; readonly p: number } | null;
  readonly pairedTP: number | null;
  /** Signed ranks, normal approximation with continuity correction. */
  readonly wilcoxonP: number | null;
}

export interface Repeatability {
  readonly occasions: readonly string[];
  readonly subjectCount: number;
  /** Subjects left out because a occasion is missing. */
  readonly incompleteCount: number;
  readonly features: readonly (FeatureRepeatability | { readonly feature: string; readonly reason: string })[];
}

/**
 * Repeatability (test-retest) or reproducibility (travelling subjects, phantoms on several scanners) of each feature.
 * Subjects with every occasion take part; a feature needs them all finite.
 *
 * @throws {ScannerEffectInputError} if a label is missing, a subject has a occasion twice, or there are fewer than three
 *   complete subjects or two occasions
 */
export function measureRepeatability(input: RepeatabilityInput): Repeatability {
  const { occasions, table, incompleteCount } = arrange(input);
  const k = occasions.length;
  const n = table.length;
  const features = input.features.map(({ name, values }) => {
    const rows = table.map((at) => Float64Array.from(at, (row) => values[row]));
    if (rows.some((row) => row.some((value) => !Number.isFinite(value)))) {
      return { feature: name, reason: 'it has missing values' };
    }
    if (rows.every((row) => row.every((value) => value === rows[0][0]))) {
      return { feature: name, reason: 'it does not vary' };
    }
    return measureFeature(name, rows, n, k);
  });
  return { occasions, subjectCount: n, incompleteCount, features };
}

function arrange({ features, subject, occasion }: RepeatabilityInput) {
  const fail = (what: string, where: string, fix: string): never => {
    throw new ScannerEffectInputError(what, where, fix);
  };
  const missing = [...subject, ...occasion].filter((label) => label === null || label === '').length;
  if (missing > 0)
    fail(`${missing} rows have no subject or occasion`, 'the subject and occasion columns', 'Fill them in.');
  const uneven = features.find(({ values }) => values.length !== subject.length);
  if (uneven || occasion.length !== subject.length) {
    fail('columns differ in length', `feature ${uneven?.name ?? ''}`, 'Give every row one value.');
  }
  const occasions = [...new Set(occasion as readonly string[])].sort();
  const rowsOf = new Map<string, Map<string, number>>();
  subject.forEach((label, row) => {
    const own = rowsOf.get(label!) ?? new Map<string, number>();
    if (own.has(occasion[row]!)) {
      fail(
        'a subject has a occasion twice',
        'the occasion column',
        'Number the occasions of each subject differently.',
      );
    }
    rowsOf.set(label!, own.set(occasion[row]!, row));
  });
  const complete = [...rowsOf.values()].filter((own) => own.size === occasions.length);
  if (occasions.length < 2 || complete.length < 3) {
    fail(
      `there are ${complete.length} subjects with all of ${occasions.length} occasions`,
      'the table',
      'At least three subjects with the same two occasions are needed.',
    );
  }
  return {
    occasions,
    table: complete.map((own) => occasions.map((label) => own.get(label)!)),
    incompleteCount: rowsOf.size - complete.length,
  };
}

function measureFeature(feature: string, rows: readonly Float64Array[], n: number, k: number): FeatureRepeatability {
  const columns = Array.from({ length: k }, (_, j) => Float64Array.from(rows, (row) => row[j]));
  const subjectMeans = Float64Array.from(rows, (row) => mean(row));
  const occasionMeans = Float64Array.from(columns, (column) => mean(column));
  const grand = mean(subjectMeans);
  const within = rows.reduce((sum, row) => sum + sumOfSquaredDeviations(row), 0);
  let error = 0;
  rows.forEach((row, i) =>
    row.forEach((value, j) => (error += (value - subjectMeans[i] - occasionMeans[j] + grand) ** 2)),
  );
  const meanSquares = {
    subjects: (k * sumOfSquaredDeviations(subjectMeans)) / (n - 1),
    occasions: (n * sumOfSquaredDeviations(occasionMeans)) / (k - 1),
    error: error / ((n - 1) * (k - 1)),
    within: within / (n * (k - 1)),
  };
  const withinSd = Math.sqrt(meanSquares.within);
  return {
    feature,
    reason: null,
    meanSquares,
    ...intraclass(meanSquares, n, k),
    overallCcc: overallConcordance(columns, n),
    withinSd,
    repeatabilityCoefficient: 1.96 * Math.SQRT2 * withinSd,
    withinCv: grand === 0 ? null : withinSd / Math.abs(grand),
    friedmanP: friedman(rows, n, k),
    firstTwo: agreement(columns[0], columns[1]),
  };
}

function intraclass(squares: FeatureRepeatability['meanSquares'], n: number, k: number) {
  const { subjects: msr, occasions: msc, error: mse, within: msw } = squares;
  const consistency = (rest: number, df: number): WithInterval => {
    const low = msr / rest / fQuantile(0.975, n - 1, df);
    const high = (msr / rest) * fQuantile(0.975, df, n - 1);
    return {
      value: (msr - rest) / (msr + (k - 1) * rest),
      interval: [share(low, k), share(high, k)],
    };
  };
  const agreed = (msr - mse) / (msr + (k - 1) * mse + (k * (msc - mse)) / n);
  return {
    icc11: consistency(msw, n * (k - 1)),
    icc21: { value: agreed, interval: agreementInterval(agreed, squares, n, k) },
    icc31: consistency(mse, (n - 1) * (k - 1)),
    icc1k: (msr - msw) / msr,
    icc2k: (msr - mse) / (msr + (msc - mse) / n),
    icc3k: (msr - mse) / msr,
  };
}

/** (F − 1) / (F + k − 1), with its limit for perfect repetition. */
function share(f: number, k: number): number {
  return f === Infinity ? 1 : (f - 1) / (f + k - 1);
}

/** McGraw and Wong 1996 (Psychol Methods 1:30), case 2A, with Satterthwaite's degrees of freedom. */
function agreementInterval(
  icc: number,
  { subjects: msr, occasions: msc, error: mse }: FeatureRepeatability['meanSquares'],
  n: number,
  k: number,
): [number, number] {
  if (mse === 0) return msc === 0 ? [1, 1] : [icc, icc];
  const f = msc / mse;
  const b = n * (1 + (k - 1) * icc) - k * icc;
  const df = ((k - 1) * (n - 1) * (k * icc * f + b) ** 2) / ((n - 1) * k * k * icc * icc * f * f + b * b);
  const upper = fQuantile(0.975, n - 1, df);
  const lower = fQuantile(0.975, df, n - 1);
  const rest = k * msc + (k * n - k - n) * mse;
  return [(n * (msr - upper * mse)) / (upper * rest + n * msr), (n * (lower * msr - mse)) / (rest + n * lower * msr)];
}

function overallConcordance(columns: readonly Float64Array[], n: number): number {
  const means = columns.map(mean);
  let shared = 0;
  let all = 0;
  columns.forEach((a, i) => {
    all += ((columns.length - 1) * sumOfSquaredDeviations(a)) / n;
    columns.slice(i + 1).forEach((b, j) => {
      const other = means[i + 1 + j];
      shared += (2 * crossDeviations(a, b)) / n;
      all += (means[i] - other) ** 2;
    });
  });
  return shared / all;
}

function crossDeviations(a: Float64Array, b: Float64Array): number {
  const centreA = mean(a);
  const centreB = mean(b);
  return a.reduce((sum, value, i) => sum + (value - centreA) * (b[i] - centreB), 0);
}

function friedman(rows: readonly Float64Array[], n: number, k: number): number {
  const sums = new Float64Array(k);
  let ties = 0;
  for (const row of rows) {
    const { ranks, tieSum } = rankWithTies(row);
    ties += tieSum;
    ranks.forEach((rank, j) => (sums[j] += rank));
  }
  const squares = sums.reduce((sum, value) => sum + (value - (n * (k + 1)) / 2) ** 2, 0);
  const scale = n * k * (k + 1) - ties / (k - 1);
  return scale > 0 ? chiSquaredSf((12 * squares) / scale, k - 1) : 1;
}

function agreement(a: Float64Array, b: Float64Array): PairAgreement {
  const n = a.length;
  const difference = a.map((value, i) => value - b[i]);
  const bias = mean(difference);
  const sd = standardDeviation(difference);
  const se = sd / Math.sqrt(n);
  const half = tQuantile(0.975, n - 1) * se;
  const squaresA = sumOfSquaredDeviations(a);
  const squaresB = sumOfSquaredDeviations(b);
  const cross = crossDeviations(a, b);
  const ccc = (divisor: number): number => (2 * cross) / divisor / ((squaresA + squaresB) / divisor + bias * bias);
  return {
    ccc: ccc(n),
    cccUnbiased: ccc(n - 1),
    pearson: cross / Math.sqrt(squaresA * squaresB),
    spearman: correlation(midranks(a), midranks(b)),
    bias: { value: bias, interval: [bias - half, bias + half] },
    differenceSd: sd,
    limits: [bias - 1.96 * sd, bias + 1.96 * sd],
    limitSe: sd * Math.sqrt(1 / n + 1.96 ** 2 / (2 * (n - 1))),
    proportionalBias: slopeOf(
      difference,
      a.map((value, i) => (value + b[i]) / 2),
    ),
    pairedTP: se > 0 ? 2 * tCdf(-Math.abs(bias / se), n - 1) : null,
    wilcoxonP: wilcoxon(difference),
  };
}

function correlation(a: Float64Array, b: Float64Array): number {
  return crossDeviations(a, b) / Math.sqrt(sumOfSquaredDeviations(a) * sumOfSquaredDeviations(b));
}

function slopeOf(y: Float64Array, x: Float64Array): { slope: number; p: number } | null {
  const squares = sumOfSquaredDeviations(x);
  if (!(squares > 0) || x.length < 3) return null;
  const slope = crossDeviations(x, y) / squares;
  const rest = Math.max(0, sumOfSquaredDeviations(y) - slope * slope * squares);
  const t = slope / Math.sqrt(rest / (x.length - 2) / squares);
  return { slope, p: Number.isNaN(t) ? 1 : 2 * tCdf(-Math.abs(t), x.length - 2) };
}

function wilcoxon(differences: Float64Array): number | null {
  const moved = differences.filter((value) => value !== 0);
  const n = moved.length;
  if (n === 0) return null;
  const { ranks, tieSum } = rankWithTies(moved.map(Math.abs));
  const v = ranks.reduce((sum, rank, i) => sum + (moved[i] > 0 ? rank : 0), 0);
  const z = v - (n * (n + 1)) / 4;
  const sd = Math.sqrt((n * (n + 1) * (2 * n + 1)) / 24 - tieSum / 48);
  return Math.min(1, 2 * normalSf(Math.abs(z - Math.sign(z) * 0.5) / sd));
}
