import { maskedValues, type StoredFrame, type StoredValues } from './pixel-data.js';

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
  put(index: number, frame: StoredFrame, scale: Scale): void {
    if (!(this.data instanceof Float64Array)) this.widen(frame, scale);
    const target = this.data.subarray(index * this.size, (index + 1) * this.size);
    if (scale.slope === 1 && Number.isInteger(scale.intercept)) shiftInto(target, frame, scale.intercept);
    else rescaleInto(target, frame, scale);
  }

  /** Takes a wider array where the values of a slice need it. */
  private widen(frame: StoredFrame, { slope, intercept }: Scale): void {
    const fits = (limit: number, [low, high]: readonly [number, number]): boolean => {
      const ends = [low * slope + intercept, high * slope + intercept];
      return Math.min(...ends) >= -limit && Math.max(...ends) < limit;
    };
    const limit = this.data instanceof Int16Array ? 2 ** 15 : 2 ** 24;
    // What the stored bits allow mostly fits; only else are the values looked at.
    if (fits(limit, possibleRange(frame))) return;
    const range = actualRange(maskedValues(frame));
    if (this.data instanceof Int16Array && !fits(2 ** 15, range)) this.data = Float32Array.from(this.data);
    if (this.data instanceof Float32Array && !fits(2 ** 24, range)) this.data = Float64Array.from(this.data);
  }
}

function possibleRange({ right, isSigned }: StoredFrame): [number, number] {
  const bits = 32 - right;
  return isSigned ? [-(2 ** (bits - 1)), 2 ** (bits - 1) - 1] : [0, 2 ** bits - 1];
}

function actualRange(values: StoredValues): [number, number] {
  let low = Infinity;
  let high = -Infinity;
  for (let index = 0; index < values.length; index++) {
    const value = values[index];
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return [low, high];
}

/** Masks and shifts in one pass, in whole numbers: most CT and MR goes this way. */
function shiftInto(target: VoxelSink['data'], { words, left, right, isSigned }: StoredFrame, intercept: number): void {
  const count = target.length;
  if (isSigned) for (let n = 0; n < count; n++) target[n] = ((words[n] << left) >> right) + intercept;
  else for (let n = 0; n < count; n++) target[n] = ((words[n] << left) >>> right) + intercept;
}

function rescaleInto(target: VoxelSink['data'], frame: StoredFrame, { slope, intercept }: Scale): void {
  const { words, left, right, isSigned } = frame;
  const count = target.length;
  if (isSigned) for (let n = 0; n < count; n++) target[n] = ((words[n] << left) >> right) * slope + intercept;
  else for (let n = 0; n < count; n++) target[n] = ((words[n] << left) >>> right) * slope + intercept;
}
