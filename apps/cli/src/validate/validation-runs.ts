import { seededRandom } from '@concord/numeric';
import type { ScoreValidation } from '@concord/reports';
import type { FeatureTable } from '@concord/tables';
import {
  compareScores,
  DEFAULT_DECISION_THRESHOLDS,
  validateBinary,
  validateCompeting,
  validateSurvival,
  type ScoreComparison,
} from '@concord/validation';
import { causesOf, labelColumn, outcomeColumn, scoreColumn } from './prediction-columns.js';
import type { ValidateOptions } from './validation-options.js';

/** What both kinds of validation are given besides their columns. */
export interface RunSettings {
  readonly sites: readonly string[] | undefined;
  readonly decisionThresholds: readonly number[] | undefined;
  readonly replicates: number;
  readonly seed: string;
}

interface Results {
  readonly scores: readonly ScoreValidation[];
  readonly comparisons: readonly ScoreComparison[];
}

const LEVEL = 0.95;

/** Every score against the outcome, and every pair of scores against each other. */
export function binaryRun(
  table: FeatureTable,
  options: ValidateOptions & { readonly outcome: string; readonly score: readonly string[] },
  thresholds: ReadonlyMap<string, number>,
  { sites, decisionThresholds, replicates, seed }: RunSettings,
): Results {
  const outcomes = outcomeColumn(table, options.outcome, options.positive);
  const subgroups = subgroupsOf(table, options);
  const given = options.score.map((name) => ({
    name,
    scores: scoreColumn(table, name),
    threshold: thresholds.get(name) ?? null,
  }));
  const scores = given.map(({ name, scores: values, threshold }) => ({
    score: name,
    ...validateBinary({
      scores: values,
      outcomes,
      threshold,
      subgroups,
      level: LEVEL,
      ...(sites && { sites }),
      ...(decisionThresholds && { decisionThresholds }),
      ...(replicates > 0 && { bootstrap: { seed: `${seed}/${name}`, replicates } }),
    }),
  }));
  const range = decisionThresholds ?? DEFAULT_DECISION_THRESHOLDS;
  const comparisons = given.flatMap((a, i) =>
    given.slice(i + 1).map((b) => {
      const random = seededRandom(`${seed}/${a.name}/${b.name}`);
      return compareScores([a, b], outcomes, range, replicates > 0 ? { random, replicates } : null, LEVEL);
    }),
  );
  return { scores, comparisons };
}

/** A linear predictor and risks at horizons against follow-up; with competing events where some are. */
export function survivalRun(
  table: FeatureTable,
  options: ValidateOptions & { readonly time: string; readonly event: string },
  horizons: readonly { readonly time: number; readonly column: string }[],
  { sites, decisionThresholds }: RunSettings,
): Results {
  const times = scoreColumn(table, options.time);
  const { causes, hasCompeting } = causesOf(table, options.event, options.competing);
  const common = {
    times,
    horizons: horizons.map(({ time, column }) => ({ time, risks: scoreColumn(table, column) })),
    decisionThresholds: decisionThresholds ?? DEFAULT_DECISION_THRESHOLDS,
    level: LEVEL,
    ...(sites && { sites }),
    ...(options.riskGroup !== undefined && { riskGroups: labelColumn(table, options.riskGroup) }),
  };
  const name = options.lp ?? horizons.map(({ column }) => column).join(', ');
  if (hasCompeting) {
    const linear = options.lp === undefined ? {} : { linear: scoreColumn(table, options.lp) };
    return { scores: [{ score: name, ...validateCompeting({ ...common, causes, ...linear }) }], comparisons: [] };
  }
  const result = validateSurvival({
    ...common,
    events: causes,
    linear: options.lp === undefined ? logHazard(common.horizons) : scoreColumn(table, options.lp),
    subgroups: subgroupsOf(table, options),
    ...(options.cumhaz !== undefined && { cumulativeHazards: scoreColumn(table, options.cumhaz) }),
  });
  return { scores: [{ score: name, ...result }], comparisons: [] };
}

/** log(-log(1 - risk)) at the last horizon, a risk of 0 or 1 moved in a little: what a model without --lp ranks by. */
function logHazard(horizons: readonly { readonly risks: Float64Array }[]): Float64Array {
  const risks = horizons.at(-1)?.risks ?? new Float64Array();
  return risks.map((risk) => Math.log(-Math.log1p(-Math.min(1 - 1e-8, Math.max(1e-8, risk)))));
}

function subgroupsOf(table: FeatureTable, { subgroup = [] }: ValidateOptions) {
  return subgroup.map((name) => ({ name, labels: labelColumn(table, name) }));
}
