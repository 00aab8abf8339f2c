import { affineOf } from '../geometry.js';
import { ImagingError } from '../imaging-error.js';
import type { Triple, Volume } from '../volume.js';
import { decodeVoxels, fileProvenance, gunzip, voxelCount, type VoxelType } from './voxels.js';

const WHERE = 'the NRRD file';
const TYPES: Readonly<Record<string, VoxelType>> = {
  'signed char': 'int8',
  int8: 'int8',
  int8_t: 'int8',
  uchar: 'uint8',
  'unsigned char': 'uint8',
  uint8: 'uint8',
  uint8_t: 'uint8',
  short: 'int16',
  'short int': 'int16',
  'signed short': 'int16',
  'signed short int': 'int16',
  int16: 'int16',
  int16_t: 'int16',
  ushort: 'uint16',
  'unsigned short': 'uint16',
  'unsigned short int': 'uint16',
  uint16: 'uint16',
  uint16_t: 'uint16',
  int: 'int32',
  'signed int': 'int32',
  int32: 'int32',
  int32_t: 'int32',
  uint: 'uint32',
  'unsigned int': 'uint32',
  uint32: 'uint32',
  uint32_t: 'uint32',
  longlong: 'int64',
  'long long': 'int64',
  int64: 'int64',
  int64_t: 'int64',
  ulonglong: 'uint64',
  'unsigned long long': 'uint64',
  uint64: 'uint64',
  uint64_t: 'uint64',
  float: 'float32',
  double: 'float64',
};
/** Signs that turn a space's axes into left, posterior, superior. */
const SPACES: Readonly<Record<string, Triple>> = {
  'left-posterior-superior': [1, 1, 1],
  lps: [1, 1, 1],
  'right-anterior-superior': [-1, -1, 1],
  ras: [-1, -1, 1],
  'left-anterior-superior': [1, -1, 1],
  las: [1, -1, 1],
};

/**
 * Reads an attached NRRD file of three dimensions, raw or gzip, in the space LPS, RAS or LAS, into LPS mm.
 *
 * @throws {ImagingError} `NOT_NRRD` (also for detached data and other encodings), `TRUNCATED`, `CORRUPT`, `TOO_LARGE`,
 *   `NO_GEOMETRY` if space, directions or origin are missing, `UNSUPPORTED_DIMENSIONS`, `UNSUPPORTED_PIXELS`
 */
export function readNrrd(file: Uint8Array): Volume {
  const { fields, dataStart } = readHeader(file);
  const field = (name: string): string | undefined => fields.get(name);
  if (field('data file') ?? field('datafile'))
    throw notNrrd('its voxels lie in another file', 'Save it with the voxels attached.');
  const sizes = (field('sizes') ?? '').split(/\s+/).map(Number);
  if (sizes.length !== 3 || field('dimension') !== '3') {
    throw new ImagingError(
      'UNSUPPORTED_DIMENSIONS',
      `it has ${field('dimension') ?? 'unknown'} dimensions`,
      WHERE,
      'Give a 3D image.',
    );
  }
  const shape: Triple = [sizes[0], sizes[1], sizes[2]];
  const count = voxelCount(shape, WHERE);
  const type = TYPES[(field('type') ?? '').toLowerCase()];
  if (!type)
    throw new ImagingError(
      'UNSUPPORTED_PIXELS',
      'its voxel type is not read',
      WHERE,
      'Save it as whole or real numbers.',
    );
  const affine = affineOfFields(fields);
  const endian = (field('endian') ?? 'little').toLowerCase();
  if (
    Number(field('byte skip') ?? field('byteskip') ?? 0) !== 0 ||
    Number(field('line skip') ?? field('lineskip') ?? 0) !== 0
  ) {
    throw notNrrd('it skips a part of its data', 'Save it again without skips.');
  }
  const encoding = (field('encoding') ?? '').toLowerCase();
  const packed = file.subarray(dataStart);
  if (!['raw', 'gzip', 'gz'].includes(encoding)) throw notNrrd(`its encoding is not read`, 'Save it as raw or gzip.');
  const bytes = encoding === 'raw' ? packed : gunzip(packed, WHERE);
  const data = decodeVoxels(bytes, count, type, endian !== 'big', WHERE);
  return { shape, affine, data, unit: 'arbitrary', provenance: fileProvenance(file, []) };
}

function readHeader(file: Uint8Array): { fields: Map<string, string>; dataStart: number } {
  if (!/^NRRD000\d$/.test(String.fromCharCode(...file.subarray(0, 8))))
    throw notNrrd('it does not begin as one', 'Give a .nrrd file.');
  const fields = new Map<string, string>();
  let position = 0;
  for (;;) {
    const end = file.indexOf(10, position);
    if (end < 0) {
      throw new ImagingError(
        'TRUNCATED',
        'the file ends within its header',
        WHERE,
        'Copy the file again; it is incomplete.',
      );
    }
    const line = new TextDecoder('utf-8').decode(file.subarray(position, end)).replace(/\r$/, '');
    position = end + 1;
    if (line === '') return { fields, dataStart: position };
    const match = /^([^#:][^:]*): (.*)$/.exec(line);
    if (match) fields.set(match[1].trim().toLowerCase(), match[2].trim());
  }
}

function affineOfFields(fields: ReadonlyMap<string, string>): Float64Array {
  const signs = SPACES[(fields.get('space') ?? '').toLowerCase()];
  const directions = vectorsOf(fields.get('space directions'));
  const [origin] = vectorsOf(fields.get('space origin'));
  if (!signs || directions.length !== 3 || !origin) {
    throw new ImagingError(
      'NO_GEOMETRY',
      'space, space directions or space origin is missing or not read',
      WHERE,
      'Save it in the space left-posterior-superior or right-anterior-superior, with directions and origin.',
    );
  }
  const signed = (vector: Triple): Triple => [
    vector[0] * signs[0] + 0,
    vector[1] * signs[1] + 0,
    vector[2] * signs[2] + 0,
  ];
  return affineOf(signed(directions[0]), signed(directions[1]), signed(directions[2]), signed(origin));
}

function vectorsOf(text: string | undefined): Triple[] {
  const matches = [...(text ?? '').matchAll(/\(([^)]*)\)/g)];
  return matches.flatMap(([, inner]) => {
    const parts = inner.split(',').map(Number);
    return parts.length === 3 && parts.every(Number.isFinite) ? [[parts[0], parts[1], parts[2]] as const] : [];
  });
}

function notNrrd(what: string, fix: string): ImagingError {
  return new ImagingError('NOT_NRRD', `this is no NRRD file that can be read: ${what}`, 'the file', fix);
}
