import { cumulativeIncidence, incidencePoint } from '../competing/cumulative-incidence.js';
import { kaplanMeier, survivalAt } from './kaplan-meier.js';
import { survivalRows, type SurvivalData } from './survival-data.js';
import type { CausesData } from './time-dependent.js';

/** Net benefit at a horizon: the risk among those treated by the estimate within them. */
export interface SurvivalNetBenefit {
  readonly threshold: number;
  /** Share of patients with a risk at or above it. */
  readonly positiveShare: number;
  /** Observed risk among them; null where there is none. */
  readonly riskInPositive: number | null;
  readonly netBenefit: number;
  readonly treatAll: number;
}

/**
 * Decision curve at a horizon, by Kaplan-Meier within those treated; nobody above the threshold means net benefit 0.
 *
 * @param risks predicted by the horizon
 * @see Vickers et al., BMC Med Inform Decis Mak 8 (2008)
 */
export function survivalNetBenefit(
  data: SurvivalData,
  risks: Float64Array,
  time: number,
  thresholds: readonly number[],
): SurvivalNetBenefit[] {
  return curveOf(risks, thresholds, (rows) => 1 - survivalAt(kaplanMeier(survivalRows(data, rows)), time));
}

/** The same with competing events, by Aalen and Johansen's estimate within those treated. */
export function competingNetBenefit(
  { times, causes }: CausesData,
  risks: Float64Array,
  time: number,
  thresholds: readonly number[],
): SurvivalNetBenefit[] {
  return curveOf(risks, thresholds, (rows) => {
    const part = { times: Float64Array.from(rows, (i) => times[i]), causes: Uint8Array.from(rows, (i) => causes[i]) };
    return incidencePoint(cumulativeIncidence(part), time).incidence;
  });
}

function curveOf(
  risks: Float64Array,
  thresholds: readonly number[],
  riskIn: (rows: number[]) => number,
): SurvivalNetBenefit[] {
  const n = risks.length;
  if (n === 0) return [];
  const overall = riskIn([...risks.keys()]);
  return thresholds.map((threshold) => {
    const w = threshold / (1 - threshold);
    const rows = [...risks.keys()].filter((i) => risks[i] >= threshold);
    const positiveShare = rows.length / n;
    const treatAll = overall - w * (1 - overall);
    if (rows.length === 0) return { threshold, positiveShare, riskInPositive: null, netBenefit: 0, treatAll };
    const risk = riskIn(rows);
    const netBenefit = positiveShare * (risk - w * (1 - risk));
    return { threshold, positiveShare, riskInPositive: risk, netBenefit, treatAll };
  });
}
