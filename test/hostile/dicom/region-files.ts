import { element, EXPLICIT, item, part10, PIXEL_DATA, short } from './bytes.js';
import { frameGroups, sequence } from './frame-groups.js';
import { hostile } from './hostile-file.js';

const FRAME = element(0x00200052, 'UI', '1.2.826.0.1.3680043.10.7.2');
function structureSet(type: string, points: string, name = 'tumour'): Buffer {
  return part10(
    EXPLICIT,
    element(0x00080016, 'UI', '1.2.840.10008.5.1.4.1.1.481.3'),
    element(0x00080060, 'CS', 'RTSTRUCT'),
    sequence(0x30060020, Buffer.concat([element(0x30060022, 'IS', '1'), element(0x30060026, 'LO', name)])),
    sequence(
      0x30060039,
      Buffer.concat([
        sequence(0x30060040, Buffer.concat([element(0x30060042, 'CS', type), element(0x30060050, 'UT', points)])),
        element(0x30060084, 'IS', '1'),
      ]),
    ),
  );
}

export const structureSetFiles = hostile(
  'rtstruct',
  '.dcm',
  [
    [
      'points-at-1e300',
      'CONTOUR_OFF_GRID',
      () => structureSet('CLOSED_PLANAR', '1e300\\0\\100\\0\\1e300\\100\\0\\0\\100'),
    ],
    ['points-nan', 'CORRUPT', () => structureSet('CLOSED_PLANAR', 'NaN\\0\\100\\0\\1\\100\\0\\0\\100')],
    ['points-in-two-dimensions', 'CORRUPT', () => structureSet('CLOSED_PLANAR', '0\\0\\1\\1')],
    ['points-of-20-megabytes', 'TOO_LARGE', () => structureSet('CLOSED_PLANAR', '0\\'.repeat(1e7))],
    ['contour-of-no-point', 'CORRUPT', () => structureSet('CLOSED_PLANAR', '')],
    ['contour-open', 'UNSUPPORTED_CONTOUR', () => structureSet('OPEN_PLANAR', '0\\0\\100')],
    ['contour-without-area', 'EMPTY_MASK', () => structureSet('CLOSED_PLANAR', '0\\0\\100\\0\\0\\100\\0\\0\\100')],
    [
      'list-that-is-text',
      'CORRUPT',
      () =>
        part10(
          EXPLICIT,
          element(0x00080016, 'UI', '1.2.840.10008.5.1.4.1.1.481.3'),
          element(0x00080060, 'CS', 'RTSTRUCT'),
          element(0x30060020, 'LO', 'no sequence'),
        ),
    ],
  ],
  'rtstruct',
);

function segmentation(frames: string, rows: number, pixels: Buffer, groups: readonly Buffer[]): Buffer {
  return part10(
    EXPLICIT,
    element(0x00080016, 'UI', '1.2.840.10008.5.1.4.1.1.66.4'),
    element(0x00080060, 'CS', 'SEG'),
    FRAME,
    element(0x00280002, 'US', short(1)),
    element(0x00280008, 'IS', frames),
    element(0x00280010, 'US', short(rows)),
    element(0x00280011, 'US', short(rows)),
    element(0x00280100, 'US', short(1)),
    element(0x00280101, 'US', short(1)),
    element(0x00280102, 'US', short(0)),
    element(0x00620001, 'CS', 'BINARY'),
    sequence(0x00620002, Buffer.concat([element(0x00620004, 'US', short(1)), element(0x00620005, 'LO', 'tumour')])),
    element(0x52009230, 'SQ', Buffer.concat(groups)),
    element(PIXEL_DATA, 'OB', pixels),
  );
}

const FIRST = item(frameGroups('-8\\-8\\100'));
const full = Buffer.alloc(32, 0xff);

export const segmentationFiles = hostile(
  'seg',
  '.dcm',
  [
    ['million-frames-in-no-byte', 'TRUNCATED', () => segmentation('1000000', 16, Buffer.alloc(2), [FIRST])],
    ['frames-without-groups', 'CORRUPT', () => segmentation('2', 16, Buffer.alloc(64), [FIRST])],
    ['frame-of-65535-by-65535', 'TOO_LARGE', () => segmentation('1', 65535, full, [FIRST])],
    [
      '600000-frames',
      'TOO_LARGE',
      () => segmentation('1', 16, full, [Buffer.alloc(8 * 600_000, item(Buffer.alloc(0)))]),
    ],
    ['frame-at-1e300', 'SEG_OFF_GRID', () => segmentation('1', 16, full, [item(frameGroups('1e300\\0\\100'))])],
    ['frame-beside-the-image', 'SEG_OFF_GRID', () => segmentation('1', 16, full, [item(frameGroups('72\\-8\\100'))])],
    [
      'frame-without-spacing',
      'NO_GEOMETRY',
      () => segmentation('1', 16, full, [item(frameGroups('-8\\-8\\100', '0.9'))]),
    ],
    ['frame-without-voxels', 'EMPTY_MASK', () => segmentation('1', 16, Buffer.alloc(32), [FIRST])],
  ],
  'seg',
);
