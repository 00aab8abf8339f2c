import { normalQuantile } from '@concord/numeric';
import { estimate, estimateWithoutInterval, notEstimable, type Estimate } from './estimate.js';
import { exactProportion, proportion } from './proportion.js';

/** The shares that a 2 × 2 table has a sampling interval for. */
export interface ThresholdProportions {
  readonly sensitivity: Estimate;
  readonly specificity: Estimate;
  readonly ppv: Estimate;
  readonly npv: Estimate;
  readonly accuracy: Estimate;
}

/** The 2 × 2 table at a locked threshold and what is read from it; positive if score >= threshold. */
export interface ThresholdMetrics extends ThresholdProportions {
  readonly threshold: number | null;
  readonly truePositives: number;
  readonly falsePositives: number;
  readonly falseNegatives: number;
  readonly trueNegatives: number;
  /** The same shares with Clopper and Pearson's intervals. */
  readonly exact: ThresholdProportions;
  readonly lrPositive: Estimate;
  readonly lrNegative: Estimate;
  readonly diagnosticOddsRatio: Estimate;
  readonly balancedAccuracy: Estimate;
  readonly youden: Estimate;
  readonly f1: Estimate;
  readonly mcc: Estimate;
}

interface Table {
  readonly truePositives: number;
  readonly falsePositives: number;
  readonly falseNegatives: number;
  readonly trueNegatives: number;
}

const LR = 'likelihood ratio, log interval';
const SEE = 'see the intervals of sensitivity and specificity';

/**
 * Classification at a threshold that was locked before; it is never chosen here.
 *
 * @param threshold null where the model has none: then nothing is estimable
 */
export function thresholdMetrics(
  scores: Float64Array,
  outcomes: Uint8Array,
  threshold: number | null,
  level: number,
): ThresholdMetrics {
  const table = { truePositives: 0, falsePositives: 0, falseNegatives: 0, trueNegatives: 0 };
  if (threshold === null) return withoutThreshold(table);
  scores.forEach((score, i) => {
    const isPositive = score >= threshold;
    if (outcomes[i] === 1) table[isPositive ? 'truePositives' : 'falseNegatives']++;
    else table[isPositive ? 'falsePositives' : 'trueNegatives']++;
  });
  return {
    threshold,
    ...table,
    ...sharesOf(table, level, proportion),
    exact: sharesOf(table, level, exactProportion),
    ...likelihoodRatios(table, level),
    ...summariesOf(table),
  };
}

function withoutThreshold(table: Table): ThresholdMetrics {
  const none = notEstimable('proportion, Wilson interval', 'the model was locked without a threshold');
  const shares = { sensitivity: none, specificity: none, ppv: none, npv: none, accuracy: none };
  const summaries = { balancedAccuracy: none, youden: none, f1: none, mcc: none };
  const ratios = { lrPositive: none, lrNegative: none, diagnosticOddsRatio: none };
  return { threshold: null, ...table, ...shares, exact: shares, ...ratios, ...summaries };
}

function sharesOf(table: Table, level: number, share: typeof proportion): ThresholdProportions {
  const { truePositives: tp, falsePositives: fp, falseNegatives: fn, trueNegatives: tn } = table;
  const of = (count: number, other: number, none: string) => share(count, count + other, level, none);
  return {
    sensitivity: of(tp, fn, 'no patient has the event'),
    specificity: of(tn, fp, 'every patient has the event'),
    ppv: of(tp, fp, 'no patient is at or above the threshold'),
    npv: of(tn, fn, 'no patient is below the threshold'),
    accuracy: of(tp + tn, fp + fn, 'no patients'),
  };
}

/** Ratios of the positive (negative) rate in events to that in non-events; Simel, Samsa and Matchar, 1991. */
function likelihoodRatios(table: Table, level: number) {
  const { truePositives: tp, falsePositives: fp, falseNegatives: fn, trueNegatives: tn } = table;
  const events = tp + fn;
  const others = fp + tn;
  const z = normalQuantile(1 - (1 - level) / 2);
  const ratio = (inEvents: number, inOthers: number): Estimate => {
    if (events === 0 || others === 0) return notEstimable(LR, 'one class has no patient');
    if (inOthers === 0) return notEstimable(LR, 'the denominator is zero');
    const value = inEvents / events / (inOthers / others);
    if (inEvents === 0) return estimateWithoutInterval(value, LR, 'a cell of the table is empty');
    const half = z * Math.sqrt(1 / inEvents - 1 / events + 1 / inOthers - 1 / others);
    return estimate(value, [value * Math.exp(-half), value * Math.exp(half)], LR);
  };
  const odds = 'diagnostic odds ratio';
  return {
    lrPositive: ratio(tp, fp),
    lrNegative: ratio(fn, tn),
    diagnosticOddsRatio:
      fp * fn > 0
        ? estimateWithoutInterval((tp * tn) / (fp * fn), odds, SEE)
        : notEstimable(odds, 'a cell of the table is empty'),
  };
}

function summariesOf(table: Table) {
  const { truePositives: tp, falsePositives: fp, falseNegatives: fn, trueNegatives: tn } = table;
  const hasBoth = tp + fn > 0 && fp + tn > 0;
  const one = 'one class has no patient';
  const both = tp / (tp + fn) + tn / (tn + fp);
  const balanced = 'mean of sensitivity and specificity';
  const youden = 'sensitivity + specificity - 1';
  const f1 = '2 TP / (2 TP + FP + FN)';
  const mcc = 'Matthews correlation';
  const product = Math.sqrt(tp + fp) * Math.sqrt(tp + fn) * Math.sqrt(tn + fp) * Math.sqrt(tn + fn);
  return {
    balancedAccuracy: hasBoth ? estimateWithoutInterval(both / 2, balanced, SEE) : notEstimable(balanced, one),
    youden: hasBoth ? estimateWithoutInterval(both - 1, youden, SEE) : notEstimable(youden, one),
    f1:
      tp + fp + fn > 0
        ? estimateWithoutInterval((2 * tp) / (2 * tp + fp + fn), f1, SEE)
        : notEstimable(f1, 'no event and no positive'),
    mcc:
      product > 0
        ? estimateWithoutInterval((tp * tn - fp * fn) / product, mcc, SEE)
        : notEstimable(mcc, 'a margin of the table is empty'),
  };
}
