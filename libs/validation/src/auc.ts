import { normalQuantile } from '@concord/numeric';
import { estimate, estimateWithoutInterval, notEstimable, type Estimate } from './estimate.js';

/** Discrimination of one cohort; higher scores mean more risk, and the direction is never turned round. */
export interface AucSums {
  readonly events: number;
  readonly nonEvents: number;
  /** Event and non-event pairs in which the event has the higher score; ties count one half. */
  readonly concordantPairs: number;
  /** Such pairs with equal scores. */
  readonly tiedPairs: number;
  readonly pairs: number;
  /** Null where a class is empty. */
  readonly auc: number | null;
  /** DeLong's variance; null where a class has fewer than two patients. */
  readonly variance: number | null;
}

/** The area under the ROC curve with both intervals that readers expect. */
export interface AucEstimates {
  /** Primary: DeLong's variance on the logit scale; stays within 0 and 1. */
  readonly logit: Estimate;
  /** As pROC prints it: AUC ± z SE, cut at 0 and 1. */
  readonly wald: Estimate;
  readonly standardError: number | null;
}

/**
 * AUC and its variance by placements, O(n log n): the scores of each class are sorted and merged once.
 *
 * @param scores one a patient, finite
 * @param outcomes 0 or 1 for each
 * @see DeLong, DeLong and Clarke-Pearson, Biometrics 44 (1988); Sun and Xu, IEEE Signal Process Lett 21 (2014)
 */
export function aucSums(scores: Float64Array, outcomes: Uint8Array): AucSums {
  // Sorted, so that sums run in one order whatever the order of the patients.
  const { inEvents, inOthers } = sortedByClass(scores, outcomes);
  const events = inEvents.length;
  const nonEvents = inOthers.length;
  const pairs = events * nonEvents;
  if (pairs === 0) {
    return { events, nonEvents, concordantPairs: 0, tiedPairs: 0, pairs, auc: null, variance: null };
  }
  const below = pairsBelow(inEvents, inOthers);
  const above = pairsBelow(inOthers, inEvents);
  const concordantPairs = below.sum / 2;
  const auc = concordantPairs / pairs;
  const isDefined = events > 1 && nonEvents > 1;
  const spread = (doubled: Float64Array, other: number, centre: number) => {
    let sum = 0;
    for (let i = 0; i < doubled.length; i++) {
      const distance = doubled[i] / (2 * other) - centre;
      sum += distance * distance;
    }
    return sum / (doubled.length - 1);
  };
  const variance = isDefined
    ? spread(below.counts, nonEvents, auc) / events + spread(above.counts, events, 1 - auc) / nonEvents
    : null;
  return { events, nonEvents, concordantPairs, tiedPairs: below.tied, pairs, auc, variance };
}

/** The scores of events and of non-events, each in ascending order. */
export function sortedByClass(scores: Float64Array, outcomes: Uint8Array) {
  let events = 0;
  for (let i = 0; i < outcomes.length; i++) if (outcomes[i] === 1) events++;
  const inEvents = new Float64Array(events);
  const inOthers = new Float64Array(outcomes.length - events);
  for (let i = 0, e = 0, o = 0; i < outcomes.length; i++) {
    if (outcomes[i] === 1) inEvents[e++] = scores[i];
    else inOthers[o++] = scores[i];
  }
  return { inEvents: inEvents.sort(), inOthers: inOthers.sort() };
}

/** For each value of `own`: twice the number of `other` below it plus the number equal to it. Both ascending. */
function pairsBelow(own: Float64Array, other: Float64Array) {
  const counts = new Float64Array(own.length);
  let sum = 0;
  let tied = 0;
  let low = 0;
  let high = 0;
  for (let i = 0; i < own.length; i++) {
    const value = own[i];
    while (low < other.length && other[low] < value) low++;
    if (high < low) high = low;
    while (high < other.length && other[high] === value) high++;
    counts[i] = low + high;
    sum += low + high;
    tied += high - low;
  }
  return { counts, sum, tied };
}

/**
 * The variance by Hanley and McNeil (Radiology 143, 1982): needs one patient of each class only, and assumes
 * exponential scores; used where DeLong's does not exist.
 */
export function hanleyMcNeilVariance({ auc, events, nonEvents }: AucSums): number | null {
  if (auc === null) return null;
  const q1 = auc / (2 - auc);
  const q2 = (2 * auc * auc) / (1 + auc);
  const sum = auc * (1 - auc) + (events - 1) * (q1 - auc * auc) + (nonEvents - 1) * (q2 - auc * auc);
  return sum / (events * nonEvents);
}

/** Why a cohort has no AUC. */
export function oneClassReason(events: number, nonEvents: number): string {
  if (events + nonEvents === 0) return 'no patients';
  return events === 0 ? 'no patient has the event' : 'every patient has the event';
}

/** AUC of the cohort as estimates; see `aucInterval` for when the interval does not exist. */
export function aucEstimates(sums: AucSums, level: number): AucEstimates {
  const logitMethod = 'AUC, DeLong variance, logit interval';
  const waldMethod = 'AUC, DeLong variance, Wald interval';
  const { auc, variance, events, nonEvents } = sums;
  if (auc === null) {
    const reason = oneClassReason(events, nonEvents);
    return { logit: notEstimable(logitMethod, reason), wald: notEstimable(waldMethod, reason), standardError: null };
  }
  if (variance === null) {
    const reason = `the variance needs two patients of each class; there are ${events} events and ${nonEvents} non-events`;
    const none = (method: string) => estimateWithoutInterval(auc, method, reason);
    return { logit: none(logitMethod), wald: none(waldMethod), standardError: null };
  }
  const standardError = Math.sqrt(variance);
  const half = normalQuantile(1 - (1 - level) / 2) * standardError;
  return {
    logit: logitInterval(auc, variance, level, logitMethod),
    wald: estimate(auc, [Math.max(0, auc - half), Math.min(1, auc + half)], waldMethod),
    standardError,
  };
}

/** An AUC with its interval on the logit scale by the delta method; none at 0 and 1, where the logit does not exist. */
export function logitInterval(auc: number, variance: number, level: number, method: string): Estimate {
  if (auc <= 0 || auc >= 1) {
    return estimateWithoutInterval(auc, method, `the classes are separated (AUC ${auc}): its logit does not exist`);
  }
  const centre = Math.log(auc / (1 - auc));
  const half = (normalQuantile(1 - (1 - level) / 2) * Math.sqrt(variance)) / (auc * (1 - auc));
  return estimate(auc, [inverseLogit(centre - half), inverseLogit(centre + half)], method);
}

export function inverseLogit(x: number): number {
  return x >= 0 ? 1 / (1 + Math.exp(-x)) : Math.exp(x) / (1 + Math.exp(x));
}

/**
 * AUC within sites: of the pairs from one site, the share that is ordered rightly. Unlike the pooled AUC it gives
 * nothing for recognising the site.
 *
 * @param sites sums of each site; those with one class have no pairs and do not count
 */
export function withinSiteAuc(sites: readonly AucSums[], level: number): Estimate {
  const method = 'AUC over pairs within sites, DeLong variance by site, logit interval';
  const pairs = sites.reduce((sum, site) => sum + site.pairs, 0);
  if (pairs === 0) return notEstimable(method, 'no site has patients of both classes');
  const auc = sites.reduce((sum, site) => sum + site.concordantPairs, 0) / pairs;
  let variance = 0;
  let small = 0;
  for (const site of sites) {
    if (site.pairs === 0) continue;
    if (site.variance === null) small++;
    variance += (site.pairs / pairs) ** 2 * (site.variance ?? hanleyMcNeilVariance(site) ?? 0);
  }
  const suffix = small > 0 ? ` (${small} of the sites with one patient in a class: variance by Hanley and McNeil)` : '';
  return logitInterval(auc, variance, level, method + suffix);
}
