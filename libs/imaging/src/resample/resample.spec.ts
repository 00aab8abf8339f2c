import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { toPatient } from '../geometry.js';
import { createKernels } from '@concord/kernels';
import { resampledGrid, type TargetSpacing } from './grid.js';
import { resampleMask, resampleVolume } from './resample.js';
import type { Mask, Triple, Volume } from '../volume.js';

interface Case {
  spacing: TargetSpacing;
  shape: number[];
  start: number[];
  linear: number[];
  cubic: number[];
  mask: number[];
}
const { resample: truth } = JSON.parse(
  readFileSync(new URL('../../golden/synthetic/expected.json', import.meta.url), 'utf8'),
) as {
  resample: { shape: Triple; spacing: Triple; image: number[]; region: number[]; cases: Case[] };
};
const kernels = createKernels();
const refusal = (code: string): Error => expect.objectContaining({ code }) as Error; // typed any by Jest
const provenance = {
  sourceDigests: [],
  transferSyntax: null,
  isLossy: false,
  acquisition: { modality: null, manufacturer: null, model: null, kernel: null, sliceThicknessMm: null, kvp: null },
  warnings: [],
};
const affineOf = ([x, y, z]: Triple): Float64Array => Float64Array.of(x, 0, 0, -5, 0, y, 0, 7, 0, 0, z, 11, 0, 0, 0, 1);
const image = (data: number[], shape: Triple, spacing: Triple): Volume => {
  return { shape, affine: affineOf(spacing), data: Float64Array.from(data), unit: 'HU', provenance };
};
const region = (data: number[], shape: Triple, spacing: Triple): Mask => {
  return { shape, affine: affineOf(spacing), data: Uint8Array.from(data), label: 'x' };
};
const largestDifference = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Array.from(a).reduce((worst, value, index) => Math.max(worst, Math.abs(value - b[index])), 0);

describe.each(truth.cases)('to $spacing mm', (expected) => {
  const volume = image(truth.image, truth.shape, truth.spacing);

  it('lays the grid as IBSI does', () => {
    const grid = resampledGrid(volume, expected.spacing);
    expect(grid.shape).toEqual(expected.shape);
    const before = toPatient(volume.affine, expected.start[0], expected.start[1], expected.start[2]);
    toPatient(grid.affine, 0, 0, 0).forEach((value, axis) => expect(value).toBeCloseTo(before[axis], 10));
  });

  it('gives the values of SciPy', () => {
    const linear = resampleVolume(volume, expected.spacing, { method: 'linear' }, kernels);
    // The truth is kept to 10 digits of values up to 1,000.
    expect(largestDifference(linear.data, expected.linear)).toBeLessThan(1e-6);
    const cubic = resampleVolume(volume, expected.spacing, { method: 'cubic' }, kernels);
    // SciPy pads by 12 edge values: 0.268^12 of 2,000 is 3e-4 at the very edge.
    expect(largestDifference(cubic.data, expected.cubic)).toBeLessThan(3e-4);
  });

  it('gives the region of SciPy', () => {
    const mask = resampleMask(region(truth.region, truth.shape, truth.spacing), expected.spacing, {}, kernels);
    expect([...mask.data]).toEqual(expected.mask);
  });
});

it('leaves an image at its own spacing as it is, by every method', () => {
  const volume = image(truth.image, truth.shape, truth.spacing);
  for (const method of ['linear', 'nearest', 'cubic'] as const) {
    expect(resampleVolume(volume, truth.spacing, { method }, kernels).data).toEqual(volume.data);
  }
});

it('interpolates a plane exactly by linear and cubic, away from the edges', () => {
  const shape: Triple = [40, 40, 40];
  const data: number[] = [];
  for (let k = 0; k < 40; k++)
    for (let j = 0; j < 40; j++) for (let i = 0; i < 40; i++) data.push(2 * i - 3 * j + 0.5 * k + 7);
  for (const method of ['linear', 'cubic'] as const) {
    const {
      data: values,
      shape: size,
      affine,
    } = resampleVolume(image(data, shape, [1, 1, 1]), 1.7, { method }, kernels);
    const middle = size.map((n) => n >> 1);
    const [x, y, z] = toPatient(affine, middle[0], middle[1], middle[2]);
    const value = values[middle[0] + size[0] * (middle[1] + size[1] * middle[2])];
    // The edges' bend reaches 20 voxels inside by 0.268^20 of the slope: 4e-12.
    expect(value).toBeCloseTo(2 * (x + 5) - 3 * (y - 7) + 0.5 * (z - 11) + 7, 9);
  }
});

it('never leaves the range of the image by linear or nearest', () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: -1e3, max: 1e3, noNaN: true }), { minLength: 12, maxLength: 12 }),
      fc.tuple(...[0, 1, 2].map(() => fc.double({ min: 0.3, max: 4, noNaN: true }))),
      (data, spacing) => {
        for (const method of ['linear', 'nearest'] as const) {
          const { data: values } = resampleVolume(
            image(data, [3, 2, 2], [1, 1.5, 2]),
            spacing as unknown as Triple,
            { method },
            kernels,
          );
          expect(Math.min(...values)).toBeGreaterThanOrEqual(Math.min(...data) - 1e-9);
          expect(Math.max(...values)).toBeLessThanOrEqual(Math.max(...data) + 1e-9);
        }
      },
    ),
  );
});

it('rounds halves to even, also such as were computed a bit off', () => {
  const volume = image([0, 1, 2, 3, -2, -1], [6, 1, 1], [1, 1, 1]);
  const { data } = resampleVolume(volume, [2, null, null], { method: 'linear', round: true }, kernels);
  expect([...data].map((value) => value + 0)).toEqual([0, 2, -2]);
});

it('counts no slice too many where a spacing carries rounding noise', () => {
  const grid = { shape: [10, 10, 10] as const, affine: affineOf([0.1 + 0.2, 1, 1]) };
  expect(resampledGrid(grid, [0.3, 1, 1]).shape).toEqual([10, 10, 10]);
});

it('takes a half that was computed a bit below for a half', () => {
  // 0.1 + 0.2 is not 0.3: the first new voxel lies a last bit beyond the middle of two.
  const mask = region([1, 0, 0, 0], [4, 1, 1], [0.1 + 0.2, 1, 1]);
  expect([...resampleMask(mask, [0.6, null, null], {}, kernels).data]).toEqual([1, 0]);
});

it('takes half a voxel for inside, and PyRadiomics takes the nearest', () => {
  const mask = region([0, 1, 1, 0], [4, 1, 1], [1, 1, 1]);
  expect([...resampleMask(mask, [2, null, null], {}, kernels).data]).toEqual([1, 1]);
  expect([...resampleMask(mask, [0.5, null, null], { method: 'nearest' }, kernels).data]).toEqual([
    0, 0, 1, 1, 1, 1, 0, 0,
  ]);
  expect(() => resampleMask(mask, [2, null, null], { threshold: 0.6 }, kernels)).toThrow(refusal('EMPTY_MASK'));
});

it('refuses spacings that are none, sheared grids and regions that vanish', () => {
  const volume = image(truth.image, truth.shape, truth.spacing);
  for (const spacing of [0, -1, NaN, 1e-6]) {
    expect(() => resampleVolume(volume, spacing, { method: 'linear' }, kernels)).toThrow(refusal('BAD_SPACING'));
  }
  const sheared = { ...volume, affine: Float64Array.from(volume.affine) };
  sheared.affine[2] = 0.5;
  expect(() => resampleVolume(sheared, 1, { method: 'linear' }, kernels)).toThrow(refusal('TILT'));
  const dot = region([1, 0, 0, 0, 0, 0], [6, 1, 1], [1, 1, 1]);
  expect(() => resampleMask(dot, [3, null, null], {}, kernels)).toThrow(refusal('EMPTY_MASK'));
});
