import { affineOf, invertAffine, multiplyAffines, refuseEmpty } from '../geometry.js';
import { ImagingError } from '../imaging-error.js';
import type { GridGeometry, Mask, Triple } from '../volume.js';
import { corrupt, decimalOf, decimalsOf, textOf, unsignedOf, valueBytes, type DicomDataset } from './dataset.js';
import { itemsOf, PIXEL_DATA, readDicom } from './read-dicom.js';
import { chooseRegion, checkFrameOfReference } from './regions.js';
import { unsupportedSyntax } from './transfer-syntax.js';

const SEGMENTATION_STORAGE = '1.2.840.10008.5.1.4.1.1.66.4';
const SHARED_GROUPS = 0x52009229;
const FRAME_GROUPS = 0x52009230;
/** Frames must lie on the voxels of the image to this fraction of a voxel, over their whole length. */
const TOLERANCE_VOXELS = 0.01;

/** A segment of a DICOM SEG, as its header lists it. */
export interface SegmentInfo {
  readonly number: number;
  readonly label: string;
  readonly frameCount: number;
}

/** The segments of a DICOM Segmentation. @throws {ImagingError} any refusal of `readDicom`; `UNSUPPORTED_OBJECT` */
export function listSegments(bytes: Uint8Array): SegmentInfo[] {
  return segmentsOf(readBinarySegmentation(bytes));
}

/**
 * One segment of a binary DICOM Segmentation on the grid of its image. Frames may be sparse, in any order and of any
 * orientation, as long as their pixels are voxels of the grid.
 *
 * @param options.segment number or label; may be left out if there is only one
 * @param options.frameOfReferenceUid of the image, if the segmentation must name the same
 * @throws {ImagingError} any refusal of `readDicom`; `UNSUPPORTED_OBJECT` (not a SEG, or fractional), `SEG_OFF_GRID`,
 *   `FRAME_OF_REFERENCE`, `MASK_LABEL_ABSENT`, `MASK_LABEL_AMBIGUOUS`, `EMPTY_MASK`
 */
export function readSegmentation(
  bytes: Uint8Array,
  grid: GridGeometry,
  options: { segment?: number | string; frameOfReferenceUid?: string } = {},
): Mask {
  const dataset = readBinarySegmentation(bytes);
  checkFrameOfReference(textOf(dataset, 0x00200052), options.frameOfReferenceUid);
  const segment = chooseRegion(segmentsOf(dataset), options.segment, 'segment');
  const mask: Mask = {
    shape: grid.shape,
    affine: grid.affine,
    data: new Uint8Array(grid.shape[0] * grid.shape[1] * grid.shape[2]),
    label: segment.label,
  };
  const rows = unsignedOf(dataset, 0x00280010) ?? 0;
  const columns = unsignedOf(dataset, 0x00280011) ?? 0;
  const frames = itemsOf(dataset, FRAME_GROUPS);
  const packed = packedPixels(dataset, frames.length * rows * columns);
  const shared = itemsOf(dataset, SHARED_GROUPS)[0];
  const inverse = invertAffine(grid.affine);
  frames.forEach((frame, index) => {
    if (segmentNumberOf(frame, shared) !== segment.number) return;
    const map = multiplyAffines(inverse, frameAffine(frame, shared));
    placeFrame(packed, index * rows * columns, { rows, columns, map }, mask);
  });
  refuseEmpty(mask);
  return mask;
}

function readBinarySegmentation(bytes: Uint8Array): DicomDataset {
  const dataset = readDicom(bytes);
  const type = textOf(dataset, 0x00620001);
  if (textOf(dataset, 0x00080016) !== SEGMENTATION_STORAGE || type !== 'BINARY') {
    throw new ImagingError(
      'UNSUPPORTED_OBJECT',
      type === 'FRACTIONAL' ? 'the segmentation is fractional' : 'this is no binary DICOM Segmentation',
      'the segmentation file',
      'Export the region as a binary DICOM Segmentation.',
    );
  }
  return dataset;
}

function segmentsOf(dataset: DicomDataset): SegmentInfo[] {
  const shared = itemsOf(dataset, SHARED_GROUPS)[0];
  const counts = new Map<number, number>();
  for (const frame of itemsOf(dataset, FRAME_GROUPS)) {
    const number = segmentNumberOf(frame, shared);
    counts.set(number, (counts.get(number) ?? 0) + 1);
  }
  return itemsOf(dataset, 0x00620002).map((item) => {
    const number = unsignedOf(item, 0x00620004) ?? 0;
    return { number, label: textOf(item, 0x00620005) ?? String(number), frameCount: counts.get(number) ?? 0 };
  });
}

/** A functional group of the frame, else the one shared by all. */
function group(frame: DicomDataset, shared: DicomDataset | undefined, tag: number): DicomDataset | undefined {
  return itemsOf(frame, tag)[0] ?? (shared && itemsOf(shared, tag)[0]);
}

function segmentNumberOf(frame: DicomDataset, shared: DicomDataset | undefined): number {
  const identification = group(frame, shared, 0x0062000a);
  return (identification && unsignedOf(identification, 0x0062000b)) ?? 0;
}

function packedPixels(dataset: DicomDataset, pixelCount: number): Uint8Array {
  if (dataset.syntax.pixels !== 'native') throw unsupportedSyntax(dataset.syntax.name);
  const isOneBit = unsignedOf(dataset, 0x00280100) === 1;
  const claimed = decimalOf(dataset, 0x00280008) ?? 1;
  const frameCount = itemsOf(dataset, FRAME_GROUPS).length;
  if (!isOneBit || claimed !== frameCount) throw corrupt('the segmentation contradicts itself on its frames or bits');
  const packed = valueBytes(dataset, PIXEL_DATA) ?? new Uint8Array(0);
  if (packed.length < Math.ceil(pixelCount / 8)) {
    throw new ImagingError('TRUNCATED', 'the pixels end early', 'the segmentation file', 'Fetch the file again.');
  }
  return packed;
}

function frameAffine(frame: DicomDataset, shared: DicomDataset | undefined): Float64Array {
  const numbers = (groupTag: number, tag: number, count: number): number[] => {
    const item = group(frame, shared, groupTag);
    const values = item ? decimalsOf(item, tag) : [];
    if (values.length !== count) {
      throw new ImagingError(
        'NO_GEOMETRY',
        'a frame lacks its position, orientation or pixel spacing',
        'the segmentation file',
        'Export the segmentation again.',
      );
    }
    return values;
  };
  const position = numbers(0x00209113, 0x00200032, 3);
  const orientation = numbers(0x00209116, 0x00200037, 6);
  const [rowSpacing, columnSpacing] = numbers(0x00289110, 0x00280030, 2);
  const scaled = (start: number, factor: number): Triple => [
    orientation[start] * factor,
    orientation[start + 1] * factor,
    orientation[start + 2] * factor,
  ];
  return affineOf(scaled(0, columnSpacing), scaled(3, rowSpacing), [0, 0, 0], position as unknown as Triple);
}

interface Frame {
  readonly rows: number;
  readonly columns: number;
  /** From (column, row) of the frame to indices of the grid. */
  readonly map: Float64Array;
}

function placeFrame(packed: Uint8Array, firstBit: number, { rows, columns, map }: Frame, mask: Mask): void {
  const origin = wholeVector([map[3], map[7], map[11]], 1);
  const alongColumns = wholeVector([map[0], map[4], map[8]], columns - 1);
  const alongRows = wholeVector([map[1], map[5], map[9]], rows - 1);
  const [nx, ny, nz] = mask.shape;
  for (let row = 0, bit = firstBit; row < rows; row++) {
    for (let column = 0; column < columns; column++, bit++) {
      if (((packed[bit >> 3] >> (bit & 7)) & 1) === 0) continue;
      const i = origin[0] + column * alongColumns[0] + row * alongRows[0];
      const j = origin[1] + column * alongColumns[1] + row * alongRows[1];
      const k = origin[2] + column * alongColumns[2] + row * alongRows[2];
      if (i < 0 || j < 0 || k < 0 || i >= nx || j >= ny || k >= nz)
        throw offGrid('pixels of the segment lie outside the image');
      mask.data[i + nx * (j + ny * k)] = 1;
    }
  }
}

/** The vector in whole voxels. @throws {ImagingError} `SEG_OFF_GRID` if over `reach` steps it leaves them */
function wholeVector(vector: Triple, reach: number): Triple {
  const whole: Triple = [Math.round(vector[0]), Math.round(vector[1]), Math.round(vector[2])];
  const error = Math.max(...vector.map((value, axis) => Math.abs(value - whole[axis]))) * Math.max(1, reach);
  if (!(error <= TOLERANCE_VOXELS)) throw offGrid('frames of the segmentation lie between the voxels of the image');
  return whole;
}

function offGrid(what: string): ImagingError {
  return new ImagingError(
    'SEG_OFF_GRID',
    what,
    'segmentation and image',
    'Use the segmentation drawn on this image, or export it on the grid of this image.',
  );
}
