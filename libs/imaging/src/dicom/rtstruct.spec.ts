import { readFileSync } from 'node:fs';
import type { GridGeometry } from '../volume.js';
import { listRois, readRtstruct } from './rtstruct.js';

const root = new URL('../../golden/synthetic/', import.meta.url);
const truth = JSON.parse(readFileSync(new URL('expected.json', root), 'utf8')) as {
  ct: { affine: number[] };
  rtstruct: { ring: number[]; triangle: number[] };
};
const rtstruct = readFileSync(new URL('rtstruct.dcm', root));
const grid: GridGeometry = { shape: [6, 5, 4], affine: Float64Array.from(truth.ct.affine) };
const refusal = (code: string): Error => expect.objectContaining({ code }) as Error; // typed any by Jest

it('lists the regions with their contours', () => {
  expect(listRois(rtstruct).map(({ number, label, contourCount }) => [number, label, contourCount])).toEqual([
    [1, 'ring', 3],
    [2, 'triangle', 1],
    [3, 'between', 1],
    [4, 'outside', 1],
    [5, 'points', 1],
    [6, 'nothing', 0],
  ]);
});

it('leaves inner contours and keyholes out', () => {
  expect([...readRtstruct(rtstruct, grid, { roi: 'ring' }).data]).toEqual(truth.rtstruct.ring);
});

it('takes the pixels whose centre is inside', () => {
  const mask = readRtstruct(rtstruct, grid, { roi: 2 });
  expect([...mask.data]).toEqual(truth.rtstruct.triangle);
  expect(mask.label).toBe('triangle');
});

it('refuses contours between slices, outside the image, of points, and regions without any', () => {
  expect(() => readRtstruct(rtstruct, grid, { roi: 'between' })).toThrow(refusal('CONTOUR_OFF_PLANE'));
  // Drawn 0.4 of the 2.5 mm between slices beyond one.
  expect(() => readRtstruct(rtstruct, grid, { roi: 'between' })).toThrow(/1\.00 mm off its slice/);
  expect(() => readRtstruct(rtstruct, grid, { roi: 'outside' })).toThrow(refusal('CONTOUR_OFF_GRID'));
  expect(() => readRtstruct(rtstruct, { ...grid, shape: [4, 5, 4] }, { roi: 'ring' })).toThrow(
    refusal('CONTOUR_OFF_GRID'),
  );
  expect(() => readRtstruct(rtstruct, grid, { roi: 'points' })).toThrow(refusal('UNSUPPORTED_CONTOUR'));
  expect(() => readRtstruct(rtstruct, grid, { roi: 'nothing' })).toThrow(refusal('EMPTY_MASK'));
});

it('asks which region, names those there are, and refuses another space or object', () => {
  expect(() => readRtstruct(rtstruct, grid)).toThrow(refusal('MASK_LABEL_AMBIGUOUS'));
  expect(() => readRtstruct(rtstruct, grid, { roi: 'GTV' })).toThrow(/1 "ring", 2 "triangle"/);
  expect(() => readRtstruct(rtstruct, grid, { roi: 'GTV' })).toThrow(refusal('MASK_LABEL_ABSENT'));
  expect(() => readRtstruct(rtstruct, grid, { roi: 1, frameOfReferenceUid: '1.2.3' })).toThrow(
    refusal('FRAME_OF_REFERENCE'),
  );
  expect(() => readRtstruct(readFileSync(new URL('seg.dcm', root)), grid)).toThrow(refusal('UNSUPPORTED_OBJECT'));
});
