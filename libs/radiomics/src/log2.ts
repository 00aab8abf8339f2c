/** Most counts in a texture matrix are small, and looking up is several times as fast as computing. */
const SMALL = Float64Array.from({ length: 1024 }, (_, n) => Math.log2(n));

/** The same as `Math.log2`. @param count a whole number from 1 */
export function log2OfCount(count: number): number {
  return count < SMALL.length ? SMALL[count] : Math.log2(count);
}
