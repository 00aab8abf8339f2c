import type { SiteRows } from './batch-sums.js';
import { centreInPlace } from './centred-design.js';
import { type DesignColumn, designColumns } from './coding.js';
import { batchIndexOf, checkColumns, sortedLabels } from './columns.js';
import { type CombatModel, type CombatOptions, defaultCombatOptions } from './combat-model.js';
import { CombatInputError } from './errors.js';
import { assemble, emptyLocation, type Location, shrinkAll } from './estimates.js';
import type { PooledFit } from './pooled-fit.js';

/**
 * The site's end: its own batches' estimates, from its own patients and the pooled fit, as a model that `applyCombat`
 * takes. Only its own batches are in it. Give the patients that the sums were formed of.
 *
 * @throws {CombatInputError} if the rows do not fit the codebook, or a batch has one patient
 */
export function finishCombat(
  pooled: PooledFit,
  rows: Omit<SiteRows, 'fold'>,
  partial: Partial<Omit<CombatOptions, 'reference'>> = {},
): CombatModel {
  const options = { ...defaultCombatOptions, ...partial, reference: pooled.reference };
  const covariates = rows.covariates ?? [];
  checkColumns(rows.features, rows.batch, covariates);
  const { codebook } = pooled;
  const labels = rows.batch as readonly string[];
  const batches = sortedLabels(labels);
  const index = batchIndexOf(batches, labels);
  const rowsOf = batches.map((_, i) => Uint32Array.from([...index.keys()].filter((row) => index[row] === i)));
  const batchCounts = rowsOf.map((own) => own.length);
  const alone = batches.find((_, i) => batchCounts[i] < 2);
  if (alone !== undefined) {
    throw new CombatInputError(`batch ${alone} has one patient`, `batch ${alone}`, 'Leave it out of the study.');
  }
  const columns = designColumns(codebook.covariates, covariates);
  const fit = emptyLocation(batches.length, columns.length, codebook.features.length);
  const out = new Map(pooled.passedThrough.map((entry) => [entry.feature, entry.reason]));
  const byName = new Map(rows.features.map((feature) => [feature.name, feature.values]));
  codebook.features.forEach((name, g) => {
    const reason = out.get(name);
    const values = byName.get(name);
    if (values === undefined) {
      throw new CombatInputError(
        `feature ${name} is missing`,
        `feature ${name}`,
        'Give every feature of the codebook.',
      );
    }
    if (reason === undefined) locateInPlace(fit, g, values, { pooled, columns, rowsOf, options });
    else fit.passedThrough.push({ feature: name, reason });
  });
  const reference = pooled.reference === null ? -1 : batches.indexOf(pooled.reference);
  const shrunken = shrinkAll(fit, options, options.meanOnly, batches.length, reference, pooled.batchCount);
  return {
    format: 'concord.combat/2',
    batchColumn: null,
    batches,
    batchCounts,
    features: fit.kept.map((g) => codebook.features[g]),
    passedThrough: fit.passedThrough,
    covariates: codebook.covariates,
    designColumns: columns.map(({ name }) => name),
    outcomeCovariates: [],
    options,
    isMeanOnly: options.meanOnly,
    ...assemble(fit, shrunken, reference),
    transductive: false,
    warnings: [],
  };
}

interface FinishContext {
  readonly pooled: PooledFit;
  readonly columns: readonly DesignColumn[];
  readonly rowsOf: readonly Uint32Array[];
  readonly options: CombatOptions;
}

/** Shift and variance of feature g in each batch, about the pooled fit. */
function locateInPlace(fit: Location, g: number, values: Float64Array, context: FinishContext): void {
  const { pooled, columns, rowsOf, options } = context;
  const variance = pooled.pooledVariance[g];
  fit.kept.push(g);
  fit.grandMean[g] = pooled.grandMean[g];
  fit.pooledVariance[g] = variance;
  columns.forEach((_, j) => (fit.effects[j][g] = pooled.effects[j][g]));
  rowsOf.forEach((own, i) => {
    const observed = own.filter((row) => !Number.isNaN(values[row]));
    const rest = Float64Array.from(observed, (row) =>
      columns.reduce((sum, column, j) => sum - pooled.effects[j][g] * column.values[row], values[row]),
    );
    const n = rest.length;
    const level = centreInPlace(rest, 0, n);
    const squares = rest.reduce((sum, value) => sum + value * value, 0);
    const divisor = options.divisor === 'n' ? n : n - 1;
    fit.counts[i][g] = n;
    fit.levels[i][g] = level;
    fit.gammaHat[i][g] = (level - pooled.grandMean[g]) / Math.sqrt(variance);
    fit.deltaHat[i][g] = n === 0 ? NaN : options.meanOnly ? 1 : n < 2 ? NaN : squares / divisor / variance;
  });
}
