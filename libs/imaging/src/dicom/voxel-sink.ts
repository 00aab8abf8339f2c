import type { StoredValues } from './pixel-data.js';

/** How stored values of one slice become values of the image. */
export interface Scale {
  readonly slope: number;
  readonly intercept: number;
}

/**
 * Collects slices in the smallest array that holds their values exactly: whole ones as Int16 while they fit, then as
 * Float32, then as Float64; others as Float64. What type results depends on the values only, not on their order.
 */
export class VoxelSink {
  data: Int16Array | Float32Array | Float64Array;

  /** @param isWhole whether every slope and intercept is a whole number */
  constructor(
    private readonly size: number,
    count: number,
    isWhole: boolean,
  ) {
    this.data = isWhole ? new Int16Array(size * count) : new Float64Array(size * count);
  }

  /** Puts slice `index` in its place. */
  put(index: number, values: StoredValues, { slope, intercept }: Scale): void {
    if (!(this.data instanceof Float64Array)) this.widen(values, slope, intercept);
    const { data, size } = this;
    const start = index * size;
    if (slope === 1 && intercept === 0) data.set(values, start);
    else for (let pixel = 0; pixel < size; pixel++) data[start + pixel] = values[pixel] * slope + intercept;
  }

  private widen(values: StoredValues, slope: number, intercept: number): void {
    let low = Infinity;
    let high = -Infinity;
    for (let pixel = 0; pixel < values.length; pixel++) {
      const value = values[pixel];
      if (value < low) low = value;
      if (value > high) high = value;
    }
    const ends = [low * slope + intercept, high * slope + intercept];
    const fits = (limit: number): boolean => Math.min(...ends) >= -limit && Math.max(...ends) < limit;
    if (this.data instanceof Int16Array && !fits(2 ** 15)) this.data = Float32Array.from(this.data);
    if (this.data instanceof Float32Array && !fits(2 ** 24)) this.data = Float64Array.from(this.data);
  }
}
