import { checkCodestream } from './codestream.js';
import type { EncodedFrame } from './frame-decoder.js';
import { decodeJpegLossless } from './jpeg-lossless.js';

const refusal = (code: string): Error => expect.objectContaining({ code }) as Error; // typed any by Jest
const u16 = (...values: number[]): number[] => values.flatMap((value) => [value >> 8, value & 255]);
const u32 = (...values: number[]): number[] => values.flatMap((value) => u16(value >>> 16, value & 0xffff));

/** SOC and SIZ of JPEG 2000, then nothing but the end. */
function wavelet({
  size = [24, 20],
  tile = size,
  bits = [12],
  step = 1,
}: Partial<{
  size: number[];
  tile: number[];
  bits: number[];
  step: number;
}> = {}): Uint8Array {
  const components = bits.flatMap((each) => [each - 1, step, step]);
  const siz = [...u16(0), ...u32(...size, 0, 0, ...tile, 0, 0), ...u16(bits.length), ...components];
  return Uint8Array.from([...u16(0xff4f, 0xff51, siz.length + 2), ...siz, ...u16(0xff90, 0), ...u16(0xffd9)]);
}
const frame = (bytes: Uint8Array, change: Partial<EncodedFrame> = {}): EncodedFrame => ({
  codec: 'jpeg2000',
  rows: 20,
  columns: 24,
  samplesPerPixel: 1,
  bitsAllocated: 16,
  bitsStored: 12,
  isSigned: false,
  where: 'a.dcm',
  bytes,
  ...change,
});

it('takes what agrees with the header', () => {
  expect(() => checkCodestream(frame(wavelet()))).not.toThrow();
  expect(() => checkCodestream(frame(wavelet({ tile: [8, 8] })))).not.toThrow();
});

it.each([
  ['another size', frame(wavelet({ size: [24, 21] })), 'CORRUPT', /another size/],
  ['colours', frame(wavelet({ bits: [12, 12, 12] })), 'CORRUPT', /other colours/],
  ['subsampled colours', frame(wavelet({ step: 2 })), 'CORRUPT', /subsampled/],
  ['too many bits', frame(wavelet({ bits: [17] })), 'CORRUPT', /more bits/],
  ['too few bits for a sign', frame(wavelet({ bits: [10] }), { isSigned: true }), 'CORRUPT', /fewer bits/],
  ['no tiles', frame(wavelet({ tile: [0, 8] })), 'CORRUPT', /impossible/],
  ['thousands of tiles', frame(wavelet({ size: [60000, 60000], tile: [1, 1] })), 'TOO_LARGE', /tiles/],
  [
    'another format',
    frame(Uint8Array.from([...u16(0xffd8, 0, 0), ...Array<number>(60).fill(1), ...u16(0xffd9)])),
    'CORRUPT',
    /JPEG 2000/,
  ],
  ['no end', frame(wavelet().slice(0, -2)), 'TRUNCATED', /mark at its end/],
  ['nothing', frame(new Uint8Array(0)), 'TRUNCATED', /mark at its end/],
  [
    'no start of frame',
    frame(Uint8Array.from(u16(0xffd8, 0xffda, 8, 0, 0, 0, 0xffd9)), { codec: 'jpegLs' }),
    'CORRUPT',
    /no header/,
  ],
  ['no start at all', frame(Uint8Array.from(u16(1, 2, 3, 0xffd9)), { codec: 'jpeg' }), 'CORRUPT', /as JPEG does/],
] as const)('refuses a frame with %s as it says', (_, wrong, code, says) => {
  expect(() => checkCodestream(wrong)).toThrow(refusal(code));
  expect(() => checkCodestream(wrong)).toThrow(says);
});

describe('decodeJpegLossless', () => {
  const soi = u16(0xffd8);
  const sof = (precision: number, rows: number, columns: number): number[] => [
    ...u16(0xffc3, 11),
    precision,
    ...u16(rows, columns),
    1,
    1,
    0x11,
    0,
  ];
  /** One code of one bit for each category given: 0, 10, 110 … */
  const dht = (...categories: number[]): number[] => {
    const counts = Array.from({ length: 16 }, (_, n) => (n < categories.length ? 1 : 0));
    return [...u16(0xffc4, 19 + categories.length), 0, ...counts, ...categories];
  };
  const dri = (interval: number): number[] => u16(0xffdd, 4, interval);
  const sos = (predictor: number, point = 0): number[] => [...u16(0xffda, 8), 1, 1, 0, predictor, 0, point];
  const eoi = u16(0xffd9);
  const decode = (...parts: number[][]): number[] => [...decodeJpegLossless(Uint8Array.from(parts.flat())).samples];

  // 8 bits start from 128. Code 0 is no difference, 10 then a bit is -1 or 1.
  it('starts anew after each restart marker', () => {
    // Rows of two: 10 1 and 0, that is +1 and 0; then the marker; 0 and 10 0, that is 0 and -1.
    const rows = [[0b10101111], u16(0xffd0), [0b01001111]];
    const restarted = decode(soi, dht(0, 1), sof(8, 2, 2), dri(2), sos(1), ...rows, eoi);
    expect(restarted).toEqual([129, 129, 128, 127]);
    expect(() => decode(soi, dht(0, 1), sof(8, 2, 2), dri(2), sos(1), [0b10101111, 0b01001111], eoi)).toThrow(
      /restart marker/,
    );
    expect(() => decode(soi, dht(0, 1), sof(8, 2, 2), dri(3), sos(1), ...rows, eoi)).toThrow(/whole rows/);
  });

  it('shifts by the point transform', () => {
    expect(decode(soi, dht(0, 1), sof(8, 1, 2), sos(1, 2), [0b10101111], eoi)).toEqual([(32 + 1) << 2, (32 + 1) << 2]);
  });

  it('knows the difference of 32,768, which has no further bits', () => {
    expect(decode(soi, dht(0, 16), sof(16, 1, 2), sos(1), [0b10011111], eoi)).toEqual([0, 0]);
  });

  it.each([
    ['no start', [sof(8, 1, 1)], /start as JPEG/],
    ['another kind of JPEG', [soi, u16(0xffc0, 11), sof(8, 1, 1).slice(4)], /another kind/],
    ['17 bits', [soi, sof(17, 1, 1)], /bits/],
    ['no rows', [soi, sof(8, 0, 1)], /rows/],
    ['too many pixels', [soi, sof(8, 65535, 65535)], /too large/],
    ['no table', [soi, sof(8, 1, 1), sos(1), [0, 0], eoi], /Huffman table/],
    ['an eighth predictor', [soi, dht(0), sof(8, 1, 1), sos(8), [0, 0], eoi], /predictor/],
    ['a point transform of all bits', [soi, dht(0), sof(8, 1, 1), sos(1, 8), [0, 0], eoi], /point transform/],
    ['a category of 17', [soi, dht(17)], /impossible/],
    ['a code that is in no table', [soi, dht(0), sof(8, 1, 1), sos(1), [0xfe, 0xfe, 0xfe], eoi], /in no table/],
    ['an early end', [soi, dht(0, 1), sof(8, 4, 4), sos(1), [0b10101111], eoi], /end before|in no table/],
    ['no data', [soi, dht(0), sof(8, 1, 1)], /no image data/],
  ])('refuses a stream with %s', (_, parts, says) => {
    expect(() => decode(...parts)).toThrow(says);
  });
});
