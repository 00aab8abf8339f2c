import { DicomValueError } from '../errors.js';
import { code, type Dataset } from './dataset.js';
import { encodeDataset, writePart10 } from './writer.js';

function hex(dataset: Dataset): string {
  return Buffer.from(encodeDataset(dataset)).toString('hex');
}

// Expected bytes are written out by hand from PS3.5 section 7.1 and table 6.2-1.
describe('encodeDataset', () => {
  it('writes elements in ascending order, text padded by a space, UIDs by a zero', () => {
    expect(hex({ PatientID: 'abc', SOPInstanceUID: '1.2' })).toBe(
      '08001800' + '5549' + '0400' + '312e3200' + '10002000' + '4c4f' + '0400' + '61626320',
    );
  });

  it('writes numbers little endian and attribute tags as group and element', () => {
    expect(hex({ Rows: 513 })).toBe('28001000' + '5553' + '0200' + '0102');
    expect(hex({ DimensionIndexValues: [1, 258] })).toBe('20005791' + '554c' + '0800' + '0100000002010000');
    expect(hex({ DimensionIndexPointer: 0x00200032 })).toBe('20006591' + '4154' + '0400' + '20003200');
    expect(hex({ extra: [{ tag: 0x00090001, vr: 'SS', value: -2 }] })).toBe('09000100' + '5353' + '0200' + 'feff');
    expect(hex({ extra: [{ tag: 0x00090001, vr: 'SL', value: -2 }] })).toBe('09000100' + '534c' + '0400' + 'feffffff');
    expect(hex({ extra: [{ tag: 0x00090001, vr: 'FD', value: 1 }] })).toBe(
      '09000100' + '4644' + '0800' + '000000000000f03f',
    );
  });

  it('writes sequences and bytes in the long form', () => {
    expect(hex({ SegmentSequence: [{ SegmentNumber: 1 }] })).toBe(
      '62000200' + '5351' + '0000' + '12000000' + 'feff00e0' + '0a000000' + '62000400' + '5553' + '0200' + '0100',
    );
    expect(hex({ extra: [{ tag: 0x7fe00010, vr: 'OB', value: Uint8Array.of(7) }] })).toBe(
      'e07f1000' + '4f42' + '0000' + '02000000' + '0700',
    );
  });

  it('joins several values by a backslash and shortens decimals to six places', () => {
    expect(hex({ PixelSpacing: [0.1 + 0.2, 1] })).toBe(
      '28003000' + '4453' + '0600' + Buffer.from('0.3\\1 ').toString('hex'),
    );
  });

  it.each<[string, Dataset]>([
    ['a text too long', { StationName: 'a text of more than sixteen' }],
    ['bytes in a text', { PatientID: Uint8Array.of(1) }],
    ['text in a number', { Rows: '12' }],
    ['text in a sequence', { SegmentSequence: 'none' }],
    ['more than a short length can say', { ContourData: Array.from({ length: 9000 }, () => '-1234.567') }],
  ])('refuses %s', (_, dataset) => {
    expect(() => encodeDataset(dataset)).toThrow(DicomValueError);
  });
});

describe('writePart10', () => {
  it('states the length of the file meta group', () => {
    const bytes = Buffer.from(writePart10({ SOPClassUID: '1.2', SOPInstanceUID: '1.2.3' }, '1.9'));
    expect(bytes.toString('latin1', 128, 132)).toBe('DICM');
    const length = bytes.readUInt32LE(140);
    expect(bytes.readUInt16LE(144 + length)).toBe(0x0008);
    expect(bytes.readUInt16LE(144)).toBe(0x0002);
  });

  it('writes an empty UID where the data set has none', () => {
    expect(writePart10({}, '1.9').length).toBe(writePart10({ SOPClassUID: '1.2' }, '1.9').length - 4 - 12);
  });
});

describe('code', () => {
  it('fills the three attributes of a coded entry', () => {
    expect(code('113076', 'DCM', 'Segmentation')).toEqual({
      CodeValue: '113076',
      CodingSchemeDesignator: 'DCM',
      CodeMeaning: 'Segmentation',
    });
  });
});
