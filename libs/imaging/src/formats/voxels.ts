import { createHash } from 'node:crypto';
import { ImagingError } from '../imaging-error.js';
import type { Acquisition, VolumeProvenance, VoxelType } from '../volume.js';
import { truncatedFile } from './gzip.js';

const ARRAYS = {
  int8: Int8Array,
  uint8: Uint8Array,
  int16: Int16Array,
  uint16: Uint16Array,
  int32: Int32Array,
  uint32: Uint32Array,
  int64: BigInt64Array,
  uint64: BigUint64Array,
  float32: Float32Array,
  float64: Float64Array,
} as const;
type StoredArray = InstanceType<(typeof ARRAYS)[VoxelType]>;

const MAX_VOXELS = 2n ** 30n;

/**
 * The number of voxels of an image of these sizes, multiplied without overflow.
 *
 * @throws {ImagingError} `CORRUPT` if a size is no positive whole number, `TOO_LARGE` over 2^30 voxels
 */
export function voxelCount(sizes: readonly number[], where: string): number {
  if (sizes.some((size) => !Number.isInteger(size) || size < 1)) {
    throw new ImagingError('CORRUPT', 'a size is not a positive whole number', where, 'Write the file again.');
  }
  const count = sizes.reduce((product, size) => product * BigInt(size), 1n);
  if (count > MAX_VOXELS) {
    throw new ImagingError('TOO_LARGE', `it claims ${count} voxels, over ${MAX_VOXELS}`, where, 'Crop the image.');
  }
  return Number(count);
}

export function bytesPerVoxel(type: VoxelType): number {
  return ARRAYS[type].BYTES_PER_ELEMENT;
}

/** Where voxels lie in bytes, and how they are spelled. */
export interface VoxelLayout {
  readonly type: VoxelType;
  readonly isLittleEndian: boolean;
  readonly count: number;
  /** Byte of the first voxel. */
  readonly start: number;
  /** How many voxels the next one is on: more than 1 where several images are interleaved. */
  readonly stride: number;
  /** Whether the bytes were made for this image alone, so that it may keep them. */
  readonly isOwn: boolean;
}

/**
 * Voxels as numbers in the smallest array that holds them exactly; scaled ones in Float64.
 *
 * @throws {ImagingError} `TRUNCATED` if there are fewer than `count`, `UNSUPPORTED_PIXELS` for 64-bit values beyond 2^53,
 *   `CORRUPT` if scaling leads out of all numbers
 */
export function decodeVoxels(
  bytes: Uint8Array,
  layout: VoxelLayout,
  where: string,
  scale: { slope: number; intercept: number } = { slope: 1, intercept: 0 },
): Int16Array | Float32Array | Float64Array {
  const { type, count } = layout;
  const source = placed(bytes, layout, where);
  // Bytes may lie in shared memory, which the typings of these constructors leave out.
  const values = new ARRAYS[type](source.buffer as ArrayBuffer, source.byteOffset, count);
  if (scale.slope === 1 && scale.intercept === 0) return keptExactly(values, where);
  const scaled = new Float64Array(count);
  for (let index = 0; index < count; index++) {
    const value = Number(values[index]);
    scaled[index] = value * scale.slope + scale.intercept;
    if (!Number.isFinite(scaled[index]) && Number.isFinite(value)) {
      throw new ImagingError('CORRUPT', 'its slope makes voxels infinite', where, 'Write the file again.');
    }
  }
  return scaled;
}

/** Stored values as numbers, in the smallest array of three that holds them. */
export function keptExactly(values: StoredArray, where: string): Int16Array | Float32Array | Float64Array {
  if (values instanceof Int16Array || values instanceof Float32Array || values instanceof Float64Array) return values;
  if (values instanceof Int8Array || values instanceof Uint8Array) return Int16Array.from(values);
  if (values instanceof Uint16Array) return Float32Array.from(values);
  if (values instanceof Int32Array || values instanceof Uint32Array) return Float64Array.from(values);
  const numbers = new Float64Array(values.length);
  for (let index = 0; index < values.length; index++) {
    numbers[index] = Number(values[index]);
    if (!Number.isSafeInteger(numbers[index])) {
      throw new ImagingError(
        'UNSUPPORTED_PIXELS',
        'it holds whole numbers beyond 2^53',
        where,
        'Write the image as doubles.',
      );
    }
  }
  return numbers;
}

/** An empty array of the type, for voxels that are not given as bytes. */
export function storedArray(type: VoxelType, count: number): StoredArray {
  return new ARRAYS[type](count);
}

/** The voxels' bytes one after another, where a typed array may start, in the byte order of this machine. */
function placed(bytes: Uint8Array, layout: VoxelLayout, where: string): Uint8Array {
  const { type, isLittleEndian, count, start, stride, isOwn } = layout;
  const width = bytesPerVoxel(type);
  const end = start + ((count - 1) * stride + 1) * width;
  if (!(end <= bytes.length)) throw truncatedFile(where);
  const given = bytes.subarray(start, end);
  if (stride === 1 && isOwn && isLittleEndian && given.byteOffset % width === 0) return given;
  const copy = new Uint8Array(count * width);
  if (stride === 1) copy.set(given);
  else {
    for (let target = 0, source = 0; target < copy.length; target += width, source += stride * width) {
      for (let byte = 0; byte < width; byte++) copy[target + byte] = given[source + byte];
    }
  }
  if (!isLittleEndian) swapInPlace(copy, width);
  return copy;
}

function swapInPlace(bytes: Uint8Array, width: number): void {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  if (width === 2) view.swap16();
  if (width === 4) view.swap32();
  if (width === 8) view.swap64();
}

/** Provenance of files that say nothing about their acquisition. */
export function fileProvenance(files: readonly Uint8Array[], warnings: readonly string[]): VolumeProvenance {
  const acquisition: Acquisition = {
    modality: null,
    manufacturer: null,
    model: null,
    kernel: null,
    sliceThicknessMm: null,
    kvp: null,
  };
  const sourceDigests = files.map((file) => createHash('sha256').update(file).digest('hex'));
  return { sourceDigests, transferSyntax: null, isLossy: false, acquisition, warnings };
}

/** A volume of a 4D file that is not there. @param frame from 0; people count from 1 */
export function absentVolume(frame: number, count: number, where: string): ImagingError {
  const what = `there is no volume ${frame + 1}; it holds ${count}`;
  return new ImagingError('UNSUPPORTED_DIMENSIONS', what, where, `Choose one, 1 to ${count}.`);
}
