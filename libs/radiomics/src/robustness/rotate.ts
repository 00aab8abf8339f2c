import { fillUnmeasuredInPlace } from '@concord/imaging';
import { inParts, type Kernels } from '@concord/kernels';
import { rightAngledSpacing } from '../region.js';
import { onNewGrid, type ImageWithRegion } from './new-grid.js';
import { measured } from './noise.js';

/** Terms of a spline's prefilter: 0.268 to this power is nothing. */
const SPLINE_TERMS = 48;

/** Where the pixels of a turned slice lie in the old one: x = x0 + xi * i + xj * j, and so for y. */
interface Turn {
  readonly x: readonly [number, number, number];
  readonly y: readonly [number, number, number];
  readonly nx: number;
  readonly ny: number;
}

/**
 * The image and its region on a grid turned in the plane of its slices about the middle of the region: the image by bicubic
 * B-splines, the region by linear interpolation and a threshold of a half. What lies in space stays where it is; beyond the
 * image its edge holds. Whole turns change nothing.
 *
 * @param degrees from axis i to axis j
 */
export function rotateInPlane(
  { volume, mask }: ImageWithRegion,
  degrees: number,
  paddingValues: readonly number[],
  kernels: Kernels,
): ImageWithRegion {
  if (degrees % 360 === 0) return { volume, mask };
  const [nx, ny, nz] = volume.shape;
  const turn = turnOf(degrees, middleOf(mask.data, nx, ny), rightAngledSpacing(volume, 'image'), nx, ny);
  const image = kernels.arena.scope(() => turnImage(volume.data, turn, nz, paddingValues, kernels));
  const shares = new Float64Array(mask.data.length);
  for (let k = 0; k < nz; k++) {
    const slice = mask.data.subarray(nx * ny * k, nx * ny * (k + 1));
    if (slice.includes(1)) {
      turnSlice(turn, shares, nx * ny * k, (x, y) => linearAt(slice, nx, ny, x, y));
    }
  }
  const [[x0, xi, xj], [y0, yi, yj]] = [turn.x, turn.y];
  const map = Float64Array.of(xi, xj, 0, x0, yi, yj, 0, y0, 0, 0, 1, 0, 0, 0, 0, 1);
  return onNewGrid(volume, mask, map, image, shares);
}

function turnOf(
  degrees: number,
  [cx, cy]: readonly [number, number],
  [sx, sy]: readonly number[],
  nx: number,
  ny: number,
): Turn {
  const angle = (degrees * Math.PI) / 180;
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)].map((value) => (Math.abs(value) < 1e-15 ? 0 : value));
  const [xj, yi] = [(-sin * sy) / sx, (sin * sx) / sy];
  return { x: [cx - cos * cx - xj * cy, cos, xj], y: [cy - yi * cx - cos * cy, yi, cos], nx, ny };
}

/** Middle of the region's box in the plane, in voxels; that of the image for an empty one. */
function middleOf(data: Uint8Array, nx: number, ny: number): [number, number] {
  const low = [nx, ny];
  const high = [-1, -1];
  for (let row = 0; row * nx < data.length; row++) {
    const first = data.subarray(row * nx, (row + 1) * nx).indexOf(1);
    if (first < 0) continue;
    const last = data.subarray(row * nx, (row + 1) * nx).lastIndexOf(1);
    const own = [first, row % ny, last];
    low[0] = Math.min(low[0], own[0]);
    high[0] = Math.max(high[0], own[2]);
    low[1] = Math.min(low[1], own[1]);
    high[1] = Math.max(high[1], own[1]);
  }
  return high[0] < 0 ? [(nx - 1) / 2, (ny - 1) / 2] : [(low[0] + high[0]) / 2, (low[1] + high[1]) / 2];
}

function turnImage(
  data: ArrayLike<number>,
  turn: Turn,
  nz: number,
  paddingValues: readonly number[],
  kernels: Kernels,
): Float64Array {
  const { nx, ny } = turn;
  const isMeasured = measured(paddingValues);
  const coefficients = kernels.arena.f64(nx * ny * nz);
  let hasGaps = false;
  for (let n = 0; n < coefficients.length; n++) {
    coefficients[n] = isMeasured(data[n]) ? data[n] : NaN;
    hasGaps ||= Number.isNaN(coefficients[n]);
  }
  if (hasGaps) fillUnmeasuredInPlace(coefficients, [nx, ny, nz]);
  for (const [inner, count] of [
    [1, nx],
    [nx, ny],
  ]) {
    if (count < 2) continue;
    kernels.run(
      inParts((nx * ny * nz) / count, 32, (first, last) =>
        kernels.call('resample', 'prefilter', coefficients, inner, count, Math.min(count, SPLINE_TERMS), first, last),
      ),
    );
  }
  const turned = new Float64Array(nx * ny * nz);
  for (let k = 0; k < nz; k++) {
    const start = nx * ny * k;
    turnSlice(turn, turned, start, (x, y) => {
      if (hasGaps && !isMeasured(data[start + Math.round(x) + nx * Math.round(y)])) return paddingValues[0] ?? NaN;
      return splineAt(coefficients, start, nx, ny, x, y);
    });
  }
  return turned;
}

/** Fills a slice with values at old positions, which stay on the image. */
function turnSlice(
  { x, y, nx, ny }: Turn,
  target: Float64Array,
  start: number,
  valueAt: (x: number, y: number) => number,
): void {
  for (let j = 0, n = start; j < ny; j++) {
    for (let i = 0; i < nx; i++, n++) {
      target[n] = valueAt(within(x[0] + x[1] * i + x[2] * j, nx), within(y[0] + y[1] * i + y[2] * j, ny));
    }
  }
}

/** On the image, and on a voxel where rounding alone tells them apart. */
function within(position: number, count: number): number {
  const whole = Math.round(position);
  const exact = Math.abs(position - whole) < 1e-9 ? whole : position;
  return Math.min(Math.max(exact, 0), count - 1);
}

function linearAt(slice: Uint8Array, nx: number, ny: number, x: number, y: number): number {
  const [i, j] = [Math.floor(x), Math.floor(y)];
  const [u, v] = [x - i, y - j];
  const right = Math.min(i + 1, nx - 1);
  const [row, below] = [nx * j, nx * Math.min(j + 1, ny - 1)];
  return (
    (1 - v) * ((1 - u) * slice[row + i] + u * slice[row + right]) +
    v * ((1 - u) * slice[below + i] + u * slice[below + right])
  );
}

function splineAt(coefficients: Float64Array, start: number, nx: number, ny: number, x: number, y: number): number {
  const [i, j] = [Math.floor(x), Math.floor(y)];
  const u = x - i;
  const v = y - j;
  const [u0, u1, u2, u3] = [outer(1 - u), inner(u), inner(1 - u), outer(u)];
  const [i0, i2, i3] = [mirrored(i - 1, nx), mirrored(i + 1, nx), mirrored(i + 2, nx)];
  let sum = 0;
  for (let b = -1; b <= 2; b++) {
    const row = start + nx * mirrored(j + b, ny);
    const along =
      u0 * coefficients[row + i0] +
      u1 * coefficients[row + i] +
      u2 * coefficients[row + i2] +
      u3 * coefficients[row + i3];
    sum += (b === -1 ? outer(1 - v) : b === 0 ? inner(v) : b === 1 ? inner(1 - v) : outer(v)) * along;
  }
  return sum;
}

/** The cubic B-spline 2 - t from its knot, for t from 0 to 1. */
function outer(t: number): number {
  return (t * t * t) / 6;
}

/** The same t from its knot. */
function inner(t: number): number {
  return 2 / 3 - (t * t * (2 - t)) / 2;
}

/** As the prefilter goes on beyond the ends: mirrored at the first and last voxel. */
function mirrored(index: number, count: number): number {
  if (count === 1) return 0;
  return Math.abs(index >= count ? 2 * (count - 1) - index : index);
}
