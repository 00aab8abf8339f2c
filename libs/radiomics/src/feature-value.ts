/** `undefined`: the formula has no value on this region. `refused`: Concord declined to compute it. */
export type FeatureStatus = 'ok' | 'undefined' | 'refused';

/** A feature of one region. `value` is a finite number when status is `ok`, null with a reason otherwise. */
export interface FeatureValue {
  readonly value: number | null;
  readonly status: FeatureStatus;
  readonly reason: string | null;
}

/** What a family computes: a number a tag, or why there is none. */
export type FamilyValues = Readonly<Record<string, number | NoValue>>;

/** Why a feature has no number. */
export class NoValue {
  constructor(
    readonly status: Exclude<FeatureStatus, 'ok'>,
    readonly reason: string,
  ) {}
}

export function undefinedBecause(reason: string): NoValue {
  return new NoValue('undefined', reason);
}

/** numerator / denominator, or no value for the reason given when the denominator is zero. */
export function ratio(numerator: number, denominator: number, reason: string): number | NoValue {
  return denominator === 0 ? undefinedBecause(reason) : numerator / denominator;
}

export function toFeatureValue(outcome: number | NoValue): FeatureValue {
  if (typeof outcome !== 'number') return { value: null, status: outcome.status, reason: outcome.reason };
  if (Number.isFinite(outcome)) return { value: outcome === 0 ? 0 : outcome, status: 'ok', reason: null }; // no -0
  return { value: null, status: 'undefined', reason: 'the formula has no finite value on this region' };
}

/** Mean over matrices, skipping those where the feature has no value; without any, the first reason. */
export function averageFamilies(families: readonly FamilyValues[], tags: readonly string[]): FamilyValues {
  const averaged: Record<string, number | NoValue> = {};
  for (const tag of tags) {
    let sum = 0;
    let count = 0;
    for (const family of families) {
      const value = family[tag];
      if (typeof value !== 'number') continue;
      sum += value;
      count++;
    }
    averaged[tag] = count > 0 ? sum / count : families[0][tag];
  }
  return averaged;
}
