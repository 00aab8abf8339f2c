import { deflateRawSync } from 'node:zlib';
import { decimalsOf, textOf, unsignedLongsOf, unsignedOf } from './dataset.js';
import { itemsOf, readDicom } from './read-dicom.js';

const refusal = (code: string): Error => expect.objectContaining({ code }) as Error; // typed any by Jest
const EXPLICIT = '1.2.840.10008.1.2.1';
const [DEFLATED, RLE, JPEG] = [`${EXPLICIT}.99`, '1.2.840.10008.1.2.5', '1.2.840.10008.1.2.4.50'];
const LONG = new Set(['OB', 'OW', 'SQ', 'UN', 'UT']);

/** An element in explicit little endian; a length may be claimed. */
function element(tag: number, vr: string, value: Buffer | string, claimed = value.length): Buffer {
  const head = Buffer.alloc(LONG.has(vr) ? 12 : 8);
  head.writeUInt16LE(tag >>> 16, 0);
  head.writeUInt16LE(tag & 0xffff, 2);
  head.write(vr, 4, 'latin1');
  if (LONG.has(vr)) head.writeUInt32LE(claimed, 8);
  else head.writeUInt16LE(claimed, 6);
  return Buffer.concat([head, Buffer.from(value)]);
}
const short = (value: number): Buffer => Buffer.from([value & 255, value >> 8]);
const file = (uid: string, ...body: Buffer[]): Buffer => {
  const named = element(0x00020010, 'UI', uid.padEnd(uid.length + (uid.length % 2), '\0'));
  return Buffer.concat([Buffer.alloc(128), Buffer.from('DICM'), named, ...body]);
};
const item = (value: Buffer): Buffer => {
  const head = Buffer.from([0xfe, 0xff, 0x00, 0xe0, 0, 0, 0, 0]);
  head.writeUInt32LE(value.length, 4);
  return Buffer.concat([head, value]);
};
const END = Buffer.from([0xfe, 0xff, 0xdd, 0xe0, 0, 0, 0, 0]);
const pixels = (frames: string, rows: number, columns: number, bits: number, data: Buffer): Buffer[] => [
  element(0x00280008, 'IS', frames.padEnd(frames.length + (frames.length % 2))),
  element(0x00280010, 'US', short(rows)),
  element(0x00280011, 'US', short(columns)),
  element(0x00280100, 'US', short(bits)),
  data,
];
const native = (bytes: number): Buffer => element(0x7fe00010, 'OW', Buffer.alloc(bytes));
const encapsulated = (...fragments: Buffer[]): Buffer =>
  Buffer.concat([element(0x7fe00010, 'OB', '', 0xffffffff), item(Buffer.alloc(0)), ...fragments.map(item), END]);

describe('the parser of DICOM', () => {
  it('refuses an element that comes twice, and a second transfer syntax', () => {
    const rows = element(0x00280010, 'US', short(4));
    expect(() => readDicom(file(EXPLICIT, rows, rows))).toThrow('(0028,0010) comes twice');
    const named = element(0x00020010, 'UI', '1.2.840.10008.1.2\0');
    expect(() => readDicom(file(EXPLICIT, named, rows))).toThrow('names its transfer syntax twice');
  });

  it('refuses value representations that do not exist, and lengths left open where they may not be', () => {
    for (const vr of ['ZZ', 'us', '  ', '\0\0']) {
      expect(() => readDicom(file(EXPLICIT, element(0x00280010, vr, short(4))))).toThrow(refusal('CORRUPT'));
    }
    expect(() => readDicom(file(EXPLICIT, element(0x00080005, 'UT', '', 0xffffffff), END))).toThrow(
      'does not say how long it is',
    );
  });

  it('counts elements, items and fragments', () => {
    const many = (count: number): Buffer => {
      const bytes = Buffer.alloc(8 * count);
      for (let n = 0; n < count; n++) {
        bytes.writeUInt16LE(0x0009 + (n >> 16), 8 * n);
        bytes.writeUInt16LE(n & 0xffff, 8 * n + 2);
        bytes.write('LO', 8 * n + 4);
      }
      return bytes;
    };
    expect(readDicom(file(EXPLICIT, many(250_000))).elements.size).toBe(250_000);
    expect(() => readDicom(file(EXPLICIT, many(300_001)))).toThrow(refusal('TOO_LARGE'));
    const items = Buffer.alloc(8 * 300_001, item(Buffer.alloc(0)));
    expect(() => itemsOf(readDicom(file(EXPLICIT, element(0x00081140, 'SQ', items))), 0x00081140)).toThrow(
      refusal('TOO_LARGE'),
    );
    // What nobody asks for is passed over, however much it is.
    const open = Buffer.concat([element(0x00081140, 'SQ', '', 0xffffffff), items, END]);
    expect(readDicom(file(EXPLICIT, open)).elements.size).toBe(1);
    const fragments = Buffer.concat([element(0x7fe00010, 'OB', '', 0xffffffff), items, END]);
    expect(() => readDicom(file(JPEG, fragments))).toThrow(refusal('TOO_LARGE'));
  });

  it('unpacks a deflated data set to 64 MiB, and beyond to twenty times its size', () => {
    const text = element(0x00081140, 'UT', Buffer.alloc(1000, 'x'));
    expect(readDicom(file(DEFLATED, deflateRawSync(text))).elements.size).toBe(1);
    const bomb = deflateRawSync(element(0x00081140, 'UT', Buffer.alloc(2 ** 26)), { level: 9 });
    expect(() => readDicom(file(DEFLATED, bomb))).toThrow(refusal('TOO_LARGE'));
    expect(() => readDicom(file(DEFLATED, bomb), { isHeaderOnly: true })).toThrow(refusal('TOO_LARGE'));
    expect(() => readDicom(file(DEFLATED, Buffer.from('no stream')))).toThrow(refusal('CORRUPT'));
  });

  it('reads the header of a deflated file from its first part', () => {
    const noise = Buffer.from(Array.from({ length: 300_000 }, (_, n) => Math.imul(n * n, 0x9e3779b1) >>> 24));
    const packed = deflateRawSync(
      Buffer.concat([element(0x00080060, 'CS', 'CT'), ...pixels('1', 300, 500, 16, element(0x7fe00010, 'OW', noise))]),
    );
    const part = file(DEFLATED, packed).subarray(0, 70_000);
    expect(textOf(readDicom(part, { isHeaderOnly: true }), 0x00080060)).toBe('CT');
    expect(() => readDicom(part)).toThrow(refusal('TRUNCATED'));
  });

  it('takes no text over 4 MiB, no list over 16 MiB, no text for a number and no number for a sequence', () => {
    const long = readDicom(file(EXPLICIT, element(0x30060050, 'UT', Buffer.alloc(2 ** 23 + 2, '1\\'))));
    expect(() => decimalsOf(long, 0x30060050)).toThrow(refusal('TOO_LARGE'));
    const list = readDicom(file(EXPLICIT, element(0x00209157, 'UN', Buffer.alloc(2 ** 24 + 4))));
    expect(() => unsignedLongsOf(list, 0x00209157)).toThrow(refusal('TOO_LARGE'));
    const odd = readDicom(
      file(EXPLICIT, element(0x00209157, 'UL', '123'), element(0x00280010, 'LO', '64'), element(0x00280011, 'US', '1')),
    );
    expect(() => unsignedLongsOf(odd, 0x00209157)).toThrow(refusal('CORRUPT'));
    expect(() => unsignedOf(odd, 0x00280010)).toThrow(refusal('CORRUPT'));
    expect(() => unsignedOf(odd, 0x00280011)).toThrow(refusal('CORRUPT'));
    expect(() => itemsOf(odd, 0x00280010)).toThrow(refusal('CORRUPT'));
    for (const text of ['0x10', '1,5', 'Infinity', '1e999', 'NaN', '--1', '1.2.3']) {
      const number = readDicom(file(EXPLICIT, element(0x00280030, 'DS', text)));
      expect(() => decimalsOf(number, 0x00280030)).toThrow(refusal('CORRUPT'));
    }
    expect(decimalsOf(readDicom(file(EXPLICIT, element(0x00280030, 'DS', ' +1.5E-1\\.5\\7.'))), 0x00280030)).toEqual([
      0.15, 0.5, 7,
    ]);
  });
});

describe('a sequence of undefined length', () => {
  const open = (tag: number, ...items: Buffer[]): Buffer =>
    Buffer.concat([element(tag, 'SQ', '', 0xffffffff), ...items, END]);
  const openItem = (content: Buffer): Buffer =>
    Buffer.concat([
      Buffer.from([0xfe, 0xff, 0x00, 0xe0, 255, 255, 255, 255]),
      content,
      Buffer.from([0xfe, 0xff, 0x0d, 0xe0, 0, 0, 0, 0]),
    ]);
  const name = element(0x00081150, 'UI', '1.2\0');

  it('is read when asked for, with all that is nested in it, and what follows it as well', () => {
    const inner = open(0x00081199, openItem(name), item(name), openItem(Buffer.alloc(0)));
    const dataset = readDicom(
      file(EXPLICIT, open(0x00081140, openItem(inner), item(inner)), element(0x00080070, 'LO', 'ab')),
    );
    expect(textOf(dataset, 0x00080070)).toBe('ab');
    const nested = itemsOf(dataset, 0x00081140).map((own) => itemsOf(own, 0x00081199));
    expect(nested.map((own) => own.map((each) => textOf(each, 0x00081150)))).toEqual([
      ['1.2', '1.2', null],
      ['1.2', '1.2', null],
    ]);
  });

  it('is refused without its end, or with something else than items', () => {
    expect(() => readDicom(file(EXPLICIT, open(0x00081140, openItem(name)).subarray(0, -8)))).toThrow(
      refusal('TRUNCATED'),
    );
    expect(() => readDicom(file(EXPLICIT, open(0x00081140, name)))).toThrow(refusal('CORRUPT'));
  });
});

it('refuses a meta header that is longer than the file', () => {
  const length = (value: Buffer): Buffer => {
    const good = file(EXPLICIT, element(0x00080060, 'CS', 'CT'));
    return Buffer.concat([good.subarray(0, 132), element(0x00020000, 'UL', value), good.subarray(132)]);
  };
  expect(textOf(readDicom(length(Buffer.from([30, 0, 0, 0]))), 0x00080060)).toBe('CT');
  expect(() => readDicom(length(Buffer.from([255, 255, 255, 255])))).toThrow(refusal('CORRUPT'));
  expect(() => readDicom(length(Buffer.from([30, 0])))).toThrow(refusal('CORRUPT'));
});

describe('pixels claimed by a header', () => {
  it('are there, for as many rows, columns, bits and frames as it says', () => {
    expect(readDicom(file(EXPLICIT, ...pixels('3', 4, 5, 16, native(120)))).elements.size).toBe(5);
    expect(() => readDicom(file(EXPLICIT, ...pixels('3', 4, 5, 16, native(118))))).toThrow(refusal('TRUNCATED'));
    expect(() => readDicom(file(EXPLICIT, ...pixels('3', 4, 5, 1, native(6))))).toThrow(refusal('TRUNCATED'));
    expect(readDicom(file(EXPLICIT, ...pixels('3', 4, 5, 1, native(8)))).elements.size).toBe(5);
  });

  it('are multiplied without overflow', () => {
    // 65,536 x 65,536 x 2 in 32 bits is 0, and so are the others.
    for (const [frames, rows, columns] of [
      ['1', 65535, 65535],
      ['2147483648', 2, 1],
      ['4294967296', 1, 1],
    ] as const) {
      expect(() => readDicom(file(EXPLICIT, ...pixels(frames, rows, columns, 16, native(10))))).toThrow(
        refusal('TOO_LARGE'),
      );
    }
    for (const frames of ['-1', '1.5', '9007199254740993']) {
      expect(() => readDicom(file(EXPLICIT, ...pixels(frames, 2, 2, 16, native(10))))).toThrow(refusal('CORRUPT'));
    }
  });

  it('have a fragment for each frame, and RLE enough of it', () => {
    const frame = Buffer.alloc(64);
    expect(readDicom(file(JPEG, ...pixels('2', 4, 4, 8, encapsulated(frame, frame)))).elements.size).toBe(5);
    expect(() => readDicom(file(JPEG, ...pixels('3', 4, 4, 8, encapsulated(frame, frame))))).toThrow(
      refusal('TRUNCATED'),
    );
    expect(readDicom(file('1.2.840.10008.1.2.4.102', ...pixels('3', 4, 4, 8, encapsulated(frame)))).elements.size).toBe(
      5,
    );
    expect(() => readDicom(file(RLE, ...pixels('1', 4000, 4000, 16, encapsulated(frame))))).toThrow(refusal('CORRUPT'));
  });
});
