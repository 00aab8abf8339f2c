import type { IndexBox, Triple } from '@concord/imaging';
import { fastFftSize, inParts, RealFft, type Kernels, type Spectrum } from '@concord/kernels';
import type { Boundary } from './filter-settings.js';
import { readBox, triple } from './image-part.js';

/** Voxels by which an image is extended on either side at least, so that its ends do not see one another. */
const PADDING = 32;

/**
 * What a spectrum is multiplied by at a frequency, given in shares of the Nyquist frequency along each axis: writes real
 * and imaginary part.
 */
export type Transfer = (x: number, y: number, z: number, value: Float64Array) => void;

/** Where transforms are made: the image, and its surroundings by the boundary's rule. */
export interface SpectralGrid extends IndexBox {
  readonly dimension: '2D' | '3D';
}

/**
 * The surroundings that a transform is made on: at least 32 voxels more on either side, to a size that is transformed
 * fast. A periodic image stays as it is. In 2D only the slices of the box.
 */
export function spectralGrid(box: IndexBox, shape: Triple, dimension: '2D' | '3D', boundary: Boundary): SpectralGrid {
  const axes = triple((axis) => {
    if (axis === 2 && dimension === '2D') return { low: box.low[2], size: box.size[2] };
    const n = shape[axis];
    if (boundary === 'periodic') return { low: 0, size: n };
    const size = fastFftSize(n + 2 * PADDING);
    return { low: -((size - n) >> 1), size };
  });
  return { low: triple((axis) => axes[axis].low), size: triple((axis) => axes[axis].size), dimension };
}

/**
 * Multiplies the spectrum of a grid by transfer functions; gives the part of each response that lies on a box.
 *
 * The frequencies of an axis of n are `(k - (n - 1) / 2) / ((n - 1) / 2)`, turned so that the middle comes first, as in
 * IBSI's reference. For even n they are not symmetric; the real part of the response is what is given.
 *
 * @returns x-fastest, from the kernels' arena
 */
export function filterSpectrum(
  values: Float64Array,
  grid: SpectralGrid,
  box: IndexBox,
  transfers: readonly Transfer[],
  kernels: Kernels,
): Float64Array[] {
  const { arena } = kernels;
  const responses = transfers.map(() => arena.f64(box.size[0] * box.size[1] * box.size[2]));
  arena.scope(() => {
    const axes = grid.dimension === '3D' ? 3 : 2;
    const fft = new RealFft(kernels, grid.size, axes);
    const spectrum = fft.forward(values, grid.size);
    const place = { low: triple((axis) => box.low[axis] - grid.low[axis]), size: box.size };
    transfers.forEach((transfer, n) =>
      arena.scope(() => {
        const all = fft.back(multiplied(spectrum, transfer, fft, kernels), grid.size);
        const whole = { values: all, low: [0, 0, 0], size: grid.size, shape: grid.size, spacingMm: [1, 1, 1] } as const;
        responses[n].set(readBox(whole, place, 'zero', kernels));
      }),
    );
  });
  return responses;
}

function multiplied(spectrum: Spectrum, transfer: Transfer, fft: RealFft, kernels: Kernels): Spectrum {
  const { arena } = kernels;
  const length = spectrum.re.length;
  const [re, im] = [arena.f64(length), arena.f64(length)];
  writeTransfer(transfer, fft, re, im);
  kernels.run(
    inParts(length, 1024, (first, last) =>
      kernels.call('filters', 'multiply', spectrum.re, spectrum.im, re, im, re, im, first, last),
    ),
  );
  return { re, im };
}

/** The transfer function of the real part of the response: the mean of that at f and the conjugate of that at -f. */
function writeTransfer(transfer: Transfer, { size, pitch, axes }: RealFft, re: Float64Array, im: Float64Array): void {
  const frequencies = triple((axis) => (axis < axes ? frequenciesOf(size[axis]) : new Float64Array(size[axis])));
  const opposite = (axis: number, k: number): number =>
    axis < axes ? frequencies[axis][k === 0 ? 0 : size[axis] - k] : 0;
  const half = (size[0] >> 1) + 1;
  const [here, there] = [new Float64Array(2), new Float64Array(2)];
  for (let k = 0; k < size[2]; k++) {
    const [z, minusZ] = [frequencies[2][k], opposite(2, k)];
    for (let j = 0; j < size[1]; j++) {
      const [y, minusY] = [frequencies[1][j], opposite(1, j)];
      for (let i = 0, at = pitch * (j + size[1] * k); i < half; i++, at++) {
        transfer(frequencies[0][i], y, z, here);
        transfer(opposite(0, i), minusY, minusZ, there);
        re[at] = (here[0] + there[0]) / 2;
        im[at] = (here[1] - there[1]) / 2;
      }
    }
  }
}

function frequenciesOf(n: number): Float64Array {
  const middle = (n - 1) / 2;
  return Float64Array.from({ length: n }, (_, k) => (middle === 0 ? 0 : (((k + (n >> 1)) % n) - middle) / middle));
}
