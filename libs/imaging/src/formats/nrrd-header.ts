import { affineOf } from '../geometry.js';
import { ImagingError } from '../imaging-error.js';
import type { Triple } from '../volume.js';
import type { VoxelType } from '../volume.js';

export const WHERE = 'the NRRD file';
const MAX_HEADER_BYTES = 2 ** 20;
const MAX_NAME_LENGTH = 255;
const TYPES: Readonly<Record<VoxelType, readonly string[]>> = {
  int8: ['signed char', 'int8', 'int8_t'],
  uint8: ['uchar', 'unsigned char', 'uint8', 'uint8_t'],
  int16: ['short', 'short int', 'signed short', 'signed short int', 'int16', 'int16_t'],
  uint16: ['ushort', 'unsigned short', 'unsigned short int', 'uint16', 'uint16_t'],
  int32: ['int', 'signed int', 'int32', 'int32_t'],
  uint32: ['uint', 'unsigned int', 'uint32', 'uint32_t'],
  int64: ['longlong', 'long long', 'long long int', 'signed long long', 'signed long long int', 'int64', 'int64_t'],
  uint64: ['ulonglong', 'unsigned long long', 'unsigned long long int', 'uint64', 'uint64_t'],
  float32: ['float'],
  float64: ['double'],
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
const UNITS_IN_MM: Readonly<Record<string, number>> = { '': 1, mm: 1, m: 1000, cm: 10, um: 0.001, µm: 0.001 };
const ALIASES: Readonly<Record<string, string>> = {
  datafile: 'data file',
  lineskip: 'line skip',
  byteskip: 'byte skip',
};

/** The fields of a header, by name in small letters, and the byte after it. */
export interface NrrdHeader {
  readonly fields: ReadonlyMap<string, string>;
  readonly end: number;
}

/** @throws {ImagingError} `NOT_NRRD`, `TRUNCATED`, `TOO_LARGE` if it is over 1 MiB, `CORRUPT` if a field comes twice */
export function readHeader(file: Uint8Array): NrrdHeader {
  if (!/^NRRD000\d$/.test(String.fromCharCode(...file.subarray(0, 8))))
    throw notNrrd('it does not begin as one', 'Give a .nrrd or .nhdr file.');
  const head = file.subarray(0, MAX_HEADER_BYTES);
  const fields = new Map<string, string>();
  for (let position = 0; ;) {
    const end = head.indexOf(10, position);
    if (end < 0) return { fields: endedEarly(fields, file, head, position), end: file.length };
    const line = lineOf(head.subarray(position, end));
    position = end + 1;
    if (line === '') return { fields, end: position };
    addField(fields, line);
  }
}

/** A header of its own may end without an empty line. */
function endedEarly(
  fields: Map<string, string>,
  file: Uint8Array,
  head: Uint8Array,
  position: number,
): ReadonlyMap<string, string> {
  if (head.length < file.length) {
    throw new ImagingError('TOO_LARGE', 'its header is over 1 MiB', WHERE, 'No image needs that: leave the file out.');
  }
  addField(fields, lineOf(head.subarray(position)));
  if (fields.has('data file')) return fields;
  throw new ImagingError(
    'TRUNCATED',
    'the file ends within its header',
    WHERE,
    'Copy the file again; it is incomplete.',
  );
}

function lineOf(bytes: Uint8Array): string {
  return new TextDecoder('utf-8').decode(bytes).replace(/\r$/, '');
}

function addField(fields: Map<string, string>, line: string): void {
  const match = /^([^#:][^:]*): (.*)$/.exec(line);
  if (!match) return; // a comment, or a key of the program that wrote the file
  const name = match[1].trim().toLowerCase();
  const field = ALIASES[name] ?? name;
  if (fields.has(field)) throw corruptNrrd(`its header says ${field} twice`);
  fields.set(field, match[2].trim());
}

/** @throws {ImagingError} `UNSUPPORTED_PIXELS` */
export function typeOf({ fields }: NrrdHeader): VoxelType {
  const name = (fields.get('type') ?? '').toLowerCase();
  const found = Object.entries(TYPES).find(([, names]) => names.includes(name));
  if (found) return found[0] as VoxelType; // a key of TYPES
  throw new ImagingError(
    'UNSUPPORTED_PIXELS',
    'its voxel type is not read',
    WHERE,
    'Save it as whole or real numbers.',
  );
}

/** @throws {ImagingError} `CORRUPT` if the byte order of voxels of several bytes is not said */
export function isLittleEndian({ fields }: NrrdHeader, width: number): boolean {
  const endian = (fields.get('endian') ?? '').toLowerCase();
  if (endian === 'little' || endian === 'big') return endian === 'little';
  if (width === 1) return true;
  throw corruptNrrd('it does not say the order of its bytes (endian)');
}

/** How many lines, then bytes, lie before the voxels; -1 bytes: the voxels are the last ones. */
export function skipsOf({ fields }: NrrdHeader): { lines: number; bytes: number } {
  const whole = (name: string, least: number): number => {
    const value = Number(fields.get(name) ?? 0);
    if (!Number.isSafeInteger(value) || value < least) throw corruptNrrd(`its ${name} is no number that it can be`);
    return value;
  };
  return { lines: whole('line skip', 0), bytes: whole('byte skip', -1) };
}

/**
 * The name of the file with the voxels, beside the header or below it; null if they follow the header.
 *
 * @throws {ImagingError} `NOT_NRRD` for several files, and for a name that leads out of the header's folder
 */
export function dataFileOf({ fields }: NrrdHeader): string | null {
  const name = fields.get('data file');
  if (name === undefined) return null;
  if (/^LIST\b/.test(name) || /%.*\s-?\d+\s+-?\d+\s+-?\d+/.test(name)) {
    throw notNrrd('its voxels lie in several files', 'Save it with the voxels attached.');
  }
  const parts = name.split('/').filter((part) => part !== '.');
  // eslint-disable-next-line no-control-regex -- a name with a NUL is cut there by some systems
  const isInside = name.length <= MAX_NAME_LENGTH && !/[\\\u0000]|^[a-z]:/i.test(name);
  if (isInside && parts.every((part) => part !== '' && part !== '..')) return parts.join('/');
  throw notNrrd(
    'its data file does not lie beside its header',
    'Put both into one folder, or save it with the voxels attached.',
  );
}

/** Sizes of the three axes of space, and of the list of images if there is one: before them (interleaved) or after. */
export interface NrrdShape {
  readonly shape: Triple;
  readonly frames: number;
  readonly isInterleaved: boolean;
  readonly affine: Float64Array;
}

/** @throws {ImagingError} `UNSUPPORTED_DIMENSIONS`, `NO_GEOMETRY`, `CORRUPT` */
export function shapeOf({ fields }: NrrdHeader): NrrdShape {
  const sizes = (fields.get('sizes') ?? '').split(/\s+/).map(Number);
  const dimension = Number(fields.get('dimension'));
  if (dimension !== 3 && dimension !== 4) {
    throw new ImagingError(
      'UNSUPPORTED_DIMENSIONS',
      `it has ${Number.isInteger(dimension) ? dimension : 'unknown'} dimensions`,
      WHERE,
      'Give a 3D image.',
    );
  }
  if (sizes.length !== dimension) throw corruptNrrd('it has not as many sizes as dimensions');
  const directions = vectorsOf(fields.get('space directions'));
  const [origin] = vectorsOf(fields.get('space origin'));
  const signs = SPACES[(fields.get('space') ?? '').toLowerCase()];
  const isInterleaved = dimension === 4 && directions[0] === null;
  const axes = dimension === 3 ? directions : isInterleaved ? directions.slice(1) : directions.slice(0, 3);
  const [i, j, k] = axes;
  if (!signs || directions.length !== dimension || !i || !j || !k || !origin || (directions[3] && !isInterleaved)) {
    throw new ImagingError(
      'NO_GEOMETRY',
      'space, space directions or space origin is missing or not read',
      WHERE,
      'Save it in the space left-posterior-superior or right-anterior-superior, with directions and origin.',
    );
  }
  const unit = unitOf(fields.get('space units'));
  const inLps = (vector: Triple): Triple => [
    vector[0] * signs[0] * unit + 0,
    vector[1] * signs[1] * unit + 0,
    vector[2] * signs[2] * unit + 0,
  ];
  const own = isInterleaved ? sizes.slice(1) : sizes.slice(0, 3);
  return {
    shape: [own[0], own[1], own[2]],
    frames: dimension === 3 ? 1 : isInterleaved ? sizes[0] : sizes[3],
    isInterleaved,
    affine: affineOf(inLps(i), inLps(j), inLps(k), inLps(origin)),
  };
}

/** Vectors in brackets; null for `none`, an axis that lies in no direction of space. */
function vectorsOf(text: string | undefined): (Triple | null)[] {
  const words = (text ?? '').match(/none|\([^)]*\)/g) ?? [];
  return words.flatMap((word) => {
    if (word === 'none') return [null];
    const parts = word.slice(1, -1).split(',').map(numberOf);
    return parts.length === 3 && parts.every(Number.isFinite) ? [[parts[0], parts[1], parts[2]] as const] : [];
  });
}

/** NaN for an empty text, which Number takes for 0. */
function numberOf(text: string): number {
  return text.trim() === '' ? NaN : Number(text);
}

/** Millimetres in the unit of space: the same for all axes, and one that is known. */
function unitOf(text: string | undefined): number {
  const units = new Set([...(text ?? '""').matchAll(/"([^"]*)"/g)].map(([, name]) => UNITS_IN_MM[name.trim()]));
  const [unit] = units;
  if (units.size === 1 && unit !== undefined) return unit;
  throw new ImagingError(
    'NO_GEOMETRY',
    'the units of its space are not one length that is known',
    WHERE,
    'Save it in mm.',
  );
}

export function corruptNrrd(what: string): ImagingError {
  return new ImagingError('CORRUPT', what, WHERE, 'Write the file again.');
}

export function notNrrd(what: string, fix: string): ImagingError {
  return new ImagingError('NOT_NRRD', `this is no NRRD file that can be read: ${what}`, 'the file', fix);
}
