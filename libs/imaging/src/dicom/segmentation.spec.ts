import { readdirSync, readFileSync } from 'node:fs';
import type { GridGeometry } from '../volume.js';
import { listSegments, readSegmentation } from './segmentation.js';
import { readDicomSeries } from './series.js';

const root = new URL('../../golden/synthetic/', import.meta.url);
const truth = JSON.parse(readFileSync(new URL('expected.json', root), 'utf8')) as { seg: Record<string, number[]> };
const seg = readFileSync(new URL('seg.dcm', root));
const refusal = (code: string): Error => expect.objectContaining({ code }) as Error; // typed any by Jest
const image = readDicomSeries(
  readdirSync(new URL('ct/explicit', root)).map((name) => ({
    name,
    bytes: readFileSync(new URL(`ct/explicit/${name}`, root)),
  })),
);

/** The image's grid with one number of its affine changed. */
function changed(index: number, by: number): GridGeometry {
  const affine = Float64Array.from(image.affine);
  affine[index] += by;
  return { shape: image.shape, affine };
}

it('lists the segments with the frames they have', () => {
  expect(listSegments(seg)).toEqual([
    { number: 1, label: 'liver', frameCount: 3 },
    { number: 2, label: 'tumour', frameCount: 1 },
  ]);
});

it.each([
  [1, '1'],
  ['tumour', '2'],
  ['2', '2'],
])('reads segment %p of sparse frames bit by bit', (segment, number) => {
  const mask = readSegmentation(seg, image, { segment });
  expect(mask.data).toEqual(Uint8Array.from(truth.seg[number]));
  expect(mask.label).toBe(number === '1' ? 'liver' : 'tumour');
  expect(mask.affine).toEqual(image.affine);
});

it('reads it onto a grid that counts the same voxels from the other end', () => {
  const [nx, ny, nz] = image.shape;
  const affine = Float64Array.from(image.affine);
  for (const row of [0, 4, 8]) {
    affine[row + 3] += affine[row + 2] * (nz - 1);
    affine[row + 2] *= -1;
  }
  const mask = readSegmentation(seg, { shape: image.shape, affine }, { segment: 1 });
  const forward = truth.seg['1'];
  const backward = [...mask.data].map((_, index) => {
    const k = nz - 1 - Math.floor(index / (nx * ny));
    return forward[(index % (nx * ny)) + k * nx * ny];
  });
  expect([...mask.data]).toEqual(backward);
});

it('asks which segment, and names those there are', () => {
  expect(() => readSegmentation(seg, image)).toThrow(refusal('MASK_LABEL_AMBIGUOUS'));
  expect(() => readSegmentation(seg, image, { segment: 3 })).toThrow(refusal('MASK_LABEL_ABSENT'));
  expect(() => readSegmentation(seg, image, { segment: 'spleen' })).toThrow(/1 "liver", 2 "tumour"/);
});

it('refuses another grid, another space and what is no binary segmentation', () => {
  for (const grid of [
    changed(3, 0.1),
    changed(0, 0.02),
    changed(11, 2.5 * 3),
    { ...image, shape: [3, 5, 4] as const },
  ]) {
    expect(() => readSegmentation(seg, grid, { segment: 1 })).toThrow(refusal('SEG_OFF_GRID'));
  }
  expect(() => readSegmentation(seg, image, { segment: 1, frameOfReferenceUid: '1.2.3' })).toThrow(
    refusal('FRAME_OF_REFERENCE'),
  );
  const fractional = readFileSync(new URL('seg-fractional.dcm', root));
  expect(() => readSegmentation(fractional, image)).toThrow(refusal('UNSUPPORTED_OBJECT'));
  expect(() => listSegments(readFileSync(new URL('rtstruct.dcm', root)))).toThrow(refusal('UNSUPPORTED_OBJECT'));
});

it('refuses a segment whose frames are empty', () => {
  const empty = Buffer.from(seg);
  // The packed frames are the last bytes of the file: 4 frames of 30 bits.
  empty.fill(0, empty.length - 16);
  expect(() => readSegmentation(empty, image, { segment: 1 })).toThrow(refusal('EMPTY_MASK'));
});
