import { readdirSync, readFileSync } from 'node:fs';
import { attachMask } from '../attach.js';
import { startFrameDecoder } from '../decode/frame-pool.js';
import { spacingMm } from '../geometry.js';
import { listSegments, readSegmentation, readSegmentationOnOwnGrid } from './segmentation.js';
import { readDicomSeries } from './series.js';

const root = new URL('../../golden/dicom/regions/', import.meta.url);
const truth = JSON.parse(readFileSync(new URL('expected.json', root), 'utf8')) as Record<string, number[]>;
const file = (name: string): Buffer => readFileSync(new URL(`${name}.dcm`, root));
const refusal = (code: string): Error => expect.objectContaining({ code }) as Error; // typed any by Jest
const image = readDicomSeries(
  readdirSync(new URL('ct', root)).map((name) => ({ name, bytes: readFileSync(new URL(`ct/${name}`, root)) })),
);
const decoder = startFrameDecoder({ threads: 1 });
afterAll(() => decoder.close());

// The least fraction over 0.4 is one that is there: it is inside.
const present = Math.min(...truth['fractional'].filter((fraction) => fraction > 0.4));

it.each([0.25, present, 0.9])('takes fractions of at least %p', (fractionAtLeast) => {
  const mask = readSegmentation(file('fractional'), image, { fractionAtLeast });
  expect([...mask.data]).toEqual(truth['fractional'].map((fraction) => (fraction >= fractionAtLeast ? 1 : 0)));
});

it('refuses fractions without a threshold, and thresholds that are none', () => {
  for (const options of [{}, { fractionAtLeast: 0 }, { fractionAtLeast: 1.5 }, { fractionAtLeast: NaN }]) {
    expect(() => readSegmentation(file('fractional'), image, options)).toThrow(refusal('UNSUPPORTED_OBJECT'));
  }
  expect(listSegments(file('fractional'))).toEqual([{ number: 1, label: 'liver', frameCount: 3 }]);
});

it.each(['labelmap', 'labelmap-rle', 'labelmap-jpeg-ls', 'labelmap-16'])('reads each segment of %s', (name) => {
  for (const [segment, label] of [
    ['liver', 1],
    ['tumour', 2],
    ['vessel', 3],
  ] as const) {
    const mask = readSegmentation(file(name), image, { segment, decoder });
    expect([...mask.data]).toEqual(truth['labels'].map((value) => (value === label ? 1 : 0)));
  }
  expect(listSegments(file(name)).map(({ label }) => label)).toEqual(['liver', 'tumour', 'vessel']);
  expect(() => readSegmentation(file(name), image, { segment: 4, decoder })).toThrow(refusal('MASK_LABEL_ABSENT'));
});

it('re-orders exactly what was cut the other way', () => {
  expect([...readSegmentation(file('sagittal'), image).data]).toEqual(truth['sagittal']);
  const own = readSegmentationOnOwnGrid(file('sagittal'));
  expect(own.shape).not.toEqual(image.shape);
  expect([...attachMask(own, image).data]).toEqual(truth['sagittal']);
});

it('refuses another grid, and takes the nearest voxels of it only when told to', () => {
  expect(() => readSegmentation(file('coarse'), image)).toThrow(refusal('SEG_OFF_GRID'));
  const own = readSegmentationOnOwnGrid(file('coarse'));
  expect([...own.data]).toEqual(truth['coarse']);
  expect(spacingMm(own).map((value) => value.toFixed(6))).toEqual(['1.400000', '1.800000', '5.000000']);
  expect([...readSegmentation(file('coarse'), image, { offGrid: 'resample' }).data]).toEqual(truth['coarseOnImage']);
});

it('keeps slices that were left out empty on a grid of its own', () => {
  const own = readSegmentationOnOwnGrid(file('fractional'), { fractionAtLeast: 0.5 });
  expect(own.shape).toEqual(image.shape);
  expect([...own.data]).toEqual(truth['fractional'].map((fraction) => (fraction >= 0.5 ? 1 : 0)));
});
