import { randomInteger, type RandomSource } from '@concord/numeric';
import { checkSurvival, type SurvivalData } from '@concord/validation';
import type { NamedColumn } from '../logistic-model.js';
import { ModelInputError } from '../errors.js';
import { checkForest, growForest, type ForestSettings } from './grow-forest.js';
import { cutBetween, type Cut, type Tree } from './tree.js';

/**
 * A random survival forest as plain JSON. Each leaf holds the mortality (sum of its cumulative hazard over the event times
 * of development) and the risk at each horizon; a patient's are the means over the trees.
 */
export interface SurvivalForestModel {
  readonly format: 'concord.survival-forest/1';
  readonly features: readonly string[];
  readonly horizons: readonly number[];
  readonly trees: readonly Tree[];
  readonly settings: {
    readonly treeCount: number;
    readonly tried: number;
    readonly leafSize: number;
    readonly cutsTried: number;
  };
  readonly seed: number | string | null;
  readonly development: { readonly n: number; readonly events: number };
}

/** A fit with what belongs to its development patients; only `model` is fit to be locked or sent. */
export interface SurvivalForestFit {
  readonly model: SurvivalForestModel;
  /** Each patient's mortality by the trees that did not see them. */
  readonly outOfBag: Float64Array;
}

export interface SurvivalForestSettings extends ForestSettings {
  /** Times at which risks are given, ascending. */
  readonly horizons: readonly number[];
  /** Thresholds tried for each feature, drawn among those possible; default 10. */
  readonly cutsTried?: number;
}

const LEAF_SIZE = 15;
const CUTS_TRIED = 10;

/**
 * A random survival forest: cuts by the log-rank statistic, leaves by Nelson-Aalen (mortality) and Kaplan-Meier (risk).
 *
 * @throws {ModelInputError} for shapes, values or settings that do not fit, or without an event
 * @see Ishwaran, Kogalur, Blackstone and Lauer, Ann Appl Stat 2 (2008)
 */
export function fitSurvivalForest(
  features: readonly NamedColumn[],
  data: SurvivalData,
  settings: SurvivalForestSettings,
): SurvivalForestFit {
  const { times, events } = data;
  const n = times.length;
  checkSurvival(data, 'fitSurvivalForest(data)');
  checkForest(features, n, settings);
  const { treeCount = 500, leafSize = LEAF_SIZE, cutsTried = CUTS_TRIED, horizons, random } = settings;
  const eventCount = events.reduce((sum, event) => sum + event, 0);
  if (eventCount === 0 || horizons.length === 0 || horizons.some((time, i) => !(time > (horizons[i - 1] ?? 0)))) {
    throw new ModelInputError(
      `${eventCount} events and the horizons ${horizons.join(', ')} give no forest`,
      'fitSurvivalForest(data, settings)',
      'Give at least one event, and horizons that ascend from above 0.',
    );
  }
  const tried = settings.tried ?? Math.ceil(Math.sqrt(features.length));
  const columns = features.map(({ values }) => values);
  const grid = [...new Set(times.filter((_, row) => events[row] === 1))].sort((a, b) => a - b);
  const { trees, outOfBag } = growForest(
    columns,
    { treeCount, random },
    {
      tried,
      cut: (ordered, values) => logRankCut(ordered, values, data, { leafSize, cutsTried, random }),
      isLeaf: (rows) => rows.length < 2 * leafSize || rows.every((row) => events[row] === 0),
      leafValues: (rows) => leafOfRows(rows, data, grid, horizons),
    },
  );
  const model: SurvivalForestModel = {
    format: 'concord.survival-forest/1',
    features: features.map(({ name }) => name),
    horizons: [...horizons],
    trees,
    settings: { treeCount, tried, leafSize, cutsTried },
    seed: settings.seed ?? null,
    development: { n, events: eventCount },
  };
  return { model, outOfBag };
}

/** Mortality, then the risk at each horizon. */
function leafOfRows(
  rows: Int32Array,
  { times, events }: SurvivalData,
  grid: readonly number[],
  horizons: readonly number[],
) {
  const byTime = rows.slice().sort((a, b) => times[a] - times[b]);
  const steps: { time: number; hazard: number; survival: number }[] = [];
  let [hazard, survival] = [0, 1];
  for (let i = 0; i < byTime.length;) {
    const time = times[byTime[i]];
    const atRisk = byTime.length - i;
    let seen = 0;
    for (; i < byTime.length && times[byTime[i]] === time; i++) seen += events[byTime[i]];
    if (seen === 0) continue;
    hazard += seen / atRisk;
    survival *= 1 - seen / atRisk;
    steps.push({ time, hazard, survival });
  }
  const before = (time: number) => steps.findLast((step) => step.time <= time);
  let mortality = 0;
  let at = -1;
  for (const time of grid) {
    while (at + 1 < steps.length && steps[at + 1].time <= time) at++;
    if (at >= 0) mortality += steps[at].hazard;
  }
  return [mortality, ...horizons.map((time) => 1 - (before(time)?.survival ?? 1))];
}

/** The best of some thresholds drawn among those that leave enough rows on both sides. */
function logRankCut(
  ordered: Int32Array,
  values: Float64Array,
  data: SurvivalData,
  { leafSize, cutsTried, random }: { leafSize: number; cutsTried: number; random: RandomSource },
): Cut | null {
  const n = ordered.length;
  const places: number[] = [];
  for (let i = leafSize; i <= n - leafSize; i++) if (values[ordered[i - 1]] < values[ordered[i]]) places.push(i);
  for (let i = 0; i < Math.min(cutsTried, places.length); i++) {
    const at = i + randomInteger(random, places.length - i);
    [places[i], places[at]] = [places[at], places[i]];
  }
  const byTime = ordered.slice().sort((a, b) => data.times[a] - data.times[b]);
  let best: Cut | null = null;
  for (const place of places.slice(0, cutsTried)) {
    const threshold = cutBetween(values[ordered[place - 1]], values[ordered[place]]);
    const gain = logRankChi2(byTime, data, (row) => values[row] <= threshold);
    if (gain > (best?.gain ?? 0)) best = { threshold, gain };
  }
  return best;
}

/**
 * The log-rank statistic of two groups.
 *
 * @param byTime rows ascending by time; they may repeat
 */
export function logRankChi2(
  byTime: Int32Array,
  { times, events }: SurvivalData,
  isFirst: (row: number) => boolean,
): number {
  const n = byTime.length;
  let firstAtRisk = 0;
  const first = Uint8Array.from(byTime, (row) => Number(isFirst(row)));
  for (const flag of first) firstAtRisk += flag;
  let [difference, variance] = [0, 0];
  for (let i = 0; i < n;) {
    const time = times[byTime[i]];
    const atRisk = n - i;
    const share = firstAtRisk / atRisk;
    let [seen, seenFirst] = [0, 0];
    for (; i < n && times[byTime[i]] === time; i++) {
      seen += events[byTime[i]];
      seenFirst += events[byTime[i]] * first[i];
      firstAtRisk -= first[i];
    }
    if (seen === 0) continue;
    difference += seenFirst - seen * share;
    if (atRisk > 1) variance += (seen * share * (1 - share) * (atRisk - seen)) / (atRisk - 1);
  }
  return variance > 0 ? (difference * difference) / variance : 0;
}
