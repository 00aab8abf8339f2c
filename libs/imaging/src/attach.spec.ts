import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { attachMask } from './attach.js';
import { multiplyAffines, toPatient } from './geometry.js';
import type { GridGeometry, Mask, Triple } from './volume.js';

const refusal = (code: string): Error => expect.objectContaining({ code }) as Error; // typed any by Jest
const image: GridGeometry = {
  shape: [4, 3, 2],
  affine: Float64Array.of(0.7, 0, 0, -10, 0, 0.88, -0.9, 20, 0, 0.19, 4.2, 5, 0, 0, 0, 1),
};
const values = Uint8Array.from({ length: 24 }, (_, index) => ((index * 7) % 5 < 2 ? 1 : 0));
const mask: Mask = { ...image, data: values, label: 'tumour' };

/** The image's voxels counted along other axes (`order[a]` of the image is axis a) and from other ends. */
function recounted(order: readonly number[], isFlipped: readonly boolean[]): Mask {
  const shape = order.map((axis) => image.shape[axis]) as unknown as Triple;
  const map = new Float64Array(16);
  map[15] = 1;
  order.forEach((axis, own) => {
    map[4 * axis + own] = isFlipped[own] ? -1 : 1;
    map[4 * axis + 3] = isFlipped[own] ? shape[own] - 1 : 0;
  });
  const data = new Uint8Array(24);
  for (let k = 0, n = 0; k < shape[2]; k++)
    for (let j = 0; j < shape[1]; j++)
      for (let i = 0; i < shape[0]; i++, n++) {
        const [x, y, z] = toPatient(map, i, j, k);
        data[n] = values[x + 4 * (y + 3 * z)];
      }
  return { shape, affine: multiplyAffines(image.affine, map), data, label: 'tumour' };
}

it('puts a mask counted in any order and direction back on its image exactly', () => {
  fc.assert(
    fc.property(
      fc.shuffledSubarray([0, 1, 2], { minLength: 3 }),
      fc.tuple(fc.boolean(), fc.boolean(), fc.boolean()),
      (order, flips) => {
        const attached = attachMask(recounted(order, flips), image);
        expect(attached.data).toEqual(values);
        expect(attached.affine).toBe(image.affine);
        expect(attached.shape).toBe(image.shape);
      },
    ),
  );
});

it('accepts rounding below 0.01 voxel, and refuses a shift, a turn, another spacing or size', () => {
  const moved = (index: number, by: number): Mask => {
    const affine = Float64Array.from(image.affine);
    affine[index] += by;
    return { ...mask, affine };
  };
  expect(attachMask(moved(3, 0.006), image).data).toBe(values);
  for (const wrong of [
    moved(3, 0.008),
    moved(7, 0.88),
    moved(0, 0.01),
    moved(1, 0.1),
    { ...mask, shape: [2, 3, 4] as const },
  ]) {
    expect(() => attachMask(wrong, image)).toThrow(refusal('GEOMETRY_MISMATCH'));
  }
  expect(() => attachMask(moved(11, 2), image)).toThrow(/2\.000 mm apart/);
  const flippedAndShifted = recounted([0, 1, 2], [true, false, false]);
  flippedAndShifted.affine[3] += 0.7;
  expect(() => attachMask(flippedAndShifted, image)).toThrow(refusal('GEOMETRY_MISMATCH'));
});

it('refuses an empty mask before anything else', () => {
  expect(() => attachMask({ ...mask, data: new Uint8Array(24) }, image)).toThrow(refusal('EMPTY_MASK'));
});

it('snaps what lies less than half a voxel off, in any order, and says by how many mm', () => {
  const turned = recounted([1, 0, 2], [true, false, false]);
  turned.affine[3] += 0.2;
  expect(() => attachMask(turned, image)).toThrow(refusal('GEOMETRY_MISMATCH'));
  const snapped = attachMask(turned, image, 'snap');
  expect(snapped).toMatchObject({ how: 'snapped', volumeChangeMm3: 0, data: values });
  expect(snapped.maxCornerErrorMm).toBeCloseTo(0.2, 12);
  turned.affine[3] += 0.16; // 0.36 mm of 0.7 is over half a voxel
  expect(() => attachMask(turned, image, 'snap')).toThrow(refusal('GEOMETRY_MISMATCH'));
  expect(attachMask(turned, image, 'resample').how).toBe('resampled');
  expect(attachMask(recounted([2, 1, 0], [false, true, false]), image).how).toBe('reordered');
});

const scipy = JSON.parse(readFileSync(new URL('../golden/regions/expected.json', import.meta.url), 'utf8')) as {
  shape: Triple;
  region: number[];
  nearest: { maskAffine: number[]; imageAffine: number[]; imageShape: Triple; mask: number[] };
};

it('resamples a turned mask of another spacing as SciPy does, and says what that does to its volume', () => {
  const { maskAffine, imageAffine, imageShape, mask: expected } = scipy.nearest;
  const own: Mask = {
    shape: scipy.shape,
    affine: Float64Array.from(maskAffine),
    data: Uint8Array.from(scipy.region),
    label: 'tumour',
  };
  const target: GridGeometry = { shape: imageShape, affine: Float64Array.from(imageAffine) };
  for (const policy of ['reject', 'snap'] as const) {
    expect(() => attachMask(own, target, policy)).toThrow(refusal('GEOMETRY_MISMATCH'));
  }
  const placed = attachMask(own, target, 'resample');
  expect([...placed.data]).toEqual(expected);
  const count = (data: readonly number[]): number => data.reduce((a, b) => a + b);
  const change = count(expected) * 0.9 * 0.8 * 1.7 - count(scipy.region) * 0.7 * 1.1 * 2.5;
  expect(placed.volumeChangeMm3).toBeCloseTo(change, 9);
  expect(placed.maxCornerErrorMm).toBeGreaterThan(1);
});

it('refuses to resample a mask that lies beside the image', () => {
  const far = recounted([0, 1, 2], [false, false, false]);
  far.affine[3] += 500;
  expect(() => attachMask(far, image, 'resample')).toThrow(refusal('EMPTY_MASK'));
});
