import type { RandomSource } from '@concord/numeric';
import type { NamedColumn } from '../logistic-model.js';
import { ModelInputError } from '../errors.js';
import { bootstrapRows, growTree, leafOf, type Tree, type TreeRules } from './tree.js';

/** How a forest is grown. */
export interface ForestSettings {
  /** Default 500. */
  readonly treeCount?: number;
  /** Features tried at each cut; default the square root of their number, rounded up. */
  readonly tried?: number;
  /** Patients (drawn ones count as often as drawn) that a leaf must hold. */
  readonly leafSize?: number;
  /** A seeded source: the same seed grows the same forest. */
  readonly random: RandomSource;
  readonly seed?: number | string;
}

/** Trees on bootstrap samples, and for every patient the mean first value over the trees that did not see them. */
export interface GrownForest {
  readonly trees: Tree[];
  /** NaN for a patient that every tree saw. */
  readonly outOfBag: Float64Array;
}

/**
 * @param rulesFor the rules for one tree, given its sample
 * @param score what is averaged over the trees that did not see a patient: a value of the leaf
 */
export function growForest(
  columns: readonly Float64Array[],
  settings: { treeCount: number; random: RandomSource },
  rules: TreeRules,
): GrownForest {
  const rows = columns[0].length;
  const sums = new Float64Array(rows);
  const counts = new Float64Array(rows);
  const trees = Array.from({ length: settings.treeCount }, () => {
    const { drawn, left } = bootstrapRows(rows, settings.random);
    const tree = growTree(columns, drawn, rules, settings.random);
    for (const row of left) {
      sums[row] += tree.values[leafOf(tree, (feature) => columns[feature][row])];
      counts[row]++;
    }
    return tree;
  });
  return { trees, outOfBag: sums.map((sum, row) => sum / counts[row]) };
}

/** @throws {ModelInputError} for shapes, values or settings that do not fit */
export function checkForest(
  features: readonly NamedColumn[],
  rows: number,
  { treeCount = 500, tried, leafSize }: Partial<ForestSettings>,
): void {
  const where = 'fitForest(features)';
  if (features.length === 0) throw new ModelInputError('no features were given', where, 'Check the feature globs.');
  for (const { name, values } of features) {
    if (values.length === rows && values.every(Number.isFinite)) continue;
    throw new ModelInputError(
      `feature ${name} has missing values or another length`,
      where,
      'Drop or impute it first.',
    );
  }
  for (const [name, value] of Object.entries({ treeCount, tried, leafSize })) {
    if (value === undefined || (Number.isInteger(value) && value >= 1)) continue;
    throw new ModelInputError(`${name} is ${value}`, where, 'Give a whole number from 1.');
  }
}
