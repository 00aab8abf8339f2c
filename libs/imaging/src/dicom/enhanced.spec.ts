import { readFileSync } from 'node:fs';
import { startFrameDecoder } from '../decode/frame-pool.js';
import { spacingMm, toPatient } from '../geometry.js';
import { groupSeries, type NamedBytes } from './group-series.js';
import { readDicomSeries } from './series.js';

const root = new URL('../../golden/dicom/enhanced/', import.meta.url);
/** Frames in the order of the file: their place along the normal and what pydicom reads, rescaled frame by frame. */
const truth = JSON.parse(readFileSync(new URL('expected.json', root), 'utf8')) as Record<
  string,
  { z: number; values: number[] }[]
>;
const file = (name: string): NamedBytes => ({ name, bytes: readFileSync(new URL(`${name}.dcm`, root)) });
const refusal = (code: string): Error => expect.objectContaining({ code }) as Error; // typed any by Jest
const decoder = startFrameDecoder({ threads: 1 });
afterAll(() => decoder.close());

/** What pydicom gave of these frames, in the order of their places. */
const stacked = (name: string, frames: number[]): number[] =>
  frames
    .map((frame) => truth[name][frame])
    .sort((a, b) => a.z - b.z)
    .flatMap(({ values }) => values);

it.each([['ct'], ['ct-rle'], ['ct-jpeg-ls'], ['ct-fragments']])(
  'reads frames of %s in the order of their places, each with its own rescale',
  (name) => {
    const volume = readDicomSeries([file(name)], { decoder });
    expect(volume.shape).toEqual([4, 3, 4]);
    expect([...volume.data]).toEqual(stacked('ct', [0, 1, 2, 3]));
    expect(volume.data).toBeInstanceOf(Int16Array);
    expect(spacingMm(volume).map((value) => value.toFixed(4))).toEqual(['0.7000', '0.9000', '2.5000']);
    toPatient(volume.affine, 0, 0, 3).forEach((value, axis) => expect(value).toBeCloseTo([-10, -26, 4.5][axis], 6));
    expect(volume.unit).toBe('HU');
    expect(volume.provenance.sourceDigests).toHaveLength(1);
    expect(volume.provenance.acquisition).toMatchObject({ kernel: 'B31s', kvp: 110, sliceThicknessMm: 5 });
  },
);

it('finds the volumes in one file: two echoes at two times', () => {
  const { series } = groupSeries([file('mr-echoes')]);
  expect(series.map(({ label, part }) => [label, part])).toEqual([
    ['temporal position 1, echo time 2.3', 1],
    ['temporal position 1, echo time 4.6', 2],
    ['temporal position 2, echo time 2.3', 3],
    ['temporal position 2, echo time 4.6', 4],
  ]);
  // Frames were written for each place, echo and time in turn.
  [0, 2, 1, 3].forEach((first, part) => {
    const volume = readDicomSeries([file('mr-echoes')], { part: part + 1 });
    expect([...volume.data]).toEqual(stacked('mr-echoes', [first, first + 4, first + 8]));
  });
});

it('tells stacks and b-values apart, and asks which is meant', () => {
  expect(groupSeries([file('mr-stacks')]).series.map(({ label }) => label)).toEqual(['stack 1', 'stack 2']);
  expect(groupSeries([file('mr-b')]).series.map(({ label }) => label)).toEqual(['b-value 0', 'b-value 800']);
  expect([...readDicomSeries([file('mr-b')], { part: 2 }).data]).toEqual(stacked('mr-b', [2, 3]));
  expect(() => readDicomSeries([file('mr-b')])).toThrow(refusal('MIXED_SERIES'));
  expect(() => readDicomSeries([file('mr-b')])).toThrow(/1 "b-value 0" \(2 slices\), 2 "b-value 800"/);
  expect(() => readDicomSeries([file('mr-b')], { part: 3 })).toThrow(refusal('MIXED_SERIES'));
});

it('reads activity of an enhanced PET as SUV', () => {
  const volume = readDicomSeries([file('pet')]);
  // Injected 4,786.2 s before: N / D with the dose decayed.
  const factor = 80000 / (3.2e8 * 2 ** (-4786.2 / 6586.2));
  stacked('pet', [0, 1]).forEach((value, voxel) => expect(volume.data[voxel]).toBeCloseTo(value * factor, 9));
  expect(volume.provenance.warnings.join()).toContain('decay correction time');
});

it('refuses a gap, and fills it only when told to, saying so', () => {
  expect(() => readDicomSeries([file('ct-gap')])).toThrow(refusal('NONUNIFORM'));
  expect(() => readDicomSeries([file('ct-gap')])).toThrow(/5\.00 mm after slice 3 \(at \S+ mm\)/);
  const volume = readDicomSeries([file('ct-gap')], { gaps: 'interpolate' });
  expect(volume.shape).toEqual([4, 3, 5]);
  const [third, fifth] = [truth['ct-gap'][0].values, truth['ct-gap'][2].values];
  const filled = third.map((value, pixel) => (value + fifth[pixel]) / 2);
  expect([...volume.data]).toEqual([...stacked('ct-gap', [1, 3, 0]), ...filled, ...fifth]);
  expect(volume.provenance.warnings.join()).toMatch(/^1 missing slices were interpolated linearly: 5\.00 mm after/);
});

it('refuses frames without a place, or described otherwise than they are', () => {
  expect(() => readDicomSeries([file('ct-group-missing')])).toThrow(refusal('CORRUPT'));
  expect(() => readDicomSeries([file('ct-no-position')])).toThrow(refusal('NO_GEOMETRY'));
  expect(() => readDicomSeries([file('ct-not-enhanced')])).toThrow(refusal('UNSUPPORTED_PIXELS'));
});
