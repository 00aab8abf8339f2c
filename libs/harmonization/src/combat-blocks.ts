import type { CombatModel, PassedThrough } from './combat-model.js';
import { isRecord } from './digest.js';
import { CombatModelFormatError } from './errors.js';
import type { Location } from './estimates.js';
import { type CombatInput, type LocatedFit, locateCombat, modelOf } from './fit-combat.js';

type Numbers = readonly (number | null)[];

/** The fit of some of the features of a cohort, as plain data; null is what is not finite. Tables are [row][feature]. */
export interface CombatBlock extends Omit<LocatedFit, 'fit'> {
  readonly format: 'concord.combat-block/1';
  readonly kept: readonly number[];
  readonly passedThrough: readonly PassedThrough[];
  readonly tables: Readonly<Record<TableName, readonly Numbers[]>>;
  readonly rows: Readonly<Record<RowName, Numbers>>;
}

const TABLES = ['levels', 'effects', 'counts', 'gammaHat', 'deltaHat'] as const;
const ROWS = ['grandMean', 'pooledVariance'] as const;
type TableName = (typeof TABLES)[number];
type RowName = (typeof ROWS)[number];

/**
 * The first half of `fitCombat` for a block of features: all that looks at patients. Blocks of one cohort can be fitted
 * anywhere, in any order; `combatOfBlocks` puts them together.
 *
 * @param input the block's features over all patients, with the batches, covariates and options of the whole
 * @throws as `fitCombat`
 */
export function fitCombatBlock(input: CombatInput): CombatBlock {
  const { fit, ...facts } = locateCombat(input);
  const plain = (values: Float64Array): Numbers =>
    Array.from(values, (value) => (Number.isFinite(value) ? value : null));
  return {
    format: 'concord.combat-block/1',
    ...facts,
    kept: fit.kept,
    passedThrough: fit.passedThrough,
    tables: recordOf(TABLES, (name) => fit[name].map(plain)),
    rows: recordOf(ROWS, (name) => plain(fit[name])),
  };
}

/**
 * The ComBat of all features from the fits of its blocks, in the order of the features: bit by bit that of `fitCombat` on
 * all of them at once.
 *
 * @throws {CombatModelFormatError} if there is no block, or they are of different cohorts or options
 * @throws {TooFewFeaturesError} as `fitCombat`
 */
export function combatOfBlocks(blocks: readonly CombatBlock[]): CombatModel {
  const [first] = blocks;
  const cohortOf = ({ options, batches, batchCounts, designColumns, isMeanOnly }: CombatBlock): string =>
    JSON.stringify([options, batches, batchCounts, designColumns, isMeanOnly]);
  if (blocks.length === 0 || blocks.some((block) => !isBlock(block) || cohortOf(block) !== cohortOf(first))) {
    throw new CombatModelFormatError(
      'these are not blocks of one fit',
      'combatOfBlocks(blocks)',
      'Give every block that the features were cut into, once, in their order.',
    );
  }
  const starts = blocks.map((_, b) => blocks.slice(0, b).reduce((sum, { names }) => sum + names.length, 0));
  const { options, batchColumn, batches, batchCounts, covariates, designColumns, outcomeCovariates, isMeanOnly } =
    first;
  const fit: Location = {
    kept: blocks.flatMap((block, b) => block.kept.map((g) => starts[b] + g)),
    passedThrough: blocks.flatMap(({ passedThrough }) => passedThrough),
    ...recordOf(TABLES, (name) =>
      first.tables[name].map((_, row) => joined(blocks.map(({ tables }) => tables[name][row]))),
    ),
    ...recordOf(ROWS, (name) => joined(blocks.map(({ rows }) => rows[name]))),
  };
  return modelOf({
    ...{ options, batchColumn, batches, batchCounts, covariates, designColumns, outcomeCovariates, isMeanOnly },
    names: blocks.flatMap(({ names }) => names),
    fit,
  });
}

function isBlock(block: unknown): boolean {
  return isRecord(block) && block['format'] === 'concord.combat-block/1';
}

function joined(parts: readonly Numbers[]): Float64Array {
  return Float64Array.from(parts.flat(), (value) => value ?? NaN);
}

function recordOf<K extends string, V>(names: readonly K[], of: (name: K) => V): Record<K, V> {
  // fromEntries forgets which names it was given.
  return Object.fromEntries(names.map((name) => [name, of(name)])) as Record<K, V>;
}
