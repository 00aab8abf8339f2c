import { LEAST_CELL, type Subgrouping } from '../binary/subgroup-report.js';
import { likelihoodRatio } from '../binary/calibration-statistics.js';
import { notEstimable, testEstimate, type Estimate } from '../estimate.js';
import { holm } from '../holm.js';
import { concordance, concordanceEstimate } from './concordance.js';
import { fitCox } from './cox-fit.js';
import { countOf, survivalRows, type SurvivalData } from './survival-data.js';
import { slopeEstimates } from './survival-estimates.js';

/** One property that divides patients, and how the model does in each group. */
export interface SurvivalSubgroups {
  readonly name: string;
  readonly groups: readonly {
    readonly label: string;
    readonly n: number;
    readonly events: number;
    readonly harrell: Estimate;
    readonly slope: Estimate;
  }[];
  /** p-values: slopes of their own, plain and after Holm over all properties. */
  readonly interaction: Estimate;
  readonly interactionHolm: Estimate;
}

/** Groups with fewer than ten events are counted, not judged. */
export function survivalSubgroups(
  data: SurvivalData,
  linear: Float64Array,
  subgroupings: readonly Subgrouping[],
  level: number,
): SurvivalSubgroups[] {
  const reports = subgroupings.map((one) => reportOf(data, linear, one, level));
  const tested = reports.flatMap(({ interaction: { value } }, i) => (value === null ? [] : [{ i, value }]));
  const adjusted = holm(tested.map(({ value }) => value));
  return reports.map((report, i) => {
    const at = tested.findIndex((one) => one.i === i);
    if (at < 0) return report;
    const method = `${report.interaction.method}; Holm over ${tested.length} properties`;
    return { ...report, interactionHolm: { ...report.interaction, value: adjusted[at], method } };
  });
}

function reportOf(
  data: SurvivalData,
  linear: Float64Array,
  { name, labels }: Subgrouping,
  level: number,
): SurvivalSubgroups {
  const known = labels.map((label) => (label === '' ? 'unknown' : label));
  const names = [...new Set(known)].sort((a, b) => (a < b ? -1 : 1));
  const rowsOf = (label: string) => [...known.keys()].filter((i) => known[i] === label);
  const groups = names.map((label) => {
    const rows = rowsOf(label);
    const part = survivalRows(data, rows);
    const own = Float64Array.from(rows, (row) => linear[row]);
    const events = countOf(part.events);
    const small = notEstimable('not judged', `${events} events; ${LEAST_CELL} are needed`);
    const isSmall = events < LEAST_CELL;
    return {
      label,
      n: rows.length,
      events,
      harrell: isSmall ? small : concordanceEstimate(concordance(part, own), level, "Harrell's C", 'logit'),
      slope: isSmall ? small : slopeEstimates(part, own, level).slope,
    };
  });
  const large = groups.filter(({ events }) => events >= LEAST_CELL).map(({ label }) => label);
  const interaction = interactionOf(data, linear, known, large);
  return { name, groups, interaction, interactionHolm: interaction };
}

function interactionOf(
  data: SurvivalData,
  linear: Float64Array,
  known: readonly string[],
  large: readonly string[],
): Estimate {
  const method = 'likelihood ratio of slopes of their own, Cox model with group indicators';
  if (large.length < 2) return notEstimable(method, `fewer than two groups have ${LEAST_CELL} events`);
  const rows = [...known.keys()].filter((i) => large.includes(known[i]));
  const part = survivalRows(data, rows);
  const own = Float64Array.from(rows, (row) => linear[row]);
  const indicators = large.slice(1).map((label) => Float64Array.from(rows, (row) => (known[row] === label ? 1 : 0)));
  const products = indicators.map((column) => column.map((value, i) => value * own[i]));
  const fit = (columns: readonly Float64Array[]) => fitCox({ ...part, columns, ties: 'efron' });
  const plain = fit([own, ...indicators]);
  const full = fit([own, ...indicators, ...products]);
  const test =
    plain && full ? likelihoodRatio(-2 * plain.logLikelihood, -2 * full.logLikelihood, large.length - 1) : null;
  return testEstimate(test, method, 'the model has no finite solution');
}
