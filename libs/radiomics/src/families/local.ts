import type { Triple } from '@concord/imaging';
import { inParts, type Kernels } from '@concord/kernels';
import { undefinedBecause, type FamilyValues } from '../feature-value.js';
import { intensityBox, type Region } from '../region.js';

/** Radius of a ball of 1 cm3, in mm. */
export const PEAK_RADIUS_MM = 10 * (3 / (4 * Math.PI)) ** (1 / 3);

/**
 * Local intensity (IBSI 9ST6): the mean of the image over a ball of 1 cm3. All voxels of the image whose centres lie in
 * the ball count, those outside the region too; what lies outside the image, or is no number, does not.
 *
 * The local peak is that around the voxel of highest intensity (of several the highest), the global one the highest of all
 * voxels of the intensity mask.
 */
export function localIntensity(region: Region, kernels: Kernels): FamilyValues {
  const { voxels, intensities } = region;
  if (voxels.length === 0) {
    const none = undefinedBecause('no voxel is left after re-segmentation');
    return { loc_peak_loc: none, loc_peak_glob: none };
  }
  const peaks = kernels.arena.scope(() => peakAtEach(region, kernels));
  let brightest = -Infinity;
  for (let n = 0; n < voxels.length; n++) if (intensities[n] > brightest) brightest = intensities[n];
  let local = -Infinity;
  let global = -Infinity;
  for (let n = 0; n < voxels.length; n++) {
    if (peaks[n] > global) global = peaks[n];
    if (intensities[n] === brightest && peaks[n] > local) local = peaks[n];
  }
  return { loc_peak_loc: local, loc_peak_glob: global };
}

/** Mean over the ball around each voxel of the intensity mask, in their order. */
function peakAtEach(region: Region, kernels: Kernels): Float64Array {
  const { voxels, shape } = region;
  const { low, high } = intensityBox(region);
  const size: Triple = [high[0] - low[0] + 1, high[1] - low[1] + 1, high[2] - low[2] + 1];
  const reach = region.spacingMm.map((s) => Math.floor(PEAK_RADIUS_MM / s)) as unknown as Triple; // three of three
  const around = runningSums(region, low, size, reach, kernels);
  const ball = ballRows(region.spacingMm, reach, around.pitch, size[1] + 2 * reach[1]);
  const spans = rowSpans(region, low, size);
  const sum = (running: Float64Array): Float64Array => ballSums(running, around, ball, spans, size, reach, kernels);
  const sums = sum(around.values);
  const counts = around.isWhole ? null : sum(around.presence);
  const all = ball.reduce((total, reachX, n) => (n % 2 === 1 ? total + 2 * reachX + 1 : total), 0);
  const pitch = sumPitch(size);
  const peaks = new Float64Array(voxels.length);
  for (let n = 0; n < voxels.length; n++) {
    const row = Math.floor(voxels[n] / shape[0]);
    const slice = Math.floor(row / shape[1]);
    const x = voxels[n] - row * shape[0] - low[0];
    const at = x + pitch * (row - slice * shape[1] - low[1] + size[1] * (slice - low[2]));
    peaks[n] = sums[at] / (counts === null ? all : counts[at]);
  }
  return peaks;
}

/** Running sums along the rows of a box that reaches a ball beyond the intensity mask. */
interface RunningSums {
  readonly values: Float64Array;
  /** The same of 1 where there is a voxel; not filled when there is one everywhere. */
  readonly presence: Float64Array;
  readonly pitch: number;
  readonly isWhole: boolean;
}

function runningSums(region: Region, low: Triple, size: Triple, reach: Triple, kernels: Kernels): RunningSums {
  const { data, shape, corner } = region.image;
  const [nx, ny, nz] = size.map((n, axis) => n + 2 * reach[axis]);
  const start = low.map((first, axis) => first + corner[axis] - reach[axis]); // of the box, in the image
  const pitch = nx + 5; // the sum of all, and room to read four at once
  const values = kernels.arena.f64(pitch * ny * nz);
  const presence = kernels.arena.f64(pitch * ny * nz);
  let isWhole = true;
  for (let k = 0; k < nz; k++) {
    for (let j = 0; j < ny; j++) {
      const [y, z] = [start[1] + j, start[2] + k];
      const isInside = y >= 0 && y < shape[1] && z >= 0 && z < shape[2];
      const from = start[0] + shape[0] * (y + shape[1] * z);
      const to = pitch * (j + ny * k);
      let sum = 0;
      let count = 0;
      for (let i = 0; i < nx; i++) {
        const x = start[0] + i;
        const value = isInside && x >= 0 && x < shape[0] ? data[from + i] : NaN;
        if (value - value === 0) {
          sum += value;
          count++;
        }
        values[to + i + 1] = sum;
        presence[to + i + 1] = count;
      }
      if (count < nx) isWhole = false;
    }
  }
  return { values, presence, pitch, isWhole };
}

/** For each row of the ball: distance from the middle row in running sums, voxels to each side. */
function ballRows([sx, sy, sz]: Triple, [rx, ry, rz]: Triple, pitch: number, rowsPerSlice: number): Int32Array {
  const rows: number[] = [];
  for (let z = -rz; z <= rz; z++) {
    for (let y = -ry; y <= ry; y++) {
      const isIn = (x: number): boolean => Math.hypot(x * sx, y * sy, z * sz) <= PEAK_RADIUS_MM;
      if (!isIn(0)) continue;
      let x = rx;
      while (!isIn(x)) x--;
      rows.push(pitch * (y + rowsPerSlice * z), x);
    }
  }
  return Int32Array.from(rows);
}

/** First and last voxel of the intensity mask in each row of its box; 0 and -1 where there is none. */
function rowSpans({ voxels, shape: [nx, ny] }: Region, low: Triple, size: Triple): Int32Array {
  const spans = new Int32Array(2 * size[1] * size[2]);
  for (let n = 1; n < spans.length; n += 2) spans[n] = -1;
  for (let n = 0; n < voxels.length; n++) {
    const row = Math.floor(voxels[n] / nx);
    const slice = Math.floor(row / ny);
    const at = 2 * (row - slice * ny - low[1] + size[1] * (slice - low[2]));
    const x = voxels[n] - row * nx - low[0];
    if (spans[at + 1] < 0) spans[at] = x; // voxels are ascending
    spans[at + 1] = x;
  }
  return spans;
}

function sumPitch([nx]: Triple): number {
  return nx + 3; // sums are written four at once
}

function ballSums(
  running: Float64Array,
  { pitch }: RunningSums,
  ball: Int32Array,
  spans: Int32Array,
  size: Triple,
  reach: Triple,
  kernels: Kernels,
): Float64Array {
  const { arena } = kernels;
  const rows = size[1] * size[2];
  const sums = arena.f64(sumPitch(size) * rows);
  const starts = arena.i32(rows);
  for (let row = 0; row < rows; row++) {
    const [y, z] = [row % size[1], Math.floor(row / size[1])];
    starts[row] = reach[0] + pitch * (y + reach[1] + (size[1] + 2 * reach[1]) * (z + reach[2]));
  }
  const [ballThere, spansThere] = [arena.copy(ball), arena.copy(spans)];
  const calls = inParts(rows, 1, (first, last) =>
    kernels.call(
      'shape',
      'ballSums',
      running,
      sums,
      sumPitch(size),
      starts,
      spansThere,
      ballThere,
      ball.length / 2,
      first,
      last,
    ),
  );
  kernels.run(calls);
  return sums;
}
