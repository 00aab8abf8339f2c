import { cumulativeIncidence, incidencePoint } from '../competing/cumulative-incidence.js';
import { kaplanMeier, survivalPoint } from './kaplan-meier.js';
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
  /** Delta method on the share treated and the variance of the risk among them; null where that has none. */
  readonly standardError: number | null;
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
  return curveOf(risks, thresholds, (rows) => {
    const { survival, standardError } = survivalPoint(kaplanMeier(survivalRows(data, rows)), time, 0.95);
    return { risk: 1 - survival, standardError };
  });
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
    const { incidence, standardError } = incidencePoint(cumulativeIncidence(part), time);
    return { risk: incidence, standardError };
  });
}

function curveOf(
  risks: Float64Array,
  thresholds: readonly number[],
  riskIn: (rows: number[]) => { risk: number; standardError: number | null },
): SurvivalNetBenefit[] {
  const n = risks.length;
  if (n === 0) return [];
  const { risk: overall } = riskIn([...risks.keys()]);
  return thresholds.map((threshold) => {
    const w = threshold / (1 - threshold);
    const rows = [...risks.keys()].filter((i) => risks[i] >= threshold);
    const positiveShare = rows.length / n;
    const treatAll = overall - w * (1 - overall);
    if (rows.length === 0) {
      return { threshold, positiveShare, riskInPositive: null, netBenefit: 0, standardError: null, treatAll };
    }
    const { risk, standardError: error } = riskIn(rows);
    const gain = risk - w * (1 - risk);
    const spread = (gain * gain * positiveShare * (1 - positiveShare)) / n;
    const standardError = error === null ? null : Math.sqrt(spread + (positiveShare * (1 + w) * error) ** 2);
    return {
      threshold,
      positiveShare,
      riskInPositive: risk,
      netBenefit: positiveShare * gain,
      standardError,
      treatAll,
    };
  });
}
