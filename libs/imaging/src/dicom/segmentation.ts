import { attachMask, type MaskPolicy } from '../attach.js';
import type { FrameDecoder } from '../decode/frame-decoder.js';
import { invertAffine, multiplyAffines, refuseEmpty } from '../geometry.js';
import { ImagingError } from '../imaging-error.js';
import type { GridGeometry, Mask } from '../volume.js';
import { corrupt, textOf, truncated, unsignedOf, valueBytes, type DicomDataset } from './dataset.js';
import { frameGroupsOf, type FrameGroups } from './functional-groups.js';
import { maskedValues, readFrames } from './pixel-data.js';
import { frameCountOf, pixelFormatOf } from './pixel-format.js';
import { itemsOf, PIXEL_DATA, readDicom } from './read-dicom.js';
import { checkFrameOfReference, chooseRegion } from './regions.js';
import { frameAffine, gridOfFrames, placeFrame, type SegmentFrame } from './segment-frames.js';
import { unsupportedSyntax } from './transfer-syntax.js';

const SEGMENTATION_STORAGE = '1.2.840.10008.5.1.4.1.1.66.4';
const LABEL_MAP_STORAGE = '1.2.840.10008.5.1.4.1.1.66.7';
const TYPES = ['BINARY', 'FRACTIONAL', 'LABELMAP'] as const;

/** A segment of a DICOM SEG, as its header lists it. */
export interface SegmentInfo {
  readonly number: number;
  readonly label: string;
  /** Frames that belong to it; of a label map, which mixes them, all. */
  readonly frameCount: number;
}

export interface SegmentOptions {
  /** Number or label; may be left out if there is only one. */
  readonly segment?: number | string;
  /** Of the image, if the segmentation must name the same. */
  readonly frameOfReferenceUid?: string;
  /** For a fractional segmentation, which is refused without: inside are fractions of at least this, over 0 to 1. */
  readonly fractionAtLeast?: number;
  /** Decodes label maps and fractions that are compressed. */
  readonly decoder?: FrameDecoder;
}

type SegmentationType = (typeof TYPES)[number];

interface Segmentation {
  readonly dataset: DicomDataset;
  readonly type: SegmentationType;
  readonly frames: readonly FrameGroups[];
}

/** The segments of a DICOM Segmentation. @throws {ImagingError} any refusal of `readDicom`; `UNSUPPORTED_OBJECT` */
export function listSegments(bytes: Uint8Array): SegmentInfo[] {
  return segmentsOf(openSegmentation(bytes));
}

/**
 * One segment of a DICOM Segmentation (binary, fractional or label map) on the grid of its image. Frames may be sparse,
 * in any order and of any orientation, as long as their pixels are voxels of the grid.
 *
 * @param options.offGrid what to do with a segmentation on another grid than its image; refused unless told otherwise
 * @throws {ImagingError} any refusal of `readDicom` and of the decoder; `UNSUPPORTED_OBJECT` (not a SEG, or fractional
 *   without a threshold), `SEG_OFF_GRID`, `FRAME_OF_REFERENCE`, `MASK_LABEL_ABSENT`, `MASK_LABEL_AMBIGUOUS`, `EMPTY_MASK`
 */
export function readSegmentation(
  bytes: Uint8Array,
  grid: GridGeometry,
  options: SegmentOptions & { readonly offGrid?: MaskPolicy } = {},
): Mask {
  const { segment, frames } = framesOfSegment(bytes, options);
  try {
    return placed(frames, grid, segment.label);
  } catch (error) {
    const isOffGrid = error instanceof ImagingError && error.code === 'SEG_OFF_GRID';
    if ((options.offGrid ?? 'reject') === 'reject' || !isOffGrid) throw error;
    return attachMask(readSegmentationOnOwnGrid(bytes, options), grid, options.offGrid);
  }
}

/**
 * One segment on the smallest regular grid that all frames of the file lie on.
 *
 * @throws {ImagingError} as `readSegmentation`; `NO_GEOMETRY`, `MIXED_ORIENTATION` or `NONUNIFORM` if there is no such grid
 */
export function readSegmentationOnOwnGrid(bytes: Uint8Array, options: SegmentOptions = {}): Mask {
  const { segment, frames, all, groups } = framesOfSegment(bytes, options);
  return placed(frames, gridOfFrames(all, groups), segment.label);
}

function placed(frames: readonly SegmentFrame[], grid: GridGeometry, label: string): Mask {
  const data = new Uint8Array(grid.shape[0] * grid.shape[1] * grid.shape[2]);
  const mask: Mask = { shape: grid.shape, affine: grid.affine, data, label };
  const inverse = invertAffine(grid.affine);
  for (const frame of frames) placeFrame(frame, multiplyAffines(inverse, frame.affine), mask);
  refuseEmpty(mask);
  return mask;
}

function openSegmentation(bytes: Uint8Array): Segmentation {
  const dataset = readDicom(bytes);
  const sopClass = textOf(dataset, 0x00080016);
  const stated = textOf(dataset, 0x00620001);
  const type = TYPES.find((each) => each === stated);
  if ((sopClass !== SEGMENTATION_STORAGE && sopClass !== LABEL_MAP_STORAGE) || !type) {
    throw unsupported('this is no DICOM Segmentation of a kind that is known');
  }
  const frames = frameGroupsOf(dataset);
  if (frameCountOf(dataset) !== frames.length) throw corrupt('the segmentation contradicts itself on its frames');
  return { dataset, type, frames };
}

function segmentsOf({ dataset, type, frames }: Segmentation): SegmentInfo[] {
  const counts = new Map<number, number>();
  for (const frame of frames) {
    const number = segmentNumberOf(frame);
    counts.set(number, (counts.get(number) ?? 0) + 1);
  }
  return itemsOf(dataset, 0x00620002)
    .map((item) => {
      const number = unsignedOf(item, 0x00620004) ?? 0;
      const frameCount = type === 'LABELMAP' ? frames.length : (counts.get(number) ?? 0);
      return { number, label: textOf(item, 0x00620005) ?? String(number), frameCount };
    })
    .filter(({ number }) => number > 0); // a label map may list its background
}

function segmentNumberOf(frame: FrameGroups): number {
  const identification = frame.group(0x0062000a);
  return (identification && unsignedOf(identification, 0x0062000b)) ?? 0;
}

function framesOfSegment(
  bytes: Uint8Array,
  options: SegmentOptions,
): {
  segment: SegmentInfo;
  frames: SegmentFrame[];
  all: Omit<SegmentFrame, 'inside'>[];
  groups: FrameGroups;
} {
  const segmentation = openSegmentation(bytes);
  const { dataset, type, frames } = segmentation;
  checkFrameOfReference(textOf(dataset, 0x00200052), options.frameOfReferenceUid);
  const segment = chooseRegion(segmentsOf(segmentation), options.segment, 'segment');
  const size = { rows: unsignedOf(dataset, 0x00280010) ?? 0, columns: unsignedOf(dataset, 0x00280011) ?? 0 };
  const all = frames.map((frame) => ({ ...size, affine: frameAffine(frame) }));
  const own = frames.flatMap((frame, index) =>
    type === 'LABELMAP' || segmentNumberOf(frame) === segment.number ? [index] : [],
  );
  const isInside = insideTest(dataset, type, segment.number, options);
  const inside =
    type === 'BINARY' ? unpackedBits(dataset, size, own) : comparedFrames(dataset, own, isInside, options.decoder);
  return { segment, all, groups: frames[0], frames: own.map((index, n) => ({ ...all[index], inside: inside[n] })) };
}

/** Which stored values of a label map or of fractions are inside. @throws {ImagingError} `UNSUPPORTED_OBJECT` */
function insideTest(
  dataset: DicomDataset,
  type: SegmentationType,
  number: number,
  { fractionAtLeast }: SegmentOptions,
): (value: number) => boolean {
  if (type !== 'FRACTIONAL') return (value) => value === number;
  if (fractionAtLeast === undefined || !(fractionAtLeast > 0 && fractionAtLeast <= 1)) {
    throw new ImagingError(
      'UNSUPPORTED_OBJECT',
      'the segmentation is fractional, and no fraction from 0 to 1 is set from which a voxel is inside',
      'the segmentation file',
      'Set the least fraction, for example 0.5, or export the region as a binary DICOM Segmentation.',
    );
  }
  const whole = unsignedOf(dataset, 0x0062000e) ?? 0;
  if (whole < 1) throw corrupt('the segmentation does not say which value stands for a whole voxel');
  return (value) => value / whole >= fractionAtLeast;
}

function comparedFrames(
  dataset: DicomDataset,
  indices: readonly number[],
  isInside: (value: number) => boolean,
  decoder: FrameDecoder | undefined,
): Uint8Array[] {
  const format = pixelFormatOf(dataset);
  if (format.samplesPerPixel !== 1 || format.bitsAllocated > 16) {
    throw corrupt('the segmentation has another number of bits or colours than it may');
  }
  const inside = new Array<Uint8Array>(indices.length);
  const sources = indices.map((index) => ({ dataset, format, index, where: 'the segmentation file' }));
  readFrames(sources, decoder, (n, frame) => {
    const values = maskedValues(frame);
    const flags = new Uint8Array(values.length);
    for (let pixel = 0; pixel < values.length; pixel++) flags[pixel] = isInside(values[pixel]) ? 1 : 0;
    inside[n] = flags;
  });
  return inside;
}

/** Frames of one bit a pixel, which follow one another without a gap, so that one may begin inside a byte. */
function unpackedBits(
  dataset: DicomDataset,
  { rows, columns }: { rows: number; columns: number },
  indices: readonly number[],
): Uint8Array[] {
  if (dataset.syntax.pixels !== 'native') throw unsupportedSyntax(dataset.syntax.name);
  if (unsignedOf(dataset, 0x00280100) !== 1) throw corrupt('a binary segmentation has more than one bit a pixel');
  const size = rows * columns;
  const packed = valueBytes(dataset, PIXEL_DATA) ?? new Uint8Array(0);
  if (packed.length < Math.ceil((size * frameCountOf(dataset)) / 8)) throw truncated('the pixels end early');
  return indices.map((index) => {
    const first = index * size;
    const start = Math.floor(first / 8); // a file may hold more than 2^31 bits
    const shift = first % 8;
    const flags = new Uint8Array(size);
    for (let pixel = 0, bit = shift; pixel < size; pixel++, bit++) {
      flags[pixel] = (packed[start + (bit >> 3)] >> (bit & 7)) & 1;
    }
    return flags;
  });
}

function unsupported(what: string): ImagingError {
  const fix = 'Export the region as a binary DICOM Segmentation.';
  return new ImagingError('UNSUPPORTED_OBJECT', what, 'the segmentation file', fix);
}
