import { aucEstimates, aucSums } from '../auc.js';
import { calibrate, logitsOf, noCalibration } from '../calibration.js';
import { decisionCurve } from '../decision-curve.js';
import { notEstimable, testEstimate, type Estimate } from '../estimate.js';
import { holm } from '../holm.js';
import { proportion } from '../proportion.js';
import { thresholdMetrics } from '../threshold-metrics.js';
import { aucHomogeneity } from './paired-auc.js';
import { groupInteraction } from './subgroups.js';

/** A property that divides patients: scanner, sex, age group, aetiology. */
export interface Subgrouping {
  readonly name: string;
  /** One label a patient; empty is unknown. */
  readonly labels: readonly string[];
}

/** One group; below the minimum cell nothing is judged. */
export interface SubgroupCohort {
  readonly label: string;
  readonly n: number;
  readonly events: number;
  readonly prevalence: Estimate;
  readonly auc: Estimate;
  readonly observedExpected: Estimate;
  readonly truePositiveRate: Estimate;
  readonly falsePositiveRate: Estimate;
  readonly ppv: Estimate;
  /** At the locked threshold. */
  readonly netBenefit: Estimate;
}

export interface SubgroupReport {
  readonly name: string;
  readonly groups: readonly SubgroupCohort[];
  /** p-values: are the AUCs equal; does the linear predictor work alike. */
  readonly homogeneity: Estimate;
  readonly interaction: Estimate;
  /** The interaction after Holm over all properties looked at: many looks find something. */
  readonly interactionHolm: Estimate;
}

/** Events, and others, that a group needs before it is judged. */
export const LEAST_CELL = 10;

interface Patients {
  readonly scores: Float64Array;
  readonly outcomes: Uint8Array;
}

/** @param isProbability whether scores are risks */
export function subgroupReports(
  patients: Patients,
  subgroupings: readonly Subgrouping[],
  threshold: number | null,
  isProbability: boolean,
  level: number,
): SubgroupReport[] {
  const reports = subgroupings.map((one) => subgroupReport(patients, one, threshold, isProbability, level));
  const tested = reports.flatMap(({ interaction: { value } }, i) => (value === null ? [] : [{ i, value }]));
  const adjusted = holm(tested.map(({ value }) => value));
  return reports.map((report, i) => {
    const at = tested.findIndex((one) => one.i === i);
    const { interaction } = report;
    if (at < 0) return report;
    const method = `${interaction.method}; Holm over ${tested.length} properties`;
    return { ...report, interactionHolm: { ...interaction, value: adjusted[at], method } };
  });
}

function subgroupReport(
  patients: Patients,
  { name, labels }: Subgrouping,
  threshold: number | null,
  isProbability: boolean,
  level: number,
): SubgroupReport {
  const known = labels.map((label) => (label === '' ? 'unknown' : label));
  const names = [...new Set(known)].sort((a, b) => (a < b ? -1 : 1));
  const parts = names.map((label) => ({ label, part: rowsOf(patients, (i) => known[i] === label) }));
  const large = new Set(parts.filter(({ part }) => smallReason(part) === null).map(({ label }) => label));
  const judged = rowsOf(patients, (i) => large.has(known[i]));
  const reason = `fewer than two groups have ${LEAST_CELL} events and ${LEAST_CELL} others`;
  const homogeneity = aucHomogeneity(
    parts.filter(({ label }) => large.has(label)).map(({ part }) => aucSums(part.scores, part.outcomes)),
  );
  const interaction =
    large.size < 2 || !isProbability
      ? null
      : groupInteraction(
          logitsOf(judged.scores).logits,
          judged.outcomes,
          known.filter((label) => large.has(label)),
        );
  const none = large.size < 2 ? reason : isProbability ? 'the model has no finite solution' : 'the scores are no risks';
  const slopes = testEstimate(interaction?.slopes ?? null, 'likelihood ratio of slopes of their own', none);
  return {
    name,
    groups: parts.map(({ label, part }) => groupCohort(label, part, threshold, isProbability, level)),
    homogeneity: testEstimate(homogeneity, 'equal AUCs, Cochran with DeLong variances', reason),
    interaction: slopes,
    interactionHolm: slopes,
  };
}

function groupCohort(
  label: string,
  part: Patients,
  threshold: number | null,
  isProbability: boolean,
  level: number,
): SubgroupCohort {
  const { scores, outcomes } = part;
  const n = scores.length;
  const events = outcomes.reduce((sum, y) => sum + y, 0);
  const small = smallReason(part);
  const prevalence = proportion(events, n, level, 'no patients');
  if (small !== null) {
    const none = notEstimable('not judged', small);
    const rates = { truePositiveRate: none, falsePositiveRate: none, ppv: none, netBenefit: none };
    return { label, n, events, prevalence, auc: none, observedExpected: none, ...rates };
  }
  const table = thresholdMetrics(scores, outcomes, threshold, level);
  const { specificity } = table;
  const canDecide = isProbability && threshold !== null && threshold > 0 && threshold < 1;
  const complement = (x: number) => 1 - x;
  return {
    label,
    n,
    events,
    prevalence,
    auc: aucEstimates(aucSums(scores, outcomes), level).logit,
    observedExpected: (isProbability ? calibrate(scores, outcomes, level) : noCalibration('the scores are no risks'))
      .observedExpected,
    truePositiveRate: table.sensitivity,
    falsePositiveRate: {
      ...specificity,
      value: specificity.value === null ? null : complement(specificity.value),
      interval: specificity.interval && [complement(specificity.interval[1]), complement(specificity.interval[0])],
    },
    ppv: table.ppv,
    netBenefit: canDecide
      ? decisionCurve(scores, outcomes, [threshold], level)[0].netBenefit
      : notEstimable('net benefit at the locked threshold', 'no locked threshold on the scale of risk'),
  };
}

function smallReason({ outcomes }: Patients): string | null {
  const events = outcomes.reduce((sum, y) => sum + y, 0);
  const others = outcomes.length - events;
  if (events >= LEAST_CELL && others >= LEAST_CELL) return null;
  return `${events} events and ${others} others; ${LEAST_CELL} of each are needed`;
}

function rowsOf({ scores, outcomes }: Patients, isKept: (i: number) => boolean): Patients {
  return {
    scores: scores.filter((_, i) => isKept(i)),
    outcomes: outcomes.filter((_, i) => isKept(i)),
  };
}
