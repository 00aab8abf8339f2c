import { readNifti, type Triple, type Volume } from '@concord/imaging';
import { referenceData } from '@concord/testing';
import { readFileSync } from 'node:fs';
import { filterImage, PRESETS } from '../index.js';
import { kernels, volumeOf } from '../spec-support.js';

interface Sample {
  readonly phantom: 'checkerboard' | 'impulse' | 'sphere' | 'pattern_1';
  readonly low: number;
  readonly high: number;
  readonly places: number[];
  readonly values: number[];
}
const samples = JSON.parse(
  readFileSync(new URL('../../golden/ibsi2-response-maps/samples.json', import.meta.url), 'utf8'),
) as Record<string, Sample>;

const SHAPE: Triple = [64, 64, 64];

/** Radii of the spheres within one another, from voxel (31, 31, 31): every second shell is bright. */
const SHELLS = [2, 6, 10, 15, 19, 24, 28];
const isBright: Readonly<Record<Sample['phantom'], (i: number, j: number, k: number) => boolean>> = {
  checkerboard: (i, j, k) => ((i >> 3) + (j >> 3) + (k >> 3)) % 2 === 1,
  impulse: (i, j, k) => i === 31 && j === 31 && k === 31,
  sphere: (i, j, k) => SHELLS.findIndex((radius) => Math.hypot(i - 31, j - 31, k - 31) <= radius) % 2 === 0,
  pattern_1: (...place) => place.filter((at) => at === 31 || at === 32).length >= 2,
};

function phantom(name: Sample['phantom']): Volume {
  const bright = isBright[name];
  const values = Float64Array.from({ length: 64 ** 3 }, (_, n) => (bright(n & 63, (n >> 6) & 63, n >> 12) ? 255 : 0));
  return volumeOf(SHAPE, [2, 2, 2], values);
}

const data = referenceData('ibsi', 'ibsi2');
const read = (path: string): Volume => readNifti(readFileSync(`${data}/${path}.nii.gz`));

describe('the phantoms of IBSI 2', () => {
  (data === null ? it.skip : it).each(Object.keys(isBright) as Sample['phantom'][])(
    `are what this test says: %s${data === null ? ' (reference data absent)' : ''}`,
    (name) => {
      const own = phantom(name).data;
      expect(read(`phantoms/${name}`).data.every((value, n) => value === own[n])).toBe(true);
    },
  );
});

describe('a response map of IBSI 2', () => {
  it('is there for 33 tests', () => {
    expect(Object.keys(samples)).toHaveLength(33);
  });

  it.each(Object.entries(samples))('%s is matched within 1 % of its range', (id, { places, values, ...sample }) => {
    const { volume } = filterImage(phantom(sample.phantom), PRESETS[`ibsi2-phase1-${id}`], null, kernels);
    const range = sample.high - sample.low;
    const worst = (own: readonly number[], reference: ArrayLike<number>): number =>
      own.reduce((most, value, n) => Math.max(most, Math.abs(value - reference[n])), 0) / range;
    const sampled = places.map((place) => volume.data[place]);
    expect(worst(sampled, values)).toBeLessThanOrEqual(0.01);
    if (data === null) return;
    // With the reference data in every voxel.
    const reference = read(`response_maps/${id.replaceAll('.', '_')}`).data;
    expect(reference).toHaveLength(64 ** 3);
    expect(worst([...volume.data], reference)).toBeLessThanOrEqual(0.01);
  });
});
