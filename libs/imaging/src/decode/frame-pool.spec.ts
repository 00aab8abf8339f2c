import { readFileSync } from 'node:fs';
import { readDicomSeries } from '../dicom/series.js';
import { ImagingError } from '../imaging-error.js';
import type { Volume } from '../volume.js';
import { startFrameDecoder } from './frame-pool.js';

const root = new URL('../../golden/dicom/codecs/', import.meta.url);
const truth = JSON.parse(readFileSync(new URL('expected.json', root), 'utf8')) as Record<
  string,
  { values: number[]; isLossless: boolean }
>;
const refusal = (code: string): Error => expect.objectContaining({ code }) as Error; // typed any by Jest
const read = (name: string): Buffer => readFileSync(new URL(name, root));
const decoder = startFrameDecoder({ threads: 2 });
afterAll(() => decoder.close());

/** Lossy codes leave rounding to the decoder: one unit; two of 65,536 where OpenJPH computes in single precision. */
const tolerance = (name: string): number =>
  name === 'signed16/htj2k-lossy.dcm' ? 2 : /baseline|htj2k-lossy|2000-lossy/.test(name) ? 1 : 0;

it.each(Object.keys(truth))('reads %s as pydicom does', (name) => {
  const volume = readDicomSeries([{ name, bytes: read(name) }], { decoder });
  const expected = truth[name].values;
  expect(volume.data).toHaveLength(expected.length);
  const worst = Math.max(...expected.map((value, pixel) => Math.abs(value - volume.data[pixel])));
  expect(worst).toBeLessThanOrEqual(tolerance(name));
  const isLossy = /lossy|near|baseline/.test(name);
  expect(volume.provenance.isLossy).toBe(isLossy);
  if (isLossy) expect(volume.provenance.warnings.join()).toMatch(/compressed with loss/);
});

it('refuses every frame that is cut short', () => {
  for (const name of Object.keys(truth).filter((each) => each.startsWith('unsigned8/'))) {
    const bytes = read(name);
    for (const cut of [1, 5, 40, 100]) {
      const whole = bytes.subarray(0, bytes.length - cut);
      expect(() => readDicomSeries([{ name, bytes: whole }], { decoder })).toThrow(refusal('TRUNCATED'));
    }
  }
});

it('refuses a frame of another size than its header says, before decoding it', () => {
  for (const name of ['unsigned12/jpeg-ls.dcm', 'unsigned12/jpeg-2000.dcm', 'unsigned12/jpeg-lossless-4.dcm']) {
    const bytes = read(name);
    const rows = bytes.indexOf(Buffer.from([0x28, 0, 0x10, 0, 0x55, 0x53, 2, 0]));
    bytes.writeUInt16LE(21, rows + 8);
    expect(() => readDicomSeries([{ name, bytes }], { decoder })).toThrow(refusal('CORRUPT'));
    expect(() => readDicomSeries([{ name, bytes }], { decoder })).toThrow(/another size/);
  }
});

it('ends a thread that takes too long over a frame, names the file, and goes on with others', () => {
  const hasty = startFrameDecoder({ threads: 2, frameLimitMs: 60 });
  const slow = { name: 'slow.dcm', bytes: read('slow.dcm') };
  expect(() => readDicomSeries([slow], { decoder: hasty })).toThrow(refusal('DECODE_TIMEOUT'));
  expect(() => readDicomSeries([slow], { decoder: hasty })).toThrow(/0\.06 seconds.*slow\.dcm/);
  const name = 'signed12/jpeg-ls.dcm';
  const next = (triesLeft: number): Volume => {
    try {
      return readDicomSeries([{ name, bytes: read(name) }], { decoder: hasty });
    } catch (error) {
      if (triesLeft === 0) throw error; // on a busy machine a thread may lose its 60 ms waiting
      return next(triesLeft - 1);
    }
  };
  expect([...next(20).data]).toEqual(truth[name].values);
  hasty.close();
});

it('refuses corrupt frames with a typed error, and decodes sound ones after them', () => {
  const name = 'unsigned12/htj2k.dcm';
  let refused = 0;
  for (let position = 1; position < 200; position += 2) {
    const bytes = read(name);
    bytes[bytes.length - 8 - position] ^= 0x55;
    try {
      readDicomSeries([{ name, bytes }], { decoder });
    } catch (error) {
      refused++;
      expect(error).toBeInstanceOf(ImagingError);
    }
  }
  expect(refused).toBeGreaterThan(0);
  expect([...readDicomSeries([{ name, bytes: read(name) }], { decoder }).data]).toEqual(truth[name].values);
});

it('says what cannot be decoded: a syntax without decoder, and any but our own when none is given', () => {
  const extended = { name: 'x', bytes: read('unsigned12/jpeg-extended.dcm') };
  expect(() => readDicomSeries([extended], { decoder })).toThrow(refusal('UNSUPPORTED_SYNTAX'));
  expect(() => readDicomSeries([extended], { decoder })).toThrow(/JPEG Extended/);
  const wavelet = { name: 'x', bytes: read('unsigned12/jpeg-2000.dcm') };
  expect(() => readDicomSeries([wavelet])).toThrow(refusal('UNSUPPORTED_SYNTAX'));
  const name = 'signed16/jpeg-lossless-5.dcm';
  expect([...readDicomSeries([{ name, bytes: read(name) }]).data]).toEqual(truth[name].values);
});

it('refuses lossy images where the settings say so', () => {
  const lossy = { name: 'x', bytes: read('unsigned8/jpeg-baseline.dcm') };
  expect(() => readDicomSeries([lossy], { decoder, lossy: 'refuse' })).toThrow(refusal('LOSSY'));
  const lossless = { name: 'x', bytes: read('unsigned8/jpeg-ls.dcm') };
  expect(readDicomSeries([lossless], { decoder, lossy: 'refuse' }).provenance.isLossy).toBe(false);
});
