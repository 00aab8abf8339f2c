import type { Triple } from '@concord/imaging';
import { fastFftSize, FFT_WORK, fftPlan, inParts, type FftPlan, type KernelCall, type Kernels } from '@concord/kernels';
import { undefinedBecause, type FamilyValues, type NoValue } from '../feature-value.js';
import { intensityBox, type Region } from '../region.js';

/**
 * Moran's I (N365) and Geary's C (NPT7) of the intensity mask: all pairs of voxels, weighted by 1 / distance in mm.
 *
 * Exact at any size, in O(n log n). With M the mask, c the deviations from the mean and K the weights, all sums over
 * pairs are of the form sum a (K * b), which Parseval's theorem turns into sums of products of three spectra; so nothing
 * is transformed back. The spectra are taken a stretch of x frequencies at a time, to bound memory.
 */
export function spatialAssociation(region: Region, kernels: Kernels): FamilyValues {
  const { intensities, voxels } = region;
  const both = (value: NoValue): FamilyValues => ({ morph_moran_i: value, morph_geary_c: value });
  const count = voxels.length;
  if (count === 0) return both(undefinedBecause('no voxel is left after re-segmentation'));
  if (count === 1) return both(undefinedBecause('one voxel has no pairs'));
  let mean = 0;
  for (let n = 0; n < count; n++) mean += intensities[n];
  mean /= count;
  let squares = 0;
  let isFlat = true;
  for (let n = 0; n < count; n++) {
    squares += (intensities[n] - mean) ** 2;
    if (intensities[n] !== intensities[0]) isFlat = false;
  }
  if (isFlat) return both(undefinedBecause('all voxels have one intensity'));
  const [weights, products, squaresSeen] = kernels.arena.scope(() => sumsOverPairs(region, mean, kernels));
  return {
    morph_moran_i: (count / weights) * (products / squares),
    morph_geary_c: ((count - 1) / weights) * ((squaresSeen - products) / squares),
  };
}

/** Largest spectra kept at once, in numbers: 64 MB. */
const MOST_NUMBERS = 2 ** 23;

/** Sums over all ordered pairs i, j of w, w c(i) c(j) and w c(i)2, each times the same number. */
function sumsOverPairs(region: Region, mean: number, kernels: Kernels): [number, number, number] {
  const { arena } = kernels;
  const { low, high } = intensityBox(region);
  const shape: Triple = [high[0] - low[0] + 1, high[1] - low[1] + 1, high[2] - low[2] + 1];
  const box = deviationsInBox(region, mean, low, shape, arena.f64(3 * shape[0] * shape[1] * shape[2]));
  const plans = shape.map((n) => fftPlan(fastFftSize(2 * n - 1), arena)); // no pair may meet across the edge
  const half = (plans[0].size >> 1) + 1;
  const perColumn = 6 * shape[2] * plans[1].size;
  const stretch = Math.min(Math.ceil(half / 4), Math.max(1, Math.floor(MOST_NUMBERS / perColumn / 4))) * 4;
  const total: [number, number, number] = [0, 0, 0];
  for (let start = 0; start < half; start += stretch) {
    arena.scope(() => {
      const columns = { low: start, high: Math.min(half, start + stretch), pitch: stretch };
      const sums = sumsOfStretch(box, shape, region.spacingMm, plans, columns, kernels);
      for (let n = 0; n < sums.length; n++) total[n % 3] += sums[n];
    });
  }
  return total;
}

/** Three boxes one behind the other: deviation from the mean, mask, squared deviation; zero outside the mask. */
function deviationsInBox(
  { voxels, intensities, shape: [nx, ny] }: Region,
  mean: number,
  low: Triple,
  shape: Triple,
  box: Float64Array,
): Float64Array {
  const size = shape[0] * shape[1] * shape[2];
  for (let n = 0; n < voxels.length; n++) {
    const row = Math.floor(voxels[n] / nx);
    const slice = Math.floor(row / ny);
    const x = voxels[n] - row * nx - low[0];
    const at = x + shape[0] * (row - slice * ny - low[1] + shape[1] * (slice - low[2]));
    const deviation = intensities[n] - mean;
    box[at] = deviation;
    box[size + at] = 1;
    box[2 * size + at] = deviation * deviation;
  }
  return box;
}

/** Frequencies along x that are looked at together; `pitch` is a multiple of 4. */
interface Stretch {
  readonly low: number;
  readonly high: number;
  readonly pitch: number;
}

/** Three sums for each part of the work, in its order. */
function sumsOfStretch(
  box: Float64Array,
  [nx, ny, nz]: Triple,
  spacingMm: Triple,
  [planX, planY, planZ]: readonly FftPlan[],
  stretch: Stretch,
  kernels: Kernels,
): Float64Array {
  const { arena } = kernels;
  const { pitch } = stretch;
  const run = inParallel(kernels);
  const kernel = kernelSpectrum(spacingMm, [planX, planY, planZ], stretch, kernels);
  const rows = { re: arena.f64(pitch * 3 * ny * nz), im: arena.f64(pitch * 3 * ny * nz) };
  const spectra = { re: arena.f64(pitch * 3 * planY.size * nz), im: arena.f64(pitch * 3 * planY.size * nz) };
  run(planX, 3 * ny * nz, 8, (first, last, tables) =>
    kernels.call('fft', 'rows', box, rows.re, rows.im, nx, stretch.low, stretch.high, pitch, first, last, ...tables),
  );
  const { re, im } = spectra;
  run(planY, 3 * pitch * nz, 4, (first, last, tables) =>
    kernels.call('fft', 'axis', rows.re, rows.im, re, im, pitch, ny, planY.size, first, last, ...tables),
  );
  const weights = arena.f64(pitch).fill(2); // a frequency above 0 stands for its mirror image too
  if (stretch.low === 0) weights[0] = 1;
  if (planX.size % 2 === 0 && stretch.high === (planX.size >> 1) + 1) weights[stretch.high - 1 - stretch.low] = 1;
  const size = pitch * planY.size * nz;
  const part = (n: number): [Float64Array, Float64Array] => [re.subarray(n * size), im.subarray(n * size)];
  const sums: Float64Array[] = [];
  run(planZ, planY.size, 1, (first, last, tables) => {
    sums.push(arena.f64(3));
    return kernels.call(
      'fft',
      'pairSums',
      ...part(0),
      ...part(1),
      ...part(2),
      kernel,
      weights,
      pitch,
      planY.size,
      nz,
      first,
      last,
      ...tables,
      sums[sums.length - 1],
    );
  });
  return Float64Array.from(sums.flatMap((three) => [...three]));
}

/** Spectrum of 1 / distance: real, and mirrored along every axis, so that an eighth of it is enough. */
function kernelSpectrum(
  [sx, sy, sz]: Triple,
  [planX, planY, planZ]: readonly FftPlan[],
  { low, high, pitch }: Stretch,
  kernels: Kernels,
): Float64Array {
  const [halfY, halfZ] = [(planY.size >> 1) + 1, (planZ.size >> 1) + 1];
  const run = inParallel(kernels);
  const kernel = kernels.arena.f64(pitch * halfY * halfZ);
  run(planX, halfY * halfZ, 8, (first, last, tables) =>
    kernels.call('fft', 'distanceRows', kernel, low, high, pitch, halfY, sx, sy, sz, first, last, ...tables),
  );
  run(planY, pitch * halfZ, 8, (first, last, tables) =>
    kernels.call('fft', 'evenAxis', kernel, pitch, first, last, ...tables),
  );
  run(planZ, pitch * halfY, 8, (first, last, tables) =>
    kernels.call('fft', 'evenAxis', kernel, pitch * halfY, first, last, ...tables),
  );
  return kernel;
}

type Tables = readonly [size: number, factors: Int32Array, twiddles: Float64Array, work: Float64Array];

/** Runs calls on stretches of lines at the same time, each with scratch of its own that stays taken. */
function inParallel(kernels: Kernels) {
  return (
    plan: FftPlan,
    count: number,
    multiple: number,
    call: (first: number, last: number, tables: Tables) => KernelCall,
  ): void => {
    const calls = inParts(count, multiple, (first, last) => {
      const work = kernels.arena.f64(3 * FFT_WORK * plan.size);
      return call(first, last, [plan.size, plan.factors, plan.twiddles, work]);
    });
    kernels.run(calls);
  };
}
