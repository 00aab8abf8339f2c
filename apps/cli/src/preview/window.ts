import type { Volume } from '@concord/imaging';

/** Intensities of black and white. */
export interface Window {
  readonly black: number;
  readonly white: number;
}

/**
 * The window a person would choose: soft tissue for HU, 10 for SUV (white is black there); else what lies between the 1st and
 * the 99th percentile of what is above the darkest value.
 */
export function windowOf({ data, unit }: Volume): Window {
  if (unit === 'HU') return { black: -160, white: 240 };
  if (unit.startsWith('SUV')) return { black: 10, white: 0 };
  const step = Math.max(1, Math.floor(data.length / 100_000));
  const sample = data.filter((value, n) => n % step === 0 && Number.isFinite(value)).sort();
  const lit = sample.subarray(sample.findIndex((value) => value > sample[0]));
  const black = lit[Math.floor(0.01 * (lit.length - 1))] ?? 0;
  const white = lit[Math.ceil(0.99 * (lit.length - 1))] ?? 1;
  return white > black ? { black, white } : { black, white: black + 1 };
}
