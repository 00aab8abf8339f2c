/**
 * A number as Concord reports it. What cannot be estimated has no value and a reason in words; a value may stand
 * without an interval, and `reason` then says why.
 */
export interface Estimate {
  readonly value: number | null;
  /** Two-sided, at the level of the report; null where it does not exist. */
  readonly interval: readonly [number, number] | null;
  readonly method: string;
  readonly status: 'ok' | 'not-estimable';
  readonly reason: string | null;
}

/** An estimate with its interval. A value or bound that is not finite makes it not estimable, or takes the interval. */
export function estimate(value: number, interval: readonly [number, number], method: string): Estimate {
  if (!interval.every(Number.isFinite))
    return estimateWithoutInterval(value, method, 'the interval has no finite bounds');
  if (!Number.isFinite(value)) return notEstimable(method, 'the value is not finite');
  return { value, interval, method, status: 'ok', reason: null };
}

/** A value whose interval does not exist, and why. */
export function estimateWithoutInterval(value: number, method: string, reason: string): Estimate {
  if (!Number.isFinite(value)) return notEstimable(method, reason);
  return { value, interval: null, method, status: 'ok', reason };
}

/** The absence of a number, and why, in words a clinician reads. */
export function notEstimable(method: string, reason: string): Estimate {
  return { value: null, interval: null, method, status: 'not-estimable', reason };
}

/** The same estimate with a remark, for what the reader must know though the number stands. */
export function withRemark(base: Estimate, remark: string | null): Estimate {
  if (remark === null) return base;
  return { ...base, reason: base.reason === null ? remark : `${base.reason}; ${remark}` };
}

/** A statistical test as its p-value; the statistic stands in the method. What could not be tested has a reason. */
export function testEstimate(
  test: { readonly chi2: number; readonly df: number; readonly p: number } | null,
  name: string,
  reason: string,
): Estimate {
  if (test === null) return notEstimable(name, reason);
  const plural = test.df === 1 ? 'degree' : 'degrees';
  const method = `${name}: chi² ${Number(test.chi2.toPrecision(6))}, ${test.df} ${plural} of freedom`;
  return estimateWithoutInterval(test.p, method, 'a p-value has no interval');
}

/** A value that may be absent and never has an interval: a description, or a sum of squares without a closed variance. */
export function plainEstimate(value: number | null | undefined, method: string, none: string): Estimate {
  if (value === null || value === undefined || !Number.isFinite(value)) return notEstimable(method, none);
  return estimateWithoutInterval(value, method, 'no closed interval');
}
