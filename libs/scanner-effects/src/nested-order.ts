import {
  type BatchVariable,
  type Covariate,
  type FeatureColumn,
  harmonize,
  type StopRule,
} from '@concord/harmonization';
import { andersonDarling } from './distribution-tests.js';
import { groupsOf, splitByGroup } from './groups.js';

/** One order of the batch variables, and how many features still differ by each afterwards. */
export interface NestedOrder {
  readonly order: readonly string[];
  /** Anderson-Darling tests at p < 0.05 by variable, in the order of the input. */
  readonly significant: readonly number[];
  readonly total: number;
}

export interface NestedOrders {
  readonly orders: readonly NestedOrder[];
  /** Smallest total; the first of equals. */
  readonly best: NestedOrder;
  readonly features: readonly FeatureColumn[];
}

/**
 * Nested ComBat (Horng et al. 2022, Sci Rep 12:4493): ComBat for one batch variable after the other, in every order, and
 * the order that leaves fewest Anderson-Darling tests below 0.05. For comparison: the last variable is removed and the
 * first comes back, which cycling (`fitSeveral`) avoids. Cost: factorial of the variables.
 */
export function nestedOrders(input: {
  readonly features: readonly FeatureColumn[];
  readonly batches: readonly BatchVariable[];
  readonly covariates?: readonly Covariate[];
  readonly stop?: StopRule;
}): NestedOrders {
  const groups = input.batches.map(({ labels }) => groupsOf(labels));
  const orders: NestedOrder[] = [];
  let best: NestedOrder | undefined;
  let kept = input.features;
  for (const order of permutations([...input.batches.keys()])) {
    let features = input.features;
    for (const v of order) {
      const { labels } = input.batches[v];
      const options = { stop: input.stop ?? 'exact' };
      features = harmonize({ features, batch: labels, covariates: input.covariates, options }).features;
    }
    const significant = groups.map(
      (own) => features.filter(({ values }) => (andersonDarling(splitByGroup(values, own))?.p ?? 1) < 0.05).length,
    );
    const total = significant.reduce((sum, count) => sum + count, 0);
    const result = { order: order.map((v) => input.batches[v].name), significant, total };
    orders.push(result);
    if (best === undefined || total < best.total) {
      best = result;
      kept = features;
    }
  }
  return { orders, best: best!, features: kept };
}

/** All orders, the earlier items first. */
function permutations(items: readonly number[]): number[][] {
  if (items.length < 2) return [[...items]];
  return items.flatMap((item) => permutations(items.filter((other) => other !== item)).map((rest) => [item, ...rest]));
}
