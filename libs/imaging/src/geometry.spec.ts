import fc from 'fast-check';
import { attachMask, compareGrids, invertAffine, multiplyAffines, toPatient } from './geometry.js';
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

it('inverts affines, and refuses one without volume', () => {
  const unity = multiplyAffines(image.affine, invertAffine(image.affine));
  unity.forEach((value, index) => expect(value).toBeCloseTo(index % 5 === 0 ? 1 : 0, 12));
  const flat = Float64Array.from(image.affine);
  flat.set([0, 0, 0], 0);
  expect(() => invertAffine(flat)).toThrow(refusal('NO_GEOMETRY'));
});

it('measures the distance of corners in mm and voxels', () => {
  const affine = Float64Array.from(image.affine);
  affine[3] += 1.4;
  const comparison = compareGrids(image, { shape: image.shape, affine });
  expect(comparison.maxCornerErrorMm).toBeCloseTo(1.4, 12);
  expect(comparison.maxCornerErrorVoxels).toBeCloseTo(2, 12);
  expect(compareGrids(image, { shape: [4, 3, 3], affine: image.affine }).isSameShape).toBe(false);
});
