import type { WorkingImage } from './image.js';
import type { PyradiomicsSettings } from './settings.js';

/**
 * Local binary pattern in planes, as scikit-image computes it: samples on a circle by bilinear interpolation, 0 outside the
 * image; each counts when it is at least the centre. An image of whole numbers keeps whole numbers.
 *
 * @param voxels positions on the grid of the image
 * @returns a value for each voxel; NaN where method `var` has no variance
 * @see Ojala, Pietikäinen and Mäenpää, IEEE TPAMI 24(7), 2002
 */
export function localBinaryPattern2d(
  image: WorkingImage,
  voxels: Int32Array,
  settings: PyradiomicsSettings,
): Float64Array {
  const { lbp2DSamples: count, lbp2DRadius: radius, lbp2DMethod: method } = settings;
  const round5 = (value: number): number => Math.round(value * 1e5) / 1e5;
  const angles = Array.from({ length: count }, (_, n) => (2 * Math.PI * n) / count);
  const rows = angles.map((angle) => round5(-radius * Math.sin(angle)));
  const columns = angles.map((angle) => round5(radius * Math.cos(angle)));
  const plane = planesOf(image, settings.force2Ddimension);
  const samples = new Float64Array(count);
  const signs = new Uint8Array(count);
  return Float64Array.from(voxels, (at) => {
    const { row, column, start } = plane.locate(at);
    for (let n = 0; n < count; n++) {
      samples[n] = plane.sample(start, row + rows[n], column + columns[n]);
      signs[n] = samples[n] - image.data[at] >= 0 ? 1 : 0;
    }
    const value = method === 'var' ? variance(samples) : PATTERNS[method](signs);
    return image.pixelType.isWhole ? Math.trunc(Number.isNaN(value) ? 0 : value) : value;
  });
}

/** Planes across one axis (0 is z, 1 y, 2 x): rows and columns in numpy's order of the axes left. */
function planesOf({ data, shape }: WorkingImage, flatAxis: number) {
  const strides = [1, shape[0], shape[0] * shape[1]];
  // PyRadiomics swaps the flat axis with z, so that rows and columns are the other two, z in the place of the flat one.
  const [rowAxis, columnAxis] = flatAxis === 0 ? [1, 0] : flatAxis === 1 ? [2, 0] : [1, 2];
  const [rowStride, columnStride] = [strides[rowAxis], strides[columnAxis]];
  const [rowCount, columnCount] = [shape[rowAxis], shape[columnAxis]];
  const value = (start: number, row: number, column: number): number =>
    row >= 0 && row < rowCount && column >= 0 && column < columnCount
      ? data[start + row * rowStride + column * columnStride]
      : 0;
  return {
    locate: (at: number) => {
      const row = Math.floor(at / rowStride) % rowCount;
      const column = Math.floor(at / columnStride) % columnCount;
      return { row, column, start: at - row * rowStride - column * columnStride };
    },
    sample: (start: number, row: number, column: number): number => {
      const [top, left, bottom, right] = [Math.floor(row), Math.floor(column), Math.ceil(row), Math.ceil(column)];
      const [down, along] = [row - top, column - left];
      const above = (1 - along) * value(start, top, left) + along * value(start, top, right);
      const below = (1 - along) * value(start, bottom, left) + along * value(start, bottom, right);
      return (1 - down) * above + down * below;
    },
  };
}

function variance(samples: Float64Array): number {
  let sum = 0;
  let squares = 0;
  for (const sample of samples) {
    sum += sample;
    squares += sample * sample;
  }
  const scatter = squares - (sum * sum) / samples.length;
  return scatter === 0 ? NaN : scatter / samples.length;
}

const PATTERNS: Readonly<Record<'default' | 'ror' | 'uniform', (signs: Uint8Array) => number>> = {
  default: (signs) => numberOf(signs, 0),
  ror: (signs) => Math.min(...Array.from(signs.keys(), (shift) => numberOf(signs, shift))),
  uniform: (signs) => {
    let changes = 0;
    let ones = signs[0];
    for (let n = 1; n < signs.length; n++) {
      if (signs[n] !== signs[n - 1]) changes++;
      ones += signs[n];
    }
    return changes <= 2 ? ones : signs.length + 1;
  },
};

/** Signs as binary digits, lowest first, after a rotation. */
function numberOf(signs: Uint8Array, shift: number): number {
  let value = 0;
  for (let n = 0; n < signs.length; n++) value += signs[(n + shift) % signs.length] * 2 ** n;
  return value;
}
