import { codingOf, type Covariate, designColumns } from '@concord/harmonization';
import {
  benjaminiHochberg,
  choleskyFactor,
  choleskyInverse,
  crossProduct,
  leastSquares,
  matrixOfColumns,
  mean,
  midranks,
  sumOfSquaredDeviations,
  tCdf,
} from '@concord/numeric';
import { type Groups, groupsOf } from './groups.js';
import { LEVEL, type ScannerEffectInput } from './scanner-effect.js';

/** What became of the effect of one design column over all features. */
export interface CovariateKept {
  readonly column: string;
  /** Spearman's correlation of the slopes before and after, over features. */
  readonly rankCorrelation: number;
  /** Median of slope after over slope before, among features in which it was found before. */
  readonly medianRatio: number | null;
  /** Among those, how many changed sign. */
  readonly signChanges: number;
  /** Features in which the column is found: adjusted p < 0.05. */
  readonly foundBefore: number;
  readonly foundAfter: number;
}

/** Discrimination of the outcome by single features inside batches: |AUC − 0.5| + 0.5, averaged over features. */
export interface OutcomeKept {
  readonly before: number;
  readonly after: number;
  /** Batches in which both classes occur. */
  readonly batchCount: number;
}

export interface BiologyKept {
  readonly covariates: readonly CovariateKept[];
  /** null without an outcome, or where no batch has both classes. */
  readonly outcome: OutcomeKept | null;
}

/**
 * Whether harmonisation kept what is not scanner: slopes of covariates beside the batch, and the outcome's discrimination
 * inside batches, where no batch effect can feign it. Features with missing values are left out.
 *
 * @param outcome 0 or 1 a patient
 */
export function measureBiology(input: {
  readonly before: ScannerEffectInput['features'];
  readonly after: ScannerEffectInput['features'];
  readonly batch: ScannerEffectInput['batch'];
  readonly covariates?: readonly Covariate[];
  readonly outcome?: ArrayLike<number>;
}): BiologyKept {
  const groups = groupsOf(input.batch);
  const covariates = input.covariates ?? [];
  const isComplete = (g: number): boolean =>
    [input.before[g], input.after[g]].every(
      ({ values }) => !values.some(Number.isNaN) && values.some((v) => v !== values[0]),
    );
  const kept = [...input.before.keys()].filter(isComplete);
  const before = kept.map((g) => input.before[g].values);
  const after = kept.map((g) => input.after[g].values);
  const columns = designColumns(codingOf(covariates), covariates);
  const slopesBefore = slopes(before, groups, columns);
  const slopesAfter = slopes(after, groups, columns);
  return {
    covariates: columns.map(({ name }, j) => covariateKept(name, slopesBefore[j], slopesAfter[j])),
    outcome: input.outcome === undefined ? null : outcomeKept(before, after, groups, input.outcome),
  };
}

interface Slopes {
  readonly values: Float64Array;
  readonly adjustedP: ArrayLike<number>;
}

/** Slope of each design column beside batches and the others, with its t test. */
function slopes(
  features: readonly Float64Array[],
  groups: Groups,
  columns: readonly { readonly values: Float64Array }[],
): Slopes[] {
  const k = groups.labels.length;
  const indicators = groups.labels.map((_, i) => Float64Array.from(groups.index, (at) => (at === i ? 1 : 0)));
  const centred = columns.map(({ values }) => {
    const centre = mean(values);
    return values.map((value) => value - centre);
  });
  if (columns.length === 0) return [];
  const x = matrixOfColumns([...indicators, ...centred]);
  const inverse = choleskyInverse(choleskyFactor(crossProduct(x, x)));
  const df = x.rows - x.cols;
  const fits = features.map((values) => leastSquares(x, values));
  return columns.map((_, j) => {
    const at = k + j;
    const unit = Math.sqrt(inverse.data[at * x.cols + at]);
    const t = fits.map((fit) => fit.coefficients[at] / (unit * Math.sqrt(fit.residualSumOfSquares / df)));
    return {
      values: Float64Array.from(fits, (fit) => fit.coefficients[at]),
      adjustedP: benjaminiHochberg(t.map((value) => (Number.isNaN(value) ? 1 : 2 * tCdf(-Math.abs(value), df)))),
    };
  });
}

function covariateKept(column: string, before: Slopes, after: Slopes): CovariateKept {
  const found = [...before.values.keys()].filter((g) => before.adjustedP[g] < LEVEL);
  const ratios = found.map((g) => after.values[g] / before.values[g]).sort((a, b) => a - b);
  return {
    column,
    rankCorrelation: rankCorrelation(before.values, after.values),
    medianRatio: ratios.length === 0 ? null : (ratios[(ratios.length - 1) >> 1] + ratios[ratios.length >> 1]) / 2,
    signChanges: ratios.filter((ratio) => ratio < 0).length,
    foundBefore: found.length,
    foundAfter: [...after.values.keys()].filter((g) => after.adjustedP[g] < LEVEL).length,
  };
}

function rankCorrelation(a: Float64Array, b: Float64Array): number {
  const [x, y] = [midranks(a), midranks(b)];
  const centre = (a.length + 1) / 2;
  const cross = x.reduce((sum, rank, i) => sum + (rank - centre) * (y[i] - centre), 0);
  const scale = Math.sqrt(sumOfSquaredDeviations(x) * sumOfSquaredDeviations(y));
  return scale > 0 ? cross / scale : 1;
}

function outcomeKept(
  before: readonly Float64Array[],
  after: readonly Float64Array[],
  groups: Groups,
  outcome: ArrayLike<number>,
): OutcomeKept | null {
  const all = [...groups.index.keys()];
  const parts = groups.labels
    .map((_, i) => all.filter((row) => groups.index[row] === i))
    .filter((rows) => rows.some((row) => outcome[row] === 1) && rows.some((row) => outcome[row] === 0));
  if (parts.length === 0) return null;
  const strength = (features: readonly Float64Array[]): number =>
    features.reduce((sum, values) => sum + Math.abs(pairedAuc(values, outcome, parts) - 0.5), 0) / features.length +
    0.5;
  return { before: strength(before), after: strength(after), batchCount: parts.length };
}

/** Area under the curve inside each part, averaged by its pairs of patients with and without the outcome. */
export function pairedAuc(
  scores: ArrayLike<number>,
  outcome: ArrayLike<number>,
  parts: readonly (readonly number[])[],
): number {
  let wins = 0;
  let pairs = 0;
  for (const rows of parts) {
    const ranks = midranks(rows.map((row) => scores[row]));
    const events = rows.filter((row) => outcome[row] === 1).length;
    let sum = 0;
    rows.forEach((row, i) => (sum += outcome[row] === 1 ? ranks[i] : 0));
    wins += sum - (events * (events + 1)) / 2;
    pairs += events * (rows.length - events);
  }
  return wins / pairs;
}
