import { seededRandom, type RandomSource } from '@concord/numeric';

/**
 * The random source of one purpose: independent of every other and of how many are drawn.
 *
 * @param seed of the consortium
 * @param purpose names that together occur once, for example a site's index, a patient's index and `noise`
 */
export function stream(seed: number, ...purpose: readonly (string | number)[]): RandomSource {
  return seededRandom(['concord.phantoms/1', seed, ...purpose].join('/'));
}

/** A number drawn evenly between two. */
export function uniform(source: RandomSource, low: number, high: number): number {
  return low + (high - low) * source.next();
}
