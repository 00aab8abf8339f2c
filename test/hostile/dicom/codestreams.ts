import { noise } from './bytes.js';

const big = (width: 2 | 4, ...values: number[]): Buffer => {
  const bytes = Buffer.alloc(width * values.length);
  values.forEach((value, index) => bytes.writeUIntBE(value, width * index, width));
  return bytes;
};
const marker = (code: number, body: Buffer): Buffer =>
  Buffer.concat([Buffer.from([0xff, code]), big(2, body.length + 2), body]);
const START = Buffer.from([0xff, 0xd8]);
const END = Buffer.from([0xff, 0xd9]);

/** A JPEG of this process (`0xc0` baseline, `0xc3` lossless, `0xf7` JPEG-LS) whose frame header may lie, with noise for data. */
export function jpeg(process: number, rows: number, columns: number, bits = 8, end: Buffer = END): Buffer {
  const frame = marker(
    process,
    Buffer.concat([Buffer.from([bits]), big(2, rows, columns), Buffer.from([1, 1, 0x11, 0])]),
  );
  const isLs = process === 0xf7;
  const tables = isLs
    ? Buffer.alloc(0)
    : Buffer.concat([
        marker(0xdb, Buffer.concat([Buffer.from([0]), Buffer.alloc(64, 16)])),
        // One code of each length from 1 to 12: a tree that is right, and leads anywhere.
        marker(
          0xc4,
          Buffer.concat([Buffer.from([0]), Buffer.alloc(12, 1), Buffer.alloc(4), Buffer.from([...Array(12).keys()])]),
        ),
      ]);
  const scan = marker(0xda, Buffer.from(isLs ? [1, 1, 0, 0, 0, 0] : [1, 1, 0, process === 0xc3 ? 1 : 0, 0, 0]));
  // 0xff would start a marker.
  const data = noise(64).map((byte) => byte & 0x7f);
  return Buffer.concat([START, tables, frame, scan, data, end]);
}

/** A JPEG 2000 codestream whose first segment may lie, with noise for data. */
export function jpeg2000(
  {
    width,
    height,
    tile = [width, height],
    components = 1,
  }: {
    width: number;
    height: number;
    tile?: readonly number[];
    components?: number;
  },
  capabilities = 0,
): Buffer {
  const size = Buffer.concat([
    big(2, capabilities),
    big(4, width, height, 0, 0, tile[0], tile[1], 0, 0),
    big(2, components),
    Buffer.alloc(3 * components, Buffer.from([15, 1, 1])),
  ]);
  const style = Buffer.from([0, 0, 0, 1, 0, 5, 4, 4, 0, 1]);
  const quantisation = Buffer.from([0x40, ...Array.from({ length: 16 }, () => 0x80)]);
  const part = Buffer.from([0xff, 0x90, 0, 10, 0, 0, 0, 0, 0, 0, 0, 1, 0xff, 0x93]);
  return Buffer.concat([
    Buffer.from([0xff, 0x4f]),
    marker(0x51, size),
    marker(0x52, style),
    marker(0x5c, quantisation),
    part,
    noise(64).map((byte) => byte & 0x7f),
    END,
  ]);
}

/** A frame of RLE of these segments; offsets may lie. */
export function rleFrame(segments: readonly Buffer[], header?: readonly number[]): Buffer {
  const head = Buffer.alloc(64);
  let offset = 64;
  const offsets = segments.map(({ length }) => {
    offset += length;
    return offset - length;
  });
  (header ?? [segments.length, ...offsets]).forEach((value, index) => head.writeUInt32LE(value, 4 * index));
  return Buffer.concat([head, ...segments]);
}
