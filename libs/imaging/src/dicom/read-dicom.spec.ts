import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { ImagingError } from '../imaging-error.js';
import { decimalsOf, textOf } from './dataset.js';
import { itemsOf, readDicom } from './read-dicom.js';
import { readDicomSeries } from './series.js';

const golden = (name: string): Buffer => readFileSync(new URL(`../../golden/synthetic/${name}`, import.meta.url));
const refusal = (code: string): Error => expect.objectContaining({ code }) as Error; // typed any by Jest
const names = [
  'ct/explicit/0.dcm',
  'ct/implicit/0.dcm',
  'ct/big-endian/0.dcm',
  'ct/rle/0.dcm',
  'seg.dcm',
  'rtstruct.dcm',
];

/** A Part 10 file, explicit little endian, of these bytes after the meta header. */
function wrapped(body: Buffer): Buffer {
  const uid = Buffer.from('1.2.840.10008.1.2.1\0');
  const element = Buffer.concat([Buffer.from([2, 0, 0x10, 0, 0x55, 0x49, uid.length, 0]), uid]);
  return Buffer.concat([Buffer.alloc(128), Buffer.from('DICM'), element, body]);
}
const nested = (depth: number): Buffer =>
  Buffer.concat(
    Array.from({ length: depth }, () =>
      Buffer.from([0x08, 0, 0x40, 0x11, 0x53, 0x51, 0, 0, 255, 255, 255, 255, 0xfe, 0xff, 0, 0xe0, 255, 255, 255, 255]),
    ),
  );

it('reads text, decimals and nested sequences of known and of unknown length', () => {
  const ct = readDicom(golden('ct/big-endian/0.dcm'));
  expect(textOf(ct, 0x00080060)).toBe('CT');
  expect(decimalsOf(ct, 0x00281052)).toEqual([-1024]);
  expect(textOf(ct, 0x00100030)).toBeNull();
  const seg = readDicom(golden('seg.dcm'));
  expect(itemsOf(seg, 0x00620002).map((item) => textOf(item, 0x00620005))).toEqual(['liver', 'tumour']);
  expect(itemsOf(seg, 0x00990099)).toEqual([]);
});

it('decodes text in the character set of the file', () => {
  const element = (tag: number[], vr: string, value: Buffer): Buffer =>
    Buffer.concat([Buffer.from([...tag, ...Buffer.from(vr), value.length, 0]), value]);
  const file = (charset: string, value: Buffer): Buffer =>
    wrapped(Buffer.concat([element([8, 0, 5, 0], 'CS', Buffer.from(charset)), element([8, 0, 0x70, 0], 'LO', value)]));
  expect(textOf(readDicom(file('ISO_IR 100', Buffer.from('Größe ', 'latin1'))), 0x00080070)).toBe('Größe');
  expect(textOf(readDicom(file('ISO_IR 192', Buffer.from('Größe'))), 0x00080070)).toBe('Größe');
});

it('refuses what is no DICOM, an unknown syntax and sequences nested without end', () => {
  expect(() => readDicom(new Uint8Array(0))).toThrow(refusal('NO_PREAMBLE'));
  expect(() => readDicom(Buffer.alloc(500))).toThrow(refusal('NO_PREAMBLE'));
  const bytes = golden('ct/explicit/0.dcm');
  bytes.write('1.2.840.10008.1.9.9', bytes.indexOf('1.2.840.10008.1.2.1\0'));
  expect(() => readDicom(bytes)).toThrow(refusal('UNSUPPORTED_SYNTAX'));
  expect(() => readDicom(wrapped(nested(200_000)))).toThrow(refusal('TOO_LARGE'));
  expect(() => readDicom(wrapped(nested(5)))).toThrow(refusal('TRUNCATED'));
});

it('finds every file that is cut short, wherever', () => {
  for (const name of names) {
    const bytes = golden(name);
    for (let length = 0; length < bytes.length - 1; length += 7) {
      const cut = bytes.subarray(0, length);
      const read = (): unknown => readDicomSeries([{ name, bytes: cut }]);
      expect(read).toThrow(ImagingError);
    }
  }
});

it('answers corrupt files with an image or a refusal, never with another error', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...names),
      fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 }),
      (name, edits) => {
        const bytes = golden(name);
        for (const [position, value] of edits) bytes[132 + (position % (bytes.length - 132))] = value;
        try {
          readDicomSeries([{ name, bytes }]);
        } catch (error) {
          expect(error).toBeInstanceOf(ImagingError);
        }
      },
    ),
    { numRuns: 2000 },
  );
});
