/** `undefined`: the formula has no value on this region. `refused`: Concord declined to compute it. */
export type FeatureStatus = 'ok' | 'undefined' | 'refused';

/** A feature of one region. `value` is a finite number when status is `ok`, null with a reason otherwise. */
export interface FeatureValue {
  readonly value: number | null;
  readonly status: FeatureStatus;
  readonly reason: string | null;
}

/** A number, or why there is none. */
export type FeatureOutcome = number | NoValue;

/** What a family computes, by tag. */
export type FamilyValues = Readonly<Record<string, FeatureOutcome>>;

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
export function ratio(numerator: number, denominator: number, reason: string): FeatureOutcome {
  return denominator === 0 ? undefinedBecause(reason) : numerator / denominator;
}

export function toFeatureValue(outcome: FeatureOutcome): FeatureValue {
  if (typeof outcome !== 'number') return { value: null, status: outcome.status, reason: outcome.reason };
  if (Number.isFinite(outcome)) return { value: outcome === 0 ? 0 : outcome, status: 'ok', reason: null }; // no -0
  return { value: null, status: 'undefined', reason: 'the formula has no finite value on this region' };
}

/** Feature by feature the mean over matrices, skipping those without a value; without any, the first reason. */
export function averageValues(matrices: readonly (readonly FeatureOutcome[])[]): readonly FeatureOutcome[] {
  if (matrices.length === 1) return matrices[0];
  return matrices[0].map((first, f) => {
    let sum = 0;
    let count = 0;
    for (const matrix of matrices) {
      const value = matrix[f];
      if (typeof value !== 'number') continue;
      sum += value;
      count++;
    }
    return count > 0 ? sum / count : first;
  });
}
