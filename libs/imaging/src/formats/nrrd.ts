import { refuseUnsoundGrid } from '../geometry.js';
import { ImagingError } from '../imaging-error.js';
import type { Volume, VoxelType } from '../volume.js';
import { gunzipClaimed, truncatedFile } from './gzip.js';
import {
  corruptNrrd,
  dataFileOf,
  isLittleEndian,
  notNrrd,
  readHeader,
  shapeOf,
  skipsOf,
  typeOf,
  WHERE,
  type NrrdHeader,
  type NrrdShape,
} from './nrrd-header.js';
import { readTextVoxels } from './nrrd-text.js';
import { absentVolume, bytesPerVoxel, decodeVoxels, fileProvenance, voxelCount } from './voxels.js';

export interface NrrdOptions {
  /** Which image of a 4D file, from 0; needed if there are several. */
  readonly frame?: number;
  /** Gives the bytes of the file with the voxels, by its name relative to the folder of the header. */
  readonly dataFile?: (name: string) => Uint8Array;
}

/**
 * Reads an NRRD file of three dimensions (or four, one image of it) in the space LPS, RAS or LAS into LPS mm: attached or
 * with a detached header, raw, gzip or text, either byte order, with line skip and byte skip.
 *
 * @throws {ImagingError} `NOT_NRRD` (also for data in several files and other encodings), `TRUNCATED`, `CORRUPT`,
 *   `TOO_LARGE`, `NO_GEOMETRY` if space, directions or origin are missing or impossible, `UNSUPPORTED_DIMENSIONS`,
 *   `UNSUPPORTED_PIXELS`
 */
export function readNrrd(file: Uint8Array, options: NrrdOptions = {}): Volume {
  const header = readHeader(file);
  const grid = shapeOf(header);
  const type = typeOf(header);
  const total = voxelCount([...grid.shape, grid.frames], WHERE);
  refuseUnsoundGrid(grid, WHERE);
  const frame = chosenFrame(grid, options.frame);
  const { bytes, isDetached } = voxelBytesOf(header, file, options.dataFile);
  const data = voxelsOf(header, bytes, { type, total, frame, grid });
  const provenance = fileProvenance(isDetached ? [file, bytes] : [file], []);
  return { shape: grid.shape, affine: grid.affine, data, unit: 'arbitrary', storedAs: type, provenance };
}

function chosenFrame({ frames }: NrrdShape, frame: number | undefined): number {
  if (frame === undefined && frames === 1) return 0;
  if (frame !== undefined && Number.isInteger(frame) && frame >= 0 && frame < frames) return frame;
  if (frame !== undefined) throw absentVolume(frame, frames, WHERE);
  const fix = `Choose one of them, 1 to ${frames}.`;
  throw new ImagingError('UNSUPPORTED_DIMENSIONS', `it holds ${frames} volumes`, WHERE, fix);
}

function voxelBytesOf(
  header: NrrdHeader,
  file: Uint8Array,
  dataFile: NrrdOptions['dataFile'],
): { bytes: Uint8Array; isDetached: boolean } {
  const name = dataFileOf(header);
  if (name === null) return { bytes: file.subarray(header.end), isDetached: false };
  if (!dataFile) throw notNrrd('its voxels lie in another file', 'Save it with the voxels attached.');
  return { bytes: dataFile(name), isDetached: true };
}

interface Wanted {
  readonly type: VoxelType;
  /** Voxels of all images together. */
  readonly total: number;
  readonly frame: number;
  readonly grid: NrrdShape;
}

function voxelsOf(header: NrrdHeader, bytes: Uint8Array, { type, total, frame, grid }: Wanted): Volume['data'] {
  const { frames, isInterleaved } = grid;
  const count = total / frames;
  const first = isInterleaved ? frame : frame * count;
  const stride = isInterleaved ? frames : 1;
  const skips = skipsOf(header);
  const lines = afterLines(bytes, skips.lines);
  const encoding = (header.fields.get('encoding') ?? '').toLowerCase();
  if (['text', 'txt', 'ascii'].includes(encoding)) {
    if (skips.bytes < 0) throw corruptNrrd('a text has no byte skip of -1');
    return readTextVoxels(lines.subarray(skips.bytes), { type, total, first, stride, count });
  }
  const width = bytesPerVoxel(type);
  const isGzip = encoding === 'gzip' || encoding === 'gz';
  if (encoding !== 'raw' && !isGzip) throw notNrrd('its encoding is not read', 'Save it as raw or gzip.');
  const unpacked = isGzip ? gunzipClaimed(lines, Math.max(0, skips.bytes) + total * width, WHERE) : lines;
  const start = skips.bytes < 0 ? unpacked.length - total * width : skips.bytes;
  if (start < 0 || start + total * width > unpacked.length) throw truncatedFile(WHERE);
  const layout = { type, isLittleEndian: isLittleEndian(header, width), count, stride, isOwn: isGzip };
  return decodeVoxels(unpacked, { ...layout, start: start + first * width }, WHERE);
}

function afterLines(bytes: Uint8Array, count: number): Uint8Array {
  let position = 0;
  for (let line = 0; line < count; line++) {
    const end = bytes.indexOf(10, position);
    if (end < 0) throw truncatedFile(WHERE);
    position = end + 1;
  }
  return bytes.subarray(position);
}
