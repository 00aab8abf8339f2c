import { readFileSync } from 'node:fs';
import { startFrameDecoder } from '../decode/frame-pool.js';
import { spacingMm } from '../geometry.js';
import { frameOf, readClip } from './clip.js';
import type { NamedBytes } from './group-series.js';
import { readDicomSeries } from './series.js';

const root = new URL('../../golden/dicom/ultrasound/', import.meta.url);
const truth = JSON.parse(readFileSync(new URL('expected.json', root), 'utf8')) as Record<string, number[]>;
const file = (name: string): NamedBytes => ({ name, bytes: readFileSync(new URL(`${name}.dcm`, root)) });
const refusal = (code: string): Error => expect.objectContaining({ code }) as Error; // typed any by Jest
const decoder = startFrameDecoder({ threads: 2 });
afterAll(() => decoder.close());

it.each([
  'rgb',
  'mono2',
  'mono1',
  'ybr',
  'planar',
  'rle',
  'jpeg-lossless',
  'jpeg-ls-line',
  'jpeg-ls-sample',
  'jpeg-ls-plane',
  'jpeg-2000',
])('reads the same two grey frames from %s', (name) => {
  const clip = readClip(file(name), { decoder });
  expect([clip.columns, clip.rows, clip.frameCount]).toEqual([16, 12, 2]);
  expect([...clip.data]).toEqual(truth['grey']);
  expect(clip.frameTimesMs).toEqual([0, 66.6]);
  expect(clip.provenance.isLossy).toBe(false);
});

it('gives a frame as a slice with the calibration of its region', () => {
  const clip = readClip(file('rgb'));
  expect(clip.regions).toEqual([
    { bounds: { x0: 1, y0: 2, x1: 14, y1: 10 }, kind: 'tissue', pixelMm: [expect.closeTo(0.31), expect.closeTo(0.42)] },
  ]);
  const volume = frameOf(clip, 2);
  expect(volume.shape).toEqual([16, 12, 1]);
  expect([...volume.data]).toEqual(truth['grey'].slice(192));
  expect(spacingMm(volume).map((value) => value.toFixed(4))).toEqual(['0.3100', '0.4200', '1.0000']);
  expect(volume.provenance.warnings.join()).toContain('no place in the patient');
  expect(readDicomSeries([file('rgb')], { frame: 2 })).toEqual(volume);
  expect(readDicomSeries([file('single-calibrated')]).shape).toEqual([16, 12, 1]);
});

it('asks which frame, and knows those there are', () => {
  expect(() => readDicomSeries([file('rgb')])).toThrow(refusal('UNSUPPORTED_DIMENSIONS'));
  expect(() => readDicomSeries([file('rgb')])).toThrow(/2 frames/);
  expect(() => frameOf(readClip(file('rgb')), 3)).toThrow(refusal('UNSUPPORTED_DIMENSIONS'));
  expect(() => frameOf(readClip(file('rgb')), 0)).toThrow(refusal('UNSUPPORTED_DIMENSIONS'));
});

it('takes the luminance of colour only when told to', () => {
  expect(() => readClip(file('coloured'))).toThrow(refusal('UNSUPPORTED_PIXELS'));
  expect(() => readClip(file('coloured'))).toThrow(/red, green and blue differ/);
  const clip = readClip(file('coloured'), { colour: 'luminance' });
  const rgb = truth['coloured'];
  for (const pixel of [5 * 16 + 6, 192 + 3 * 16 + 4, 20]) {
    const [r, g, b] = rgb.slice(3 * pixel, 3 * pixel + 3);
    expect(clip.data[pixel]).toBeCloseTo(0.299 * r + 0.587 * g + 0.114 * b, 4);
  }
  expect(clip.provenance.warnings).toContain('grey is the luminance of colour');
});

it.each(['jpeg-coloured', 'jpeg-grey'])('reads the luminance of %s as pydicom decodes it, to rounding', (name) => {
  const clip = readClip(file(name), { decoder, colour: 'luminance' });
  const worst = Math.max(...truth[name].map((value, pixel) => Math.abs(value - clip.data[pixel])));
  // The codec turns luminance and colour into red, green and blue, each rounded and kept within 0 to 255.
  expect(worst).toBeLessThan(2);
  expect(clip.provenance.isLossy).toBe(true);
  expect(clip.provenance.warnings.join()).toMatch(/compressed with loss/);
});

it('knows the times of frames by step, by list and by rate', () => {
  expect(readClip(file('vector')).frameTimesMs).toEqual([0, 40.5]);
  expect(readClip(file('rate')).frameTimesMs).toEqual([0, 40]);
  expect(readClip(file('no-time')).frameTimesMs).toBeNull();
});

it('knows the size of a pixel by region, by spacing or by setting, and else refuses', () => {
  expect(readClip(file('two-alike')).pixelMm).toEqual([expect.closeTo(0.31), expect.closeTo(0.42)]);
  expect(readClip(file('two-alike')).regions.map(({ kind }) => kind)).toEqual(['tissue', 'tissue', 'flow', 'other']);
  expect(readClip(file('pixel-spacing')).pixelMm).toEqual([0.25, 0.5]);
  expect(() => readClip(file('single'))).toThrow(refusal('NO_GEOMETRY'));
  expect(() => readClip(file('two-sizes'))).toThrow(refusal('NO_GEOMETRY'));
  const given = readClip(file('single'), { pixelMm: [0.2, 0.3] });
  expect(given.pixelMm).toEqual([0.2, 0.3]);
  expect(given.provenance.warnings.join()).toContain('given by the settings');
});

it('refuses a palette and what is no ultrasound', () => {
  expect(() => readClip(file('palette'))).toThrow(refusal('UNSUPPORTED_PIXELS'));
  const ct = { name: 'ct', bytes: readFileSync(new URL('../codecs/unsigned8/native.dcm', root)) };
  expect(() => readClip(ct)).toThrow(refusal('UNSUPPORTED_OBJECT'));
});
