import type { RandomSource } from '@concord/numeric';
import { estimateWithoutInterval, notEstimable, plainEstimate, type Estimate } from '../estimate.js';
import { bootstrapNetBenefit } from '../fast-bootstrap.js';
import { netBenefits } from '../decision-curve.js';
import { mcNemar } from './mcnemar.js';
import { comparePairedAuc } from './paired-auc.js';
import { categoricalNri, continuousNri, idi } from './reclassification.js';

/** One of two scores of the same patients. */
export interface ComparedScore {
  readonly name: string;
  readonly scores: ArrayLike<number>;
  readonly threshold: number | null;
}

/** Two locked scores of the same patients beside each other: A minus B, or from B to A. */
export interface ScoreComparison {
  readonly a: string;
  readonly b: string;
  readonly n: number;
  readonly events: number;
  /** Patients without one of the scores, or without an outcome. */
  readonly dropped: number;
  readonly aucDifference: Estimate;
  readonly aucP: Estimate;
  /** McNemar's exact p-values at the two locked thresholds. */
  readonly sensitivityP: Estimate;
  readonly specificityP: Estimate;
  /** Not proper: they reward miscalibration. Printed beside the net benefit only. */
  readonly reclassification: {
    readonly continuousNri: Estimate;
    readonly categoricalNri: Estimate;
    readonly idi: Estimate;
  };
  /** Empty where one of the two is no risk. */
  readonly netBenefit: readonly { readonly threshold: number; readonly difference: Estimate }[];
}

/**
 * Compares two locked scores on the patients who have both.
 *
 * @param outcomes 0, 1 or NaN
 * @param thresholds of the decision curve, declared beforehand
 * @param bootstrap of the difference in net benefit; null for none
 */
export function compareScores(
  [a, b]: readonly [ComparedScore, ComparedScore],
  outcomes: ArrayLike<number>,
  thresholds: readonly number[],
  bootstrap: { readonly random: RandomSource; readonly replicates: number } | null,
  level: number,
): ScoreComparison {
  const rows: number[] = [];
  for (let i = 0; i < outcomes.length; i++) {
    if (![a.scores[i], b.scores[i], outcomes[i]].some(Number.isNaN)) rows.push(i);
  }
  const y = Uint8Array.from(rows, (i) => outcomes[i]);
  const [ofA, ofB] = [a, b].map(({ scores }) => Float64Array.from(rows, (i) => scores[i]));
  const areRisks = [ofA, ofB].every((list) => list.every((score) => score >= 0 && score <= 1));
  const paired = comparePairedAuc(ofA, ofB, y, level);
  const method = 'difference of two AUCs of the same patients, DeLong';
  const thin = 'fewer than two patients of a class';
  return {
    a: a.name,
    b: b.name,
    n: rows.length,
    events: y.reduce((sum, value) => sum + value, 0),
    dropped: outcomes.length - rows.length,
    aucDifference: paired?.difference ?? notEstimable(method, thin),
    aucP: plainEstimate(paired?.p, `${method}, two-sided p-value`, thin),
    ...atThresholds(a, b, ofA, ofB, y),
    reclassification: reclassification(a, b, ofA, ofB, y, areRisks),
    netBenefit: areRisks && rows.length > 0 ? netBenefit(ofA, ofB, y, thresholds, bootstrap, level) : [],
  };
}

function atThresholds(a: ComparedScore, b: ComparedScore, ofA: Float64Array, ofB: Float64Array, y: Uint8Array) {
  const test = (outcome: number, name: string): Estimate => {
    const method = `McNemar, exact, on ${name} at the two locked thresholds`;
    const [cutA, cutB] = [a.threshold, b.threshold];
    if (cutA === null || cutB === null) return notEstimable(method, 'a score was locked without a threshold');
    const rows = [...y.keys()].filter((i) => y[i] === outcome);
    if (rows.length === 0) return notEstimable(method, 'one class has no patient');
    const found = mcNemar(
      rows.map((i) => ofA[i] >= cutA),
      rows.map((i) => ofB[i] >= cutB),
    );
    return estimateWithoutInterval(found.exactP, method, `only A ${found.onlyA}, only B ${found.onlyB} positive`);
  };
  return { sensitivityP: test(1, 'the events'), specificityP: test(0, 'the others') };
}

function reclassification(
  a: ComparedScore,
  b: ComparedScore,
  ofA: Float64Array,
  ofB: Float64Array,
  y: Uint8Array,
  areRisks: boolean,
): ScoreComparison['reclassification'] {
  const reason = areRisks ? 'too few patients of a class' : 'one of the two is no risk';
  const cut = a.threshold;
  const hasCut = cut !== null && cut === b.threshold && cut > 0 && cut < 1;
  return {
    continuousNri: plainEstimate(areRisks ? continuousNri(ofB, ofA, y)?.nri : null, 'continuous NRI, B to A', reason),
    categoricalNri: plainEstimate(
      areRisks && hasCut ? categoricalNri(ofB, ofA, y, [0, cut, 1])?.nri : null,
      'NRI over the two groups of the locked threshold, B to A',
      areRisks ? 'the two were not locked with one threshold' : reason,
    ),
    idi: plainEstimate(areRisks ? idi(ofB, ofA, y)?.idi : null, 'IDI, B to A', reason),
  };
}

function netBenefit(
  ofA: Float64Array,
  ofB: Float64Array,
  y: Uint8Array,
  thresholds: readonly number[],
  bootstrap: { readonly random: RandomSource; readonly replicates: number } | null,
  level: number,
): ScoreComparison['netBenefit'] {
  const [a, b] = [ofA, ofB].map((risks) => netBenefits(risks, y, thresholds));
  const bands = bootstrap
    ? bootstrapNetBenefit(ofA, y, thresholds, bootstrap.random, bootstrap.replicates, level, ofB)
    : [];
  const method = 'difference in net benefit, A less B, percentile bootstrap';
  return thresholds.map((threshold, i) => {
    const value = a[i].netBenefit - b[i].netBenefit;
    const interval = bands[i]?.interval ?? null;
    const difference: Estimate =
      interval === null
        ? estimateWithoutInterval(value, method, 'not resampled')
        : { value, interval, method, status: 'ok', reason: null };
    return { threshold, difference };
  });
}
