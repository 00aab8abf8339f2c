import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { ImagingError, type ImagingErrorCode } from '../imaging-error.js';
import type { Acquisition, Triple, VolumeProvenance } from '../volume.js';

/** How a voxel is spelled in a file. */
export type VoxelType =
  'int8' | 'uint8' | 'int16' | 'uint16' | 'int32' | 'uint32' | 'int64' | 'uint64' | 'float32' | 'float64';

const WIDTHS: Readonly<Record<VoxelType, number>> = {
  int8: 1,
  uint8: 1,
  int16: 2,
  uint16: 2,
  int32: 4,
  uint32: 4,
  int64: 8,
  uint64: 8,
  float32: 4,
  float64: 8,
};
const MAX_VOXELS = 2 ** 30;
const MAX_UNPACKED_BYTES = 2 ** 32;

/** How errors of one format are worded. */
export interface FormatName {
  readonly code: ImagingErrorCode;
  readonly where: string;
}

/** The number of voxels of a shape. @throws {ImagingError} `CORRUPT` or `TOO_LARGE` */
export function voxelCount(shape: Triple, where: string): number {
  const count = shape[0] * shape[1] * shape[2];
  if (shape.some((size) => !Number.isInteger(size) || size < 1)) {
    throw new ImagingError('CORRUPT', 'a size is not a positive whole number', where, 'Write the file again.');
  }
  if (count > MAX_VOXELS) {
    throw new ImagingError('TOO_LARGE', `it claims ${count} voxels, over ${MAX_VOXELS}`, where, 'Crop the image.');
  }
  return count;
}

export function bytesPerVoxel(type: VoxelType): number {
  return WIDTHS[type];
}

/**
 * Voxels as numbers in the smallest array that holds them exactly; scaled ones in Float64.
 *
 * @param bytes at least `count` voxels
 * @throws {ImagingError} `TRUNCATED` if there are fewer, `UNSUPPORTED_PIXELS` for 64-bit values beyond 2^53
 */
export function decodeVoxels(
  bytes: Uint8Array,
  count: number,
  type: VoxelType,
  isLittleEndian: boolean,
  where: string,
  scale: { slope: number; intercept: number } = { slope: 1, intercept: 0 },
): Int16Array | Float32Array | Float64Array {
  const width = WIDTHS[type];
  if (bytes.length < count * width) throw truncatedFile(where);
  const source = aligned(bytes.subarray(0, count * width), width, isLittleEndian);
  const values = typed(source, count, type);
  if (scale.slope !== 1 || scale.intercept !== 0) {
    const scaled = new Float64Array(count);
    for (let index = 0; index < count; index++) scaled[index] = Number(values[index]) * scale.slope + scale.intercept;
    return scaled;
  }
  if (values instanceof Int16Array || values instanceof Float32Array || values instanceof Float64Array) return values;
  if (type === 'int8' || type === 'uint8') return Int16Array.from(values as Uint8Array);
  if (type === 'uint16') return Float32Array.from(values as Uint16Array);
  if (type === 'int32' || type === 'uint32') return Float64Array.from(values as Int32Array);
  return fromBigInts(values as BigInt64Array, where);
}

/** Unpacks a gzip stream, to a bound. @throws {ImagingError} `TRUNCATED`, `CORRUPT` or `TOO_LARGE` */
export function gunzip(bytes: Uint8Array, where: string): Uint8Array {
  try {
    return gunzipSync(bytes, { maxOutputLength: MAX_UNPACKED_BYTES });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'Z_BUF_ERROR') throw truncatedFile(where);
    if (code === 'ERR_BUFFER_TOO_LARGE') {
      throw new ImagingError('TOO_LARGE', 'it unpacks to over 4 GiB', where, 'Crop the image.', { cause: error });
    }
    throw new ImagingError('CORRUPT', 'the gzip stream is broken', where, 'Copy or write the file again.', {
      cause: error,
    });
  }
}

export function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

export function truncatedFile(where: string): ImagingError {
  return new ImagingError(
    'TRUNCATED',
    'the file ends before its voxels do',
    where,
    'Copy the file again; it is incomplete.',
  );
}

/** Provenance of a file that says nothing about its acquisition. */
export function fileProvenance(bytes: Uint8Array, warnings: readonly string[]): VolumeProvenance {
  const acquisition: Acquisition = {
    modality: null,
    manufacturer: null,
    model: null,
    kernel: null,
    sliceThicknessMm: null,
    kvp: null,
  };
  const sourceDigests = [createHash('sha256').update(bytes).digest('hex')];
  return { sourceDigests, transferSyntax: null, isLossy: false, acquisition, warnings };
}

/** A copy that starts where typed arrays may start, in the byte order of this machine. */
function aligned(bytes: Uint8Array, width: number, isLittleEndian: boolean): Uint8Array {
  // new Uint8Array, not slice: a Buffer's slice is a view.
  const copy = new Uint8Array(bytes);
  if (isLittleEndian || width === 1) return copy;
  for (let start = 0; start < copy.length; start += width) copy.subarray(start, start + width).reverse();
  return copy;
}

function typed(
  { buffer }: Uint8Array,
  count: number,
  type: VoxelType,
):
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array
  | Float32Array
  | Float64Array {
  switch (type) {
    case 'int8':
      return new Int8Array(buffer, 0, count);
    case 'uint8':
      return new Uint8Array(buffer, 0, count);
    case 'int16':
      return new Int16Array(buffer, 0, count);
    case 'uint16':
      return new Uint16Array(buffer, 0, count);
    case 'int32':
      return new Int32Array(buffer, 0, count);
    case 'uint32':
      return new Uint32Array(buffer, 0, count);
    case 'int64':
      return new BigInt64Array(buffer, 0, count);
    case 'uint64':
      return new BigUint64Array(buffer, 0, count);
    case 'float32':
      return new Float32Array(buffer, 0, count);
    case 'float64':
      return new Float64Array(buffer, 0, count);
  }
}

function fromBigInts(values: BigInt64Array | BigUint64Array, where: string): Float64Array {
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
