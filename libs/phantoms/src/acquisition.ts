import type { RandomSource } from '@concord/numeric';
import { gaussianTaps } from './gaussian-field.js';
import { fillWithNormals } from './normals.js';
import type { ScannerEffect } from './scanner.js';

// Bound once: in the virtual machine tests run in, each look-up of a global costs as much as the arithmetic of a voxel.
const { max, min, round } = Math;

/** Blur of the unsharp mask of an edge-enhancing kernel, mm. */
const UNSHARP_MM = 1.5;
/** Stored value = HU + 1024, in 12 bits. */
const INTERCEPT_HU = -1024;
const LARGEST_STORED = 4095;

/**
 * Takes noise-free HU through a scanner: in-plane point spread, edge enhancement, correlated noise, calibration,
 * rounding to 12 bits.
 *
 * @param hu x-fastest, `size * size * slices` values; overwritten
 * @param dose noise of this patient relative to the site's
 * @returns stored values, HU + 1024
 */
export function acquire(
  source: RandomSource,
  hu: Float32Array,
  size: number,
  scanner: ScannerEffect,
  dose: number,
): Uint16Array {
  const plane = size * size;
  const stored = new Uint16Array(hu.length);
  const noise = new Float32Array(plane);
  const blurred = new Float32Array(plane);
  const scratch = new Float32Array(plane);
  const spread = gaussianTaps(scanner.blurMm / scanner.pixelSpacingMm);
  const unsharp = gaussianTaps(UNSHARP_MM / scanner.pixelSpacingMm);
  const noiseTaps = gaussianTaps(scanner.noiseCorrelationMm / scanner.pixelSpacingMm);
  const noiseScale = (scanner.noiseHu * dose) / sumOfSquares(noiseTaps);
  for (let start = 0; start < hu.length; start += plane) {
    const slice = hu.subarray(start, start + plane);
    blurSlice(slice, slice, scratch, size, spread);
    if (scanner.sharpening > 0) {
      blurSlice(slice, blurred, scratch, size, unsharp);
      for (let index = 0; index < plane; index++) slice[index] += scanner.sharpening * (slice[index] - blurred[index]);
    }
    fillWithNormals(source, noise);
    blurSlice(noise, noise, scratch, size, noiseTaps);
    for (let index = 0; index < plane; index++) {
      const shown = scanner.gain * (slice[index] + noiseScale * noise[index]) + scanner.offsetHu;
      stored[start + index] = min(LARGEST_STORED, max(0, round(shown - INTERCEPT_HU)));
    }
  }
  return stored;
}

/** Squared norm of the one-dimensional kernel: the standard deviation left of white noise after both directions. */
function sumOfSquares(taps: Float64Array): number {
  return taps.reduce((sum, tap, index) => sum + (index === 0 ? 1 : 2) * tap * tap, 0);
}

/** Separable smoothing of one slice; beyond its edges the slice is continued by its last row and column. */
function blurSlice(
  from: Float32Array,
  to: Float32Array,
  scratch: Float32Array,
  size: number,
  taps: Float64Array,
): void {
  blurRowsAndTranspose(from, scratch, size, taps);
  blurRowsAndTranspose(scratch, to, size, taps);
}

function blurRowsAndTranspose(from: Float32Array, to: Float32Array, size: number, taps: Float64Array): void {
  const radius = taps.length - 1;
  const padded = new Float64Array(size + 2 * radius);
  for (let row = 0; row < size; row++) {
    const start = row * size;
    for (let index = 0; index < radius; index++) {
      padded[index] = from[start];
      padded[size + radius + index] = from[start + size - 1];
    }
    for (let index = 0; index < size; index++) padded[radius + index] = from[start + index];
    for (let index = 0; index < size; index++) {
      const middle = index + radius;
      let sum = taps[0] * padded[middle];
      for (let tap = 1; tap <= radius; tap++) sum += taps[tap] * (padded[middle - tap] + padded[middle + tap]);
      to[index * size + row] = sum;
    }
  }
}
