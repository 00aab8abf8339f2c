import type { FigureEstimate } from './figure.js';

/** `0.81`; a real minus sign; never `-0.00`. */
export function fixed(value: number, digits = 2): string {
  const text = value.toFixed(digits);
  return /^-0\.?0*$/.test(text) ? text.slice(1) : text.replace('-', '−');
}

/** `0.81 (0.74–0.87)`, or `not estimable` (the reason is said elsewhere). */
export function estimateWords({ value, interval }: FigureEstimate, digits = 2): string {
  if (value === null) return 'not estimable';
  return interval
    ? `${fixed(value, digits)} (${intervalWords(interval, digits)})`
    : `${fixed(value, digits)} (no interval)`;
}

/** `0.74–0.87`; ` to ` where a bound is negative. */
export function intervalWords([low, high]: readonly [number, number], digits = 2): string {
  return `${fixed(low, digits)}${low < 0 || high < 0 ? ' to ' : '–'}${fixed(high, digits)}`;
}

/** `1 patient`, `24 patients`, `1,322 features`. */
export function count(number: number, noun: string, nouns = `${noun}s`): string {
  return `${grouped(number)} ${number === 1 ? noun : nouns}`;
}

/** Thousands by comma: `20,480`. */
export function grouped(number: number): string {
  return String(number).replace(/\B(?=(\d{3})+(?!\d))/g, ',');
}

/** Size of data: `912 B`, `20.4 kB`, `1.3 MB` (powers of 1000). */
export function bytesWords(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  return bytes < 1e6 ? `${(bytes / 1e3).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}

/** `a`, `a and b`, `a, b and c`. */
export function listOf(words: readonly string[]): string {
  return words.length < 2 ? (words[0] ?? '') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
}

/** What the groups of a figure are called: hospitals are sites, ComBat adjusts for batches. */
export type GroupNoun = 'site' | 'batch';

export const pluralOf = (noun: GroupNoun = 'site'): string => (noun === 'batch' ? 'batches' : 'sites');
