import type { IndexBox, Triple } from '@concord/imaging';
import { fastFftSize, inParts, RealFft, type Kernels, type Spectrum } from '@concord/kernels';
import type { Filter, FilterGrid } from './filter.js';
import type { GaborFilter } from './filter-settings.js';
import { evenReach, readBox, sourceBox, triple, union, withReach, type ImagePart } from './image-part.js';

/** The plane of two axes, and the axis across it. */
type Plane = readonly [number, number, number];

const AXIAL: Plane = [0, 1, 2];
const ORTHOGONAL: readonly Plane[] = [AXIAL, [0, 2, 1], [1, 2, 0]];

interface Orientation {
  readonly theta: number;
  /** Of the mean over all orientations. */
  readonly share: number;
}

/**
 * Modulus of the response to a complex Gabor kernel in a plane (IBSI Q88H): a wave along theta under a Gaussian of sigma
 * along the wave and sigma / gamma across it, not scaled, cut off `truncation` times the larger of the two from the centre.
 * theta turns from the first axis of the plane towards the second. Means over orientations and over the three planes where
 * asked. By Fourier transforms of the slices, with the boundary as far as the kernel reaches.
 */
export function gaborFilter(settings: GaborFilter, { shape, spacingMm }: FilterGrid): Filter {
  const planes = settings.planes === 'axial' ? [AXIAL] : ORTHOGONAL;
  const longest = settings.sigmaMm * Math.max(1, 1 / settings.gamma);
  const reachAlong = (axis: number): number => Math.floor((settings.truncation * longest) / spacingMm[axis] + 0.5);
  const reachIn = (plane: Plane) => evenReach(triple((axis) => (axis === plane[2] ? 0 : reachAlong(axis))));
  return {
    needs: (box) => union(planes.map((plane) => sourceBox(withReach(box, reachIn(plane)), shape, settings.boundary))),
    respond: (part, box, kernels) => {
      const response = kernels.arena.f64(box.size[0] * box.size[1] * box.size[2]);
      for (const plane of planes) {
        kernels.arena.scope(() => {
          const around = withReach(box, reachIn(plane));
          addPlane(settings, part, box, around, plane, planes.length, response, kernels);
        });
      }
      return response;
    },
  };
}

/** Orientations that differ by half a turn have the same modulus: each is computed once. */
function orientationsOf({ thetaDegrees, thetaStepDegrees }: GaborFilter): Orientation[] {
  const count = thetaStepDegrees === null ? 1 : Math.round(360 / thetaStepDegrees);
  const isPaired = count % 2 === 0;
  return Array.from({ length: isPaired ? count / 2 : count }, (_, n) => ({
    theta: ((thetaDegrees + n * (thetaStepDegrees ?? 0)) * Math.PI) / 180,
    share: (isPaired ? 2 : 1) / count,
  }));
}

function addPlane(
  settings: GaborFilter,
  part: ImagePart,
  box: IndexBox,
  around: IndexBox,
  plane: Plane,
  planeCount: number,
  response: Float64Array,
  kernels: Kernels,
): void {
  const { arena } = kernels;
  const [w, h, d] = plane.map((axis) => around.size[axis]);
  const kept: Triple = [box.size[plane[0]], box.size[plane[1]], d];
  const slices = arena.f64(w * h * d);
  // From the order of the axes to that of the plane, slice after slice.
  const read = readBox(part, around, settings.boundary, kernels);
  forEachPlace([w, h, d], stridesIn(around.size, plane), (there, here) => (slices[here] = read[there]));
  const fft = new RealFft(kernels, [fastFftSize(w), fastFftSize(h), d], 2);
  const image = fft.forward(slices, [w, h, d]);
  const moduli = arena.f64(kept[0] * kept[1] * d);
  for (const { theta, share } of orientationsOf(settings)) {
    arena.scope(() => {
      const [re, im] = gaborKernel(settings, theta, part.spacingMm, plane, [w - kept[0], h - kept[1]], fft.size);
      const parts = [re, im].map((kernel) => {
        const one = new RealFft(kernels, [fft.size[0], fft.size[1], 1], 2);
        const spectrum = one.forward(kernel, [fft.size[0], fft.size[1], 1]);
        return fft.back(product(image, spectrum, d, kernels), kept);
      });
      kernels.run(
        inParts(moduli.length, 1024, (first, last) =>
          kernels.call('filters', 'addModulus', parts[0], parts[1], moduli, share / planeCount, first, last),
        ),
      );
    });
  }
  forEachPlace(kept, stridesIn(box.size, plane), (there, here) => (response[there] += moduli[here]));
}

/** Distances in an x-fastest array of this size between neighbours along the axes of the plane, and across it. */
function stridesIn(size: Triple, plane: Plane): Triple {
  const strides = [1, size[0], size[0] * size[1]];
  return [strides[plane[0]], strides[plane[1]], strides[plane[2]]];
}

/** Walks over a box: where each voxel lies in an array with these strides, and in one of its own. */
function forEachPlace(
  [w, h, d]: readonly number[],
  [sx, sy, sz]: Triple,
  visit: (there: number, here: number) => void,
): void {
  for (let k = 0, here = 0; k < d; k++) {
    for (let j = 0; j < h; j++) {
      for (let i = 0; i < w; i++) visit(i * sx + j * sy + k * sz, here++);
    }
  }
}

/**
 * Real and imaginary part of the kernel on a grid that repeats, so that multiplying spectra puts the response of the first
 * voxel that has all its surroundings first.
 *
 * @param widths twice the reach along both axes
 */
function gaborKernel(
  { sigmaMm, wavelengthMm, gamma }: GaborFilter,
  theta: number,
  spacingMm: Triple,
  plane: Plane,
  widths: readonly [number, number],
  size: Triple,
): [Float64Array, Float64Array] {
  const [re, im] = [new Float64Array(size[0] * size[1]), new Float64Array(size[0] * size[1])];
  for (let n = 0; n <= widths[1]; n++) {
    for (let m = 0; m <= widths[0]; m++) {
      const x = (m - widths[0] / 2) * spacingMm[plane[0]];
      const y = (n - widths[1] / 2) * spacingMm[plane[1]];
      const along = x * Math.cos(theta) + y * Math.sin(theta);
      const across = y * Math.cos(theta) - x * Math.sin(theta);
      const envelope = Math.exp(-(along * along + gamma * gamma * across * across) / (2 * sigmaMm * sigmaMm));
      const phase = (2 * Math.PI * along) / wavelengthMm;
      const at = ((m - widths[0] + size[0]) % size[0]) + size[0] * ((n - widths[1] + size[1]) % size[1]);
      re[at] = envelope * Math.cos(phase);
      im[at] = envelope * Math.sin(phase);
    }
  }
  return [re, im];
}

/** The spectrum of each slice times that of the kernel. */
function product(slices: Spectrum, kernel: Spectrum, count: number, kernels: Kernels): Spectrum {
  const { arena } = kernels;
  const length = kernel.re.length;
  const to = { re: arena.f64(length * count), im: arena.f64(length * count) };
  const slice = (array: Float64Array, n: number): Float64Array => array.subarray(length * n, length * (n + 1));
  kernels.run(
    Array.from({ length: count }, (_, n) =>
      kernels.call(
        'filters',
        'multiply',
        slice(slices.re, n),
        slice(slices.im, n),
        kernel.re,
        kernel.im,
        slice(to.re, n),
        slice(to.im, n),
        0,
        length,
      ),
    ),
  );
  return to;
}
