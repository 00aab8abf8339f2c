import type { NamedColumn } from '../logistic-model.js';
import { ModelInputError } from '../errors.js';
import { checkForest, growForest, type ForestSettings } from './grow-forest.js';
import { cutBetween, type Cut, type Tree } from './tree.js';

/** A random forest as plain JSON: risk = mean over the trees of the share of events in the patient's leaf. */
export interface ForestModel {
  readonly format: 'concord.forest/1';
  readonly features: readonly string[];
  readonly trees: readonly Tree[];
  readonly settings: { readonly treeCount: number; readonly tried: number; readonly leafSize: number };
  readonly seed: number | string | null;
  readonly development: { readonly n: number; readonly events: number };
}

/** A fit with what belongs to its development patients; only `model` is fit to be locked or sent. */
export interface ForestFit {
  readonly model: ForestModel;
  /** Each patient's risk by the trees that did not see them. */
  readonly outOfBag: Float64Array;
}

const LEAF_SIZE = 5;

/**
 * A random forest of probability trees: bootstrap samples, cuts by Gini's index among features drawn at every node.
 *
 * Leaves of at least 5 patients by default: shares of smaller ones are noisy, and tell of single patients.
 *
 * @param outcome 0 or 1 for each patient, both present
 * @throws {ModelInputError} for shapes, values or settings that do not fit, or a class that is absent
 * @see Breiman, Mach Learn 45 (2001); Malley et al., Methods Inf Med 51 (2012), probability trees
 */
export function fitForest(features: readonly NamedColumn[], outcome: Uint8Array, settings: ForestSettings): ForestFit {
  const n = outcome.length;
  checkForest(features, n, settings);
  const events = outcome.reduce((sum, value) => sum + value, 0);
  if (outcome.some((value) => value > 1) || events === 0 || events === n) {
    throw new ModelInputError(
      `${events} of ${n} patients have the event`,
      'fitForest(outcome)',
      'A forest needs patients of both classes, coded 0 and 1.',
    );
  }
  const { treeCount = 500, leafSize = LEAF_SIZE, random } = settings;
  const tried = settings.tried ?? Math.ceil(Math.sqrt(features.length));
  const columns = features.map(({ values }) => values);
  const eventsIn = (rows: Int32Array) => rows.reduce((sum, row) => sum + outcome[row], 0);
  const { trees, outOfBag } = growForest(
    columns,
    { treeCount, random },
    {
      tried,
      cut: (ordered, values) => giniCut(ordered, values, outcome, leafSize),
      isLeaf: (rows) => rows.length < 2 * leafSize || [0, rows.length].includes(eventsIn(rows)),
      leafValues: (rows) => [eventsIn(rows) / rows.length],
    },
  );
  const model: ForestModel = {
    format: 'concord.forest/1',
    features: features.map(({ name }) => name),
    trees,
    settings: { treeCount, tried, leafSize },
    seed: settings.seed ?? null,
    development: { n, events },
  };
  return { model, outOfBag };
}

/** The cut that lowers Gini's index most; of equal ones the lowest. */
function giniCut(ordered: Int32Array, values: Float64Array, outcome: Uint8Array, leafSize: number): Cut | null {
  const n = ordered.length;
  let total = 0;
  for (const row of ordered) total += outcome[row];
  const base = (total * total + (n - total) ** 2) / n;
  let best: Cut | null = null;
  let below = 0;
  for (let i = 1; i <= n - leafSize; i++) {
    below += outcome[ordered[i - 1]];
    const [low, high] = [values[ordered[i - 1]], values[ordered[i]]];
    if (i < leafSize || low === high) continue;
    const above = total - below;
    const rest = n - i;
    const gain = (below * below + (i - below) ** 2) / i + (above * above + (rest - above) ** 2) / rest - base;
    if (gain > (best?.gain ?? 1e-12)) best = { threshold: cutBetween(low, high), gain };
  }
  return best;
}
