import type { IndexBox, Triple } from '@concord/imaging';
import { createKernels, type Kernels } from '@concord/kernels';
import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { filterImage, parseSettings, type FilterSettings } from '../index.js';
import { extractFeatures, kernels, maskOf, volumeOf } from '../spec-support.js';
import { createFilter } from './create-filter.js';
import { triple, type ImagePart } from './image-part.js';

const twins = createKernels({ kind: 'typescript' });

function settingsOf(filter: object, more: object = {}) {
  return parseSettings({
    format: 'concord.extraction/2',
    discretisations: [{ method: 'FBN', count: 8 }],
    families: ['statistics'],
    images: [{ name: 'response', filter }],
    ...more,
  });
}

function filterOf(filter: object): FilterSettings {
  return settingsOf(filter).images[0].filter!; // just given
}

function responseOf(filter: object, shape: Triple, spacingMm: Triple, values: ArrayLike<number>): Float64Array {
  return filterImage(volumeOf(shape, spacingMm, values), settingsOf(filter), null, kernels).volume.data;
}

const worst = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Array.from(a).reduce((most, value, n) => Math.max(most, Math.abs(value - b[n])), 0);

interface Golden {
  readonly shape: Triple;
  readonly image: number[];
  readonly cases: { readonly filter: object; readonly spacing: Triple; readonly values: number[] }[];
}
const golden = JSON.parse(
  readFileSync(new URL('../../golden/filters/expected.json', import.meta.url), 'utf8'),
) as Golden;

describe('the responses of SciPy, NumPy and PyWavelets', () => {
  it.each(golden.cases.map((one) => [JSON.stringify(one.filter), one] as const))('are those of %s', (_, one) => {
    const { filter, spacing, values } = one;
    const [w, h] = golden.shape;
    const depth = values.length / w / h;
    const own = responseOf(filter, [w, h, depth], spacing, golden.image.slice(0, values.length));
    const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    expect(worst(own, values)).toBeLessThan(1e-10 * largest); // the truth has 12 digits
  });
});

/** One of each kind, with everything that changes how it is computed. */
const FILTERS: readonly object[] = [
  { kind: 'mean', sizeVoxels: 5 },
  { kind: 'gaussian', sigmaMm: 2 },
  { kind: 'laplacian-of-gaussian', sigmaMm: 1.5 },
  { kind: 'laplacian-of-gaussian', sigmaMm: 1.5, dimension: '2D' },
  { kind: 'laws', kernels: 'E5L5S5', rotationInvariant: true },
  { kind: 'laws', kernels: 'W5R5', rotationInvariant: true, energyDistanceVoxels: 2, dimension: '2D' },
  { kind: 'laws', kernels: 'L3E3S3', rotationInvariant: true, energyDistanceVoxels: 2, pooling: 'mean' },
  { kind: 'gabor', sigmaMm: 2, wavelengthMm: 3, gamma: 0.7, thetaDegrees: 20, thetaStepDegrees: 120 },
  { kind: 'gabor', sigmaMm: 2, wavelengthMm: 3, gamma: 1.7, thetaStepDegrees: 45, planes: 'orthogonal' },
  { kind: 'wavelet', wavelet: 'db2', band: 'LHL', rotationInvariant: true },
  { kind: 'wavelet', wavelet: 'coif1', band: 'HLL' },
  { kind: 'wavelet', wavelet: 'haar', band: 'LHH', level: 2, rotationInvariant: true, pooling: 'max' },
  { kind: 'wavelet', wavelet: 'db3', band: 'HL', level: 3, dimension: '2D' },
];
const SPECTRAL: readonly object[] = [
  { kind: 'simoncelli', level: 1 },
  { kind: 'simoncelli', level: 2, dimension: '2D' },
];
const POINTWISE: readonly object[] = [
  { kind: 'gradient' },
  { kind: 'gradient', dimension: '2D' },
  { kind: 'square' },
  { kind: 'exponential' },
];
const of = (filter: object, boundary: string) => ({ kind: 'riesz', order: [1, 1, 0], of: { ...filter, boundary } });
const rieszOf = (boundary: string): object[] => [
  of({ kind: 'laplacian-of-gaussian', sigmaMm: 1.5 }, boundary),
  ...(boundary === 'periodic' ? [{ ...of({ kind: 'simoncelli' }, boundary), alignedBySigmaMm: 1.5 }] : []),
];

describe('a filter', () => {
  const shape: Triple = [13, 9, 7];
  const spacingMm: Triple = [1, 1.5, 2];
  const boundaries = ['zero', 'nearest', 'periodic', 'mirror'];
  const all = boundaries.flatMap((boundary) => [
    ...[...FILTERS, ...SPECTRAL].map((filter) => ({ ...filter, boundary })),
    ...rieszOf(boundary),
  ]);
  const image = Float64Array.from({ length: 13 * 9 * 7 }, (_, n) => ((n * 7919) % 1009) - 300 + (n % 13) * 20);
  const two = createKernels({ threads: 2 });
  afterAll(() => two.close());

  const respond = (filter: object, box: IndexBox, by: Kernels): Float64Array =>
    by.arena.scope(() => {
      const own = createFilter(filterOf(filter), { shape, spacingMm });
      const { low, size } = own.needs(box);
      // Only what it says it needs: the rest of the image is not there.
      const values = by.arena.f64(size[0] * size[1] * size[2]);
      for (let n = 0; n < values.length; n++) {
        const [i, j, k] = [n % size[0], Math.floor(n / size[0]) % size[1], Math.floor(n / size[0] / size[1])];
        values[n] = image[low[0] + i + shape[0] * (low[1] + j + shape[1] * (low[2] + k))];
      }
      const part: ImagePart = { values, low, size, shape, spacingMm };
      return own.respond(part, box, by).slice();
    });

  it.each([...all, ...POINTWISE].map((filter) => [JSON.stringify(filter), filter] as const))(
    'responds on a box as on the whole image, by compiled kernels and twins, on one and two threads: %s',
    (name, filter) => {
      const whole = respond(filter, { low: [0, 0, 0], size: shape }, kernels);
      const box: IndexBox = { low: [2, 0, 3], size: [4, 6, 3] };
      const part = respond(filter, box, kernels);
      const largest = whole.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-3);
      if (name.includes('mirror')) expect(respond(filter, box, two)).toEqual(part);
      // Transforms of grids with surroundings take the twins too long.
      const isSmall = !/simoncelli|riesz/.test(name) || name.includes('periodic');
      if (isSmall) expect(worst(respond(filter, box, twins), part)).toBeLessThan(1e-12 * largest);
      const expected = part.map((_, n) => {
        const place = triple((axis) => box.low[axis] + [n % 4, Math.floor(n / 4) % 6, Math.floor(n / 24)][axis]);
        return whole[place[0] + shape[0] * (place[1] + shape[1] * place[2])];
      });
      expect(worst(part, expected)).toBeLessThan(1e-12 * largest);
    },
  );
});

describe('rotation invariance', () => {
  const cube: Triple = [7, 7, 7];
  const turned = (values: ArrayLike<number>): Float64Array =>
    Float64Array.from({ length: 343 }, (_, n) => {
      // A quarter turn about k: only rotations have it, not the mirror images that some of them make a group with.
      const [i, j, k] = [n % 7, Math.floor(n / 7) % 7, Math.floor(n / 49)];
      return values[j + 7 * (6 - i + 7 * k)];
    });

  it.each(
    [
      { kind: 'laws', kernels: 'E5L5S5' },
      { kind: 'laws', kernels: 'W5E3R5', pooling: 'mean', energyDistanceVoxels: 1 },
      { kind: 'wavelet', wavelet: 'db2', band: 'LHL' },
      { kind: 'wavelet', wavelet: 'coif1', band: 'HHL', pooling: 'max' },
      { kind: 'wavelet', wavelet: 'haar', band: 'LLH', level: 2 },
    ].map((filter) => [JSON.stringify(filter), filter] as const),
  )('turns the response with the image: %s', (_, filter) => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -99, max: 99 }), { minLength: 343, maxLength: 343 }), (values) => {
        const own = { ...filter, rotationInvariant: true };
        const expected = turned(responseOf(own, cube, [1, 1, 1], values));
        expect(worst(responseOf(own, cube, [1, 1, 1], turned(values)), expected)).toBeLessThan(1e-10);
      }),
      { numRuns: 5 },
    );
  });
});

describe('the aligned Riesz transform', () => {
  const shape: Triple = [15, 15, 15];
  const count = 15 ** 3;
  /** A wave that fits into the grid; all of these have three waves along their direction. */
  const wave = (vector: Triple): Float64Array =>
    Float64Array.from({ length: count }, (_, n) => {
      const place = [n % 15, Math.floor(n / 15) % 15, Math.floor(n / 225)];
      return 100 * Math.cos((2 * Math.PI * place.reduce((sum, x, axis) => sum + x * vector[axis], 0)) / 15);
    });
  const riesz = (order: number[], vector: Triple, alignedBySigmaMm: number | null): Float64Array => {
    const of = { kind: 'simoncelli', level: 1, boundary: 'periodic' };
    return responseOf({ kind: 'riesz', order, of, alignedBySigmaMm }, shape, [1, 1, 1], wave(vector));
  };

  it('gives a wave along any direction the response of a wave along the first axis', () => {
    const reference = riesz([2, 0, 0], [3, 0, 0], null)[0]; // where the wave is highest
    expect(reference).toBeLessThan(-10);
    for (const vector of [
      [3, 0, 0],
      [0, 0, 3],
      [1, 2, 2],
      [2, -2, 1],
    ] as Triple[]) {
      expect(riesz([2, 0, 0], vector, 2)[0]).toBeCloseTo(reference, 9);
      expect(riesz([0, 2, 0], vector, 2)[0]).toBeCloseTo(0, 9);
      // Along the wave the first transform is its slope: never negative.
      const slope = riesz([1, 0, 0], vector, 2);
      expect(Math.min(...slope)).toBeGreaterThan(-1e-9);
      expect(Math.max(...slope)).toBeGreaterThan(-0.95 * reference);
    }
    expect(riesz([2, 0, 0], [1, 2, 2], null)[0] / reference).toBeCloseTo(1 / 9, 9);
  });

  it('adds up to minus the response itself over the squares, aligned or not', () => {
    const values = Float64Array.from({ length: count }, (_, n) => ((n * 7919) % 1009) / 10);
    const simoncelli = { kind: 'simoncelli', boundary: 'periodic' };
    const sum = (alignedBySigmaMm: number | null): Float64Array =>
      [
        [2, 0, 0],
        [0, 2, 0],
        [0, 0, 2],
      ]
        .map((order) =>
          responseOf({ kind: 'riesz', order, of: simoncelli, alignedBySigmaMm }, shape, [1, 1, 1], values),
        )
        .reduce((a, b) => a.map((value, n) => value + b[n]));
    const itself = responseOf(simoncelli, shape, [1, 1, 1], values).map((value) => -value);
    expect(worst(sum(null), itself)).toBeLessThan(1e-9);
    expect(worst(sum(1.5), itself)).toBeLessThan(1e-9);
  });
});

describe('filters in an extraction', () => {
  const shape: Triple = [10, 9, 8];
  const values = Float64Array.from({ length: 720 }, (_, n) => ((n * 7919) % 211) - 100);
  const volume = volumeOf(shape, [1, 1, 2], values);
  const mask = maskOf(
    volume,
    values.map((_, n) => (n % 10 > 2 && n % 10 < 8 && n > 180 && n < 540 ? 1 : 0)),
  );
  const log = { kind: 'laplacian-of-gaussian', sigmaMm: 2 };

  it('act on the whole image, and the unfiltered one decides what re-segmentation keeps', () => {
    const settings = settingsOf(log, { resegmentation: { range: [-50, 40] } });
    const map = filterImage(volume, settings, null, kernels).volume.data;
    const kept = map.filter((_, n) => mask.data[n] === 1 && values[n] >= -50 && values[n] <= 40);
    const { values: features, diagnostics } = extractFeatures(volume, mask, settings);
    expect(diagnostics.resegmented.intensityVoxelCount).toBe(kept.length);
    const mean = kept.reduce((sum, x) => sum + x, 0) / kept.length;
    expect(features['response_stat_mean'].value).toBeCloseTo(mean, 10);
    expect(features['response_stat_max'].value).toBeCloseTo(Math.max(...kept), 10);
  });

  it('give every family of the filtered image what it would have on the map itself', () => {
    const families = ['local', 'statistics', 'histogram', 'glcm', 'ivh'];
    const bins = { discretisations: [{ method: 'FBN', count: 8 }], ivh: { method: 'FBN', count: 100 }, families };
    const filtered = extractFeatures(volume, mask, settingsOf(log, bins)).values;
    const map = filterImage(volume, settingsOf(log), null, kernels).volume;
    const direct = extractFeatures(map, mask, settingsOf(log, { ...bins, images: [{ name: 'original' }] })).values;
    expect(Object.keys(filtered)).toEqual(Object.keys(direct).map((name) => `response_${name}`));
    for (const [name, { value }] of Object.entries(direct)) {
      if (value === null) expect(filtered[`response_${name}`].value).toBeNull();
      else expect(filtered[`response_${name}`].value! / value).toBeCloseTo(1, 9);
    }
  });

  it('fill padding by the nearest measured intensity, and say so', () => {
    const padded = values.map((x, n) => (n % 10 === 0 ? -2000 : x));
    const filled = values.map((_, n) => (n % 10 === 0 ? values[n + 1] : values[n]));
    const [own, expected] = [padded, filled].map((list) =>
      extractFeatures(volumeOf(shape, [1, 1, 2], list), mask, settingsOf(log)),
    );
    expect(own.values).toEqual(expected.values);
    expect(own.warnings).toContain('padding values near the region were filled in for the filters');
    expect(expected.warnings).not.toContain('padding values near the region were filled in for the filters');
  });
});
