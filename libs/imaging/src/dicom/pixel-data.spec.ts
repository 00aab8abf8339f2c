import type { DicomDataset } from './dataset.js';
import { maskedValues, readFrames } from './pixel-data.js';
import { pixelFormatOf } from './pixel-format.js';
import { unpackRle } from './rle.js';
import { PIXEL_DATA } from './read-dicom.js';
import { transferSyntaxOf } from './transfer-syntax.js';

const refusal = (code: string): Error => expect.objectContaining({ code }) as Error; // typed any by Jest

/** A data set of one row of pixels. */
function image(
  pixels: Uint8Array,
  numbers: { allocated: number; stored: number; high?: number; signed?: number; samples?: number; columns: number },
): DicomDataset {
  const { allocated, stored, high = stored - 1, signed = 0, samples = 1, columns } = numbers;
  const values: [number, number][] = [
    [0x00280002, samples],
    [0x00280010, 1],
    [0x00280011, columns],
    [0x00280100, allocated],
    [0x00280101, stored],
    [0x00280102, high],
    [0x00280103, signed],
  ];
  const bytes = new Uint8Array(2 * values.length + pixels.length);
  const elements = new Map(values.map(([tag], index) => [tag, { vr: 'US', offset: 2 * index, length: 2 }]));
  values.forEach(([, value], index) => bytes.set([value & 255, value >> 8], 2 * index));
  bytes.set(pixels, 2 * values.length);
  elements.set(PIXEL_DATA, { vr: 'OW', offset: 2 * values.length, length: pixels.length });
  return { bytes, elements, syntax: transferSyntaxOf('1.2.840.10008.1.2.1'), depth: 0, charset: '' };
}
function valuesOf(dataset: DicomDataset): number[] {
  let values: number[] = [];
  const frame = { dataset, format: pixelFormatOf(dataset), index: 0, where: '' };
  readFrames([frame], undefined, (_, stored) => (values = [...maskedValues(stored)]));
  return values;
}

it('extends the sign of 12 bits in 16, whatever the spare bits hold', () => {
  const words = new Uint8Array(Uint16Array.of(0x0fff, 0xf800, 0x37ff, 0xf000).buffer);
  expect(valuesOf(image(words, { allocated: 16, stored: 12, signed: 1, columns: 4 }))).toEqual([-1, -2048, 2047, 0]);
  expect(valuesOf(image(words, { allocated: 16, stored: 12, columns: 4 }))).toEqual([4095, 2048, 2047, 0]);
});

it('takes stored bits from below the highest one', () => {
  const words = new Uint8Array(Uint16Array.of(0xfff0, 0x8005, 0x123f).buffer);
  expect(valuesOf(image(words, { allocated: 16, stored: 12, high: 15, columns: 3 }))).toEqual([0xfff, 0x800, 0x123]);
  expect(valuesOf(image(words, { allocated: 16, stored: 12, high: 15, signed: 1, columns: 3 }))).toEqual([
    -1, -2048, 0x123,
  ]);
});

it('reads 8 and 32 bits, signed and not', () => {
  const bytes = Uint8Array.of(255, 0, 0, 128);
  expect(valuesOf(image(bytes, { allocated: 8, stored: 8, columns: 4 }))).toEqual([255, 0, 0, 128]);
  expect(valuesOf(image(bytes, { allocated: 8, stored: 8, signed: 1, columns: 4 }))).toEqual([-1, 0, 0, -128]);
  expect(valuesOf(image(bytes, { allocated: 32, stored: 32, columns: 1 }))).toEqual([0x800000ff]);
  expect(valuesOf(image(bytes, { allocated: 32, stored: 32, signed: 1, columns: 1 }))).toEqual([0x800000ff - 2 ** 32]);
});

it('refuses colour, odd depths, contradictions, and pixels too few or too many', () => {
  const bytes = new Uint8Array(8);
  expect(() => valuesOf(image(bytes, { allocated: 8, stored: 8, samples: 4, columns: 2 }))).toThrow(
    refusal('UNSUPPORTED_PIXELS'),
  );
  expect(() => valuesOf(image(bytes, { allocated: 12, stored: 12, columns: 2 }))).toThrow(
    refusal('UNSUPPORTED_PIXELS'),
  );
  expect(() => valuesOf(image(bytes, { allocated: 16, stored: 12, high: 16, columns: 4 }))).toThrow(refusal('CORRUPT'));
  expect(() => valuesOf(image(bytes, { allocated: 16, stored: 12, high: 9, columns: 4 }))).toThrow(refusal('CORRUPT'));
  expect(() => valuesOf(image(bytes, { allocated: 16, stored: 16, columns: 0 }))).toThrow(refusal('CORRUPT'));
  expect(() => valuesOf(image(bytes, { allocated: 16, stored: 16, columns: 5 }))).toThrow(refusal('TRUNCATED'));
  expect(() => valuesOf(image(bytes, { allocated: 16, stored: 16, columns: 3 }))).toThrow(refusal('CORRUPT'));
});

describe('unpackRle', () => {
  const frame = (segments: number[][]): Uint8Array => {
    const header = new Uint32Array(16);
    header[0] = segments.length;
    segments.reduce((offset, segment, index) => {
      header[index + 1] = offset;
      return offset + segment.length;
    }, 64);
    return Uint8Array.of(...new Uint8Array(header.buffer), ...segments.flat());
  };

  it('unpacks runs, literals and no-operations, the high byte first', () => {
    expect([
      ...unpackRle(
        frame([
          [254, 1],
          [128, 1, 5, 6, 0, 7],
        ]),
        3,
        2,
      ),
    ]).toEqual([5, 1, 6, 1, 7, 1]);
  });

  it('refuses segments that do not fill their plane, overfill it, or lie elsewhere', () => {
    for (const wrong of [[0, 1], [1, 1], [254], [250, 1], [3, 1, 2, 3, 4]]) {
      expect(() => unpackRle(frame([wrong]), 3, 1)).toThrow(refusal('CORRUPT'));
    }
    expect(() => unpackRle(frame([[254, 1]]), 3, 2)).toThrow(refusal('CORRUPT'));
    expect(() => unpackRle(new Uint8Array(20), 3, 1)).toThrow(refusal('TRUNCATED'));
    const elsewhere = frame([[254, 1]]);
    elsewhere[4] = 200;
    expect(() => unpackRle(elsewhere, 3, 1)).toThrow(refusal('CORRUPT'));
  });
});

it('leaves the bytes of the file as they are', () => {
  const bytes = Buffer.from([255, 129, 3, 4]);
  const dataset = image(bytes, { allocated: 8, stored: 7, columns: 4 });
  const before = Uint8Array.from(dataset.bytes);
  const inBuffer = { ...dataset, bytes: Buffer.from(dataset.bytes) };
  expect(valuesOf(inBuffer)).toEqual([127, 1, 3, 4]);
  expect(Uint8Array.from(inBuffer.bytes)).toEqual(before);
});
