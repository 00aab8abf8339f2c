import type { RandomSource } from '@concord/numeric';
import { fillWithNormals } from './normals.js';

// Bound once: in the virtual machine tests run in, each look-up of a global costs as much as the arithmetic of a voxel.
const { ceil, exp, floor, max, sqrt } = Math;

/** A smooth random function on a cube of samples that repeats in every direction; mean 0, variance 1 over the cube. */
export interface GaussianField {
  /** Samples along an edge. */
  readonly size: number;
  /** Distance of neighbouring samples, mm. */
  readonly pitchMm: number;
  /** Sample (i, j, k) is `data[i + size * (j + size * k)]`. */
  readonly data: Float32Array;
}

/**
 * White noise smoothed by a Gaussian.
 *
 * @param size samples along an edge of the cube
 * @param pitchMm distance of samples
 * @param sigmaMm standard deviation of the Gaussian: features of the field are about twice as wide
 */
export function gaussianField(source: RandomSource, size: number, pitchMm: number, sigmaMm: number): GaussianField {
  let data = new Float32Array(size ** 3);
  fillWithNormals(source, data);
  const taps = gaussianTaps(sigmaMm / pitchMm);
  let scratch = new Float32Array(data.length);
  // Each pass smooths the fastest axis and writes it slowest, so that three passes restore the order.
  for (let axis = 0; axis < 3; axis++) {
    smoothAndRotate(data, scratch, size, taps);
    [data, scratch] = [scratch, data];
  }
  standardiseInPlace(data);
  return { size, pitchMm, data };
}

/** Value at a point, mm, by trilinear interpolation; the origin is sample (0, 0, 0). */
export function fieldAt(field: GaussianField, x: number, y: number, z: number): number {
  const { size, data } = field;
  const u = x / field.pitchMm;
  const v = y / field.pitchMm;
  const w = z / field.pitchMm;
  const i = floor(u);
  const j = floor(v);
  const k = floor(w);
  const fu = u - i;
  const fv = v - j;
  const fw = w - k;
  const i0 = ((i % size) + size) % size;
  const j0 = ((j % size) + size) % size;
  const k0 = ((k % size) + size) % size;
  const i1 = i0 + 1 === size ? 0 : i0 + 1;
  const row00 = size * (j0 + size * k0);
  const j1 = j0 + 1 === size ? 0 : j0 + 1;
  const k1 = k0 + 1 === size ? 0 : k0 + 1;
  const row10 = size * (j1 + size * k0);
  const row01 = size * (j0 + size * k1);
  const row11 = size * (j1 + size * k1);
  const a = data[row00 + i0] + fu * (data[row00 + i1] - data[row00 + i0]);
  const b = data[row10 + i0] + fu * (data[row10 + i1] - data[row10 + i0]);
  const c = data[row01 + i0] + fu * (data[row01 + i1] - data[row01 + i0]);
  const d = data[row11 + i0] + fu * (data[row11 + i1] - data[row11 + i0]);
  const near = a + fv * (b - a);
  const far = c + fv * (d - c);
  return near + fw * (far - near);
}

/** Half of a symmetric Gaussian kernel of sum 1: tap 0 is its middle; it ends at three standard deviations. */
export function gaussianTaps(sigma: number): Float64Array {
  const radius = max(0, ceil(3 * sigma));
  const taps = new Float64Array(radius + 1);
  let sum = 0;
  for (let tap = 0; tap <= radius; tap++) {
    taps[tap] = sigma > 0 ? exp(-0.5 * (tap / sigma) ** 2) : 1;
    sum += tap === 0 ? taps[tap] : 2 * taps[tap];
  }
  return taps.map((tap) => tap / sum);
}

function smoothAndRotate(from: Float32Array, to: Float32Array, size: number, taps: Float64Array): void {
  const plane = size * size;
  const radius = taps.length - 1;
  const padded = new Float64Array(size + 2 * radius);
  for (let row = 0; row < plane; row++) {
    const start = row * size;
    for (let index = 0; index < padded.length; index++) {
      padded[index] = from[start + ((((index - radius) % size) + size) % size)];
    }
    for (let index = 0; index < size; index++) {
      const middle = index + radius;
      let sum = taps[0] * padded[middle];
      for (let tap = 1; tap <= radius; tap++) sum += taps[tap] * (padded[middle - tap] + padded[middle + tap]);
      to[row + plane * index] = sum;
    }
  }
}

function standardiseInPlace(data: Float32Array): void {
  const count = data.length;
  let mean = 0;
  for (let index = 0; index < count; index++) mean += data[index] / count;
  let variance = 0;
  for (let index = 0; index < count; index++) variance += (data[index] - mean) ** 2 / count;
  const scale = variance > 0 ? 1 / sqrt(variance) : 0;
  for (let index = 0; index < count; index++) data[index] = (data[index] - mean) * scale;
}
