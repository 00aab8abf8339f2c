import { affineOf, compareGrids, GRID_TOLERANCE_VOXELS, isSoundGrid, refuseUnsoundGrid } from '../geometry.js';
import { ImagingError } from '../imaging-error.js';
import type { Triple, Volume, VoxelType } from '../volume.js';
import { gunzipClaimed, gunzipHead, isGzip, truncatedFile } from './gzip.js';
import { absentVolume, bytesPerVoxel, decodeVoxels, fileProvenance, voxelCount } from './voxels.js';

const WHERE = 'the NIfTI file';
const TYPES: Readonly<Record<number, VoxelType>> = {
  2: 'uint8',
  4: 'int16',
  8: 'int32',
  16: 'float32',
  64: 'float64',
  256: 'int8',
  512: 'uint16',
  768: 'uint32',
  1024: 'int64',
  1280: 'uint64',
};
/** xyzt_units: metres, millimetres, micrometres; 0 is not said and means mm. */
const UNITS_IN_MM: Readonly<Record<number, number>> = { 0: 1, 1: 1000, 2: 1, 3: 0.001 };

const HEADER_BYTES = 540;

interface Header {
  /** Bytes of the header: 348 in NIfTI-1, 540 in NIfTI-2. */
  readonly size: number;
  readonly isLittleEndian: boolean;
  readonly dim: number[];
  readonly pixdim: number[];
  readonly datatype: number;
  readonly voxOffset: number;
  readonly slope: number;
  readonly intercept: number;
  readonly units: number;
  readonly qformCode: number;
  readonly sformCode: number;
  /** b, c, d, x, y, z */
  readonly quaternion: number[];
  /** three rows of four */
  readonly sform: number[];
}

/**
 * Reads a NIfTI-1 or NIfTI-2 file (`.nii`, `.nii.gz`), either byte order, into LPS mm. The sform is taken before the
 * qform; where both are given and differ by over 0.01 voxel, a warning says by how much. `scl_slope` is applied.
 *
 * @param options.frame which volume of a 4D file, from 0; needed if there are several
 * @throws {ImagingError} `NOT_NIFTI` (also for .hdr/.img pairs), `TRUNCATED`, `CORRUPT`, `TOO_LARGE`, `NO_GEOMETRY` if
 *   neither sform nor qform is set or the one that counts is impossible, `UNSUPPORTED_PIXELS` for colour and complex,
 *   `UNSUPPORTED_DIMENSIONS`
 */
export function readNifti(file: Uint8Array, options: { frame?: number } = {}): Volume {
  const isPacked = isGzip(file);
  const header = readHeader(isPacked ? gunzipHead(file, HEADER_BYTES, WHERE) : file);
  const type = TYPES[header.datatype];
  if (!type) {
    throw new ImagingError(
      'UNSUPPORTED_PIXELS',
      'its voxels are colours or complex numbers',
      WHERE,
      'Give a grey image.',
    );
  }
  const { shape, frames, frame } = shapeOf(header.dim, options.frame);
  const total = voxelCount([...shape, frames], WHERE);
  const warnings: string[] = [];
  const affine = affineOfHeader(header, shape, warnings);
  refuseUnsoundGrid({ shape, affine }, WHERE);
  // Header, then four bytes that say whether extensions follow.
  if (!(Number.isSafeInteger(header.voxOffset) && header.voxOffset >= header.size + 4)) {
    throw new ImagingError('CORRUPT', 'it does not say where its voxels start', WHERE, 'Write the file again.');
  }
  const width = bytesPerVoxel(type);
  const claimedBytes = header.voxOffset + total * width;
  const bytes = isPacked ? gunzipClaimed(file, claimedBytes, WHERE) : file;
  if (bytes.length < claimedBytes) throw truncatedFile(WHERE);
  const count = total / frames;
  const isScaled = Number.isFinite(header.slope) && header.slope !== 0 && Number.isFinite(header.intercept);
  const scale = isScaled ? { slope: header.slope, intercept: header.intercept } : undefined;
  const layout = { type, isLittleEndian: header.isLittleEndian, count, stride: 1, isOwn: isPacked };
  const data = decodeVoxels(bytes, { ...layout, start: header.voxOffset + frame * count * width }, WHERE, scale);
  const storedAs = isScaled && (header.slope !== 1 || header.intercept !== 0) ? 'float64' : type;
  return { shape, affine, data, unit: 'arbitrary', storedAs, provenance: fileProvenance([file], warnings) };
}

function readHeader(bytes: Uint8Array): Header {
  if (bytes.length < 4) throw notNifti();
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const isLittleEndian = [348, 540].includes(view.getInt32(0, true));
  const size = view.getInt32(0, isLittleEndian);
  if (size !== 348 && size !== 540) throw notNifti();
  if (bytes.length < size) throw truncatedFile(WHERE);
  const start = size === 348 ? 344 : 4;
  const magic = String.fromCharCode(...bytes.subarray(start, start + 3));
  if (magic !== (size === 348 ? 'n+1' : 'n+2')) throw notNifti();
  const int16 = (offset: number): number => view.getInt16(offset, isLittleEndian);
  const int32 = (offset: number): number => view.getInt32(offset, isLittleEndian);
  const int64 = (offset: number): number => Number(view.getBigInt64(offset, isLittleEndian));
  const float32 = (offset: number): number => view.getFloat32(offset, isLittleEndian);
  const float64 = (offset: number): number => view.getFloat64(offset, isLittleEndian);
  const many = (read: (offset: number) => number, offset: number, width: number, count: number): number[] =>
    Array.from({ length: count }, (_, index) => read(offset + index * width));
  if (size === 348) {
    return {
      size,
      isLittleEndian,
      dim: many(int16, 40, 2, 8),
      pixdim: many(float32, 76, 4, 8),
      datatype: int16(70),
      voxOffset: float32(108),
      slope: float32(112),
      intercept: float32(116),
      units: bytes[123] & 7,
      qformCode: int16(252),
      sformCode: int16(254),
      quaternion: many(float32, 256, 4, 6),
      sform: many(float32, 280, 4, 12),
    };
  }
  return {
    size,
    isLittleEndian,
    dim: many(int64, 16, 8, 8),
    pixdim: many(float64, 104, 8, 8),
    datatype: int16(12),
    voxOffset: int64(168),
    slope: float64(176),
    intercept: float64(184),
    units: int32(500) & 7,
    qformCode: int32(344),
    sformCode: int32(348),
    quaternion: many(float64, 352, 8, 6),
    sform: many(float64, 400, 8, 12),
  };
}

function shapeOf(dim: readonly number[], frame: number | undefined): { shape: Triple; frames: number; frame: number } {
  const rank = dim[0];
  if (!(rank >= 2 && rank <= 7))
    throw new ImagingError('CORRUPT', 'its number of dimensions is impossible', WHERE, 'Write it again.');
  const size = (axis: number): number => (axis <= rank ? dim[axis] : 1);
  const frames = Math.max(1, size(4)); // some programs write 0 for an axis that is not there
  const isDeeper = [5, 6, 7].some((axis) => size(axis) > 1);
  if (isDeeper || (frames > 1 && frame === undefined)) {
    throw new ImagingError(
      'UNSUPPORTED_DIMENSIONS',
      isDeeper ? 'it has more than four dimensions' : `it holds ${frames} volumes`,
      WHERE,
      isDeeper ? 'Give a 3D image.' : `Choose one of them, 1 to ${frames}.`,
    );
  }
  const chosen = frame ?? 0;
  if (!Number.isInteger(chosen) || chosen < 0 || chosen >= frames) {
    throw absentVolume(chosen, frames, WHERE);
  }
  return { shape: [size(1), size(2), size(3)], frames, frame: chosen };
}

function affineOfHeader(header: Header, shape: Triple, warnings: string[]): Float64Array {
  const unit = UNITS_IN_MM[header.units] ?? 1;
  if (!(header.units in UNITS_IN_MM)) warnings.push('its unit of length is not known and was taken for mm');
  if (header.sformCode <= 0 && header.qformCode <= 0) {
    throw new ImagingError(
      'NO_GEOMETRY',
      'neither sform nor qform says where the voxels lie',
      WHERE,
      'Set the qform in the program that wrote the file.',
    );
  }
  const qform = header.qformCode > 0 ? qformAffine(header, unit) : null;
  if (header.sformCode <= 0 && qform) return qform;
  const affine = Float64Array.from([...header.sform, 0, 0, 0, 1]);
  // RAS to LPS: x and y change sign. A zero keeps its plus.
  for (let index = 0; index < 12; index++) affine[index] = (index < 8 ? -1 : 1) * affine[index] * unit + 0;
  if (qform && !isSoundGrid({ shape, affine: qform })) warnings.push('the qform is impossible; the sform was taken');
  else if (qform && isSoundGrid({ shape, affine })) {
    const comparison = compareGrids({ shape, affine }, { shape, affine: qform });
    if (comparison.maxCornerErrorVoxels > GRID_TOLERANCE_VOXELS) {
      warnings.push(
        `sform and qform differ by up to ${comparison.maxCornerErrorMm.toFixed(2)} mm; the sform was taken`,
      );
    }
  }
  return affine;
}

/** The qform, by the quaternion of nifti1.h (METHOD 2), in LPS. */
function qformAffine({ quaternion, pixdim }: Header, unit: number): Float64Array {
  let [b, c, d] = quaternion;
  let a = 1 - (b * b + c * c + d * d);
  if (a < 1e-7) {
    const length = Math.hypot(b, c, d);
    [b, c, d] = [b / length, c / length, d / length];
    a = 0;
  } else a = Math.sqrt(a);
  // A spacing of zero or less is none: such a grid is refused.
  const step = (axis: number): number => (pixdim[axis] > 0 ? pixdim[axis] * unit : NaN);
  const [sx, sy, sz] = [step(1), step(2), step(3) * (pixdim[0] < 0 ? -1 : 1)];
  return affineOf(
    [-(a * a + b * b - c * c - d * d) * sx + 0, -2 * (b * c + a * d) * sx + 0, 2 * (b * d - a * c) * sx],
    [-2 * (b * c - a * d) * sy + 0, -(a * a + c * c - b * b - d * d) * sy + 0, 2 * (c * d + a * b) * sy],
    [-2 * (b * d + a * c) * sz + 0, -2 * (c * d - a * b) * sz + 0, (a * a + d * d - c * c - b * b) * sz],
    [-quaternion[3] * unit + 0, -quaternion[4] * unit + 0, quaternion[5] * unit],
  );
}

function notNifti(): ImagingError {
  return new ImagingError(
    'NOT_NIFTI',
    'this is no NIfTI file in one piece',
    'the file',
    'Give a .nii or .nii.gz file; pairs of .hdr and .img must be joined first.',
  );
}
