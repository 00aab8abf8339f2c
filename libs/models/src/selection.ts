import { mean } from '@concord/numeric';
import { ModelInputError } from './errors.js';
import type { NamedColumn } from './logistic-model.js';

/** Values of features measured twice or more on the same patients: readers, sessions, segmentations. */
export interface RepeatedMeasurements {
  readonly features: readonly NamedColumn[];
  /** The patient of each row. */
  readonly subjects: readonly string[];
}

/**
 * Features by minimum redundancy and maximum relevance: each next one has the largest F statistic over the classes for
 * its mean absolute correlation with those already chosen (quotient form, correlations of at least 0.001).
 *
 * @param count how many, at most as many as vary
 * @returns names, best first
 * @throws {ModelInputError} for a class with no patient, or a missing value
 * @see Ding and Peng, J Bioinform Comput Biol 3 (2005); Zhao, Anand and Wang, DSAA (2019), FCQ
 */
export function selectMrmr(features: readonly NamedColumn[], outcome: Uint8Array, count: number): string[] {
  const events = outcome.reduce((sum, value) => sum + value, 0);
  if (events === 0 || events === outcome.length || !(count >= 1)) {
    throw refuse(`${events} of ${outcome.length} patients have the event, ${count} features are wanted`);
  }
  const relevance = (values: Float64Array) => fStatistic(values, outcome, events);
  return byQuotient(features, outcome.length, relevance, count);
}

/**
 * As `selectMrmr` for any relevance: what each feature says about the outcome alone, 0 or more.
 */
export function byQuotient(
  features: readonly NamedColumn[],
  rows: number,
  relevanceOf: (values: Float64Array) => number,
  count: number,
): string[] {
  const candidates = features.map(({ name, values }) => {
    if (values.length !== rows || !values.every(Number.isFinite)) throw refuse(`feature ${name} has missing values`);
    return { name, unit: unitColumn(values), relevance: relevanceOf(values), redundancy: 0 };
  });
  const left = candidates.filter(({ unit }) => unit !== null);
  const chosen: string[] = [];
  while (chosen.length < count && left.length > 0) {
    const score = (c: (typeof left)[number]) =>
      chosen.length === 0 ? c.relevance : c.relevance / (c.redundancy / chosen.length);
    const best = left.reduce((top, candidate) => (score(candidate) > score(top) ? candidate : top));
    left.splice(left.indexOf(best), 1);
    chosen.push(best.name);
    for (const candidate of left) candidate.redundancy += Math.max(Math.abs(product(candidate.unit, best.unit)), FLOOR);
  }
  return chosen;
}

const FLOOR = 0.001;

/** Centred and of length 1, so that products are correlations; null for a constant. */
function unitColumn(values: Float64Array): Float64Array | null {
  const middle = mean(values);
  const centred = values.map((value) => value - middle);
  const length = Math.sqrt(centred.reduce((sum, value) => sum + value * value, 0));
  return length > 0 ? centred.map((value) => value / length) : null;
}

function product(a: Float64Array | null, b: Float64Array | null): number {
  if (a === null || b === null) return 0;
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

function fStatistic(values: Float64Array, outcome: Uint8Array, events: number): number {
  const n = values.length;
  const inClass = (level: number) => values.filter((_, i) => outcome[i] === level);
  const groups = [inClass(0), inClass(1)];
  const [without, withEvent] = groups.map((group) => mean(group));
  const within = groups.reduce((sum, group, level) => {
    const middle = level === 0 ? without : withEvent;
    return sum + group.reduce((part, value) => part + (value - middle) ** 2, 0);
  }, 0);
  const between = ((events * (n - events)) / n) * (withEvent - without) ** 2;
  return within > 0 ? between / (within / (n - 2)) : between > 0 ? Number.MAX_VALUE : 0;
}

/**
 * Features whose repeated measurements agree: ICC(1,1) of at least the given value, by one-way analysis of variance over the
 * patients with two measurements or more.
 *
 * @param subjects if given, only these patients count: those a model is trained on
 * @throws {ModelInputError} if fewer than two patients were measured twice
 * @see Shrout and Fleiss, Psychol Bull 86 (1979), case 1
 */
export function selectReliable(
  { features, subjects: rows }: RepeatedMeasurements,
  least: number,
  subjects?: ReadonlySet<string>,
): string[] {
  const groups = new Map<string, number[]>();
  rows.forEach((subject, row) => {
    if (subjects !== undefined && !subjects.has(subject)) return;
    groups.set(subject, [...(groups.get(subject) ?? []), row]);
  });
  const repeated = [...groups.values()].filter((group) => group.length > 1);
  if (repeated.length < 2) throw refuse(`${repeated.length} patients were measured more than once`);
  return features.filter(({ values }) => oneWayIcc(values, repeated) >= least).map(({ name }) => name);
}

/** ICC(1,1); -Infinity for a feature that is missing or does not vary. */
export function oneWayIcc(values: Float64Array, groups: readonly (readonly number[])[]): number {
  const n = groups.reduce((sum, group) => sum + group.length, 0);
  const means = groups.map((group) => group.reduce((sum, row) => sum + values[row], 0) / group.length);
  const grand = groups.reduce((sum, group, g) => sum + means[g] * group.length, 0) / n;
  const between =
    groups.reduce((sum, group, g) => sum + group.length * (means[g] - grand) ** 2, 0) / (groups.length - 1);
  const within =
    groups.reduce((sum, group, g) => sum + group.reduce((part, row) => part + (values[row] - means[g]) ** 2, 0), 0) /
    (n - groups.length);
  // Of unequal numbers of measurements the mean that keeps the expected mean squares right.
  const size = (n - groups.reduce((sum, group) => sum + group.length ** 2, 0) / n) / (groups.length - 1);
  const icc = (between - within) / (between + (size - 1) * within);
  return Number.isFinite(icc) ? icc : -Infinity;
}

function refuse(what: string): ModelInputError {
  return new ModelInputError(what, 'feature selection', 'Leave patients with missing values out, and count them.');
}
