import { compareGrids, invertAffine, multiplyAffines } from './geometry.js';
import type { GridGeometry } from './volume.js';

const refusal = (code: string): Error => expect.objectContaining({ code }) as Error; // typed any by Jest
const image: GridGeometry = {
  shape: [4, 3, 2],
  affine: Float64Array.of(0.7, 0, 0, -10, 0, 0.88, -0.9, 20, 0, 0.19, 4.2, 5, 0, 0, 0, 1),
};

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
