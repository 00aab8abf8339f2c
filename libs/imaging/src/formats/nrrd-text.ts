import type { Volume, VoxelType } from '../volume.js';
import { truncatedFile } from './gzip.js';
import { corruptNrrd, WHERE } from './nrrd-header.js';
import { keptExactly, storedArray } from './voxels.js';

const MAX_WORD = 64;
const SPACE = 32;
const COMMA = 44;

export interface TextVoxels {
  readonly type: VoxelType;
  /** How many numbers the text must hold. */
  readonly total: number;
  /** Which of them are wanted: `count` from `first`, every `stride`. */
  readonly first: number;
  readonly stride: number;
  readonly count: number;
}

/**
 * Numbers written as text, between white space or commas.
 *
 * @throws {ImagingError} `TRUNCATED` if there are fewer than `total`, `CORRUPT` if one is no number of the type
 */
export function readTextVoxels(text: Uint8Array, { type, total, first, stride, count }: TextVoxels): Volume['data'] {
  // A number takes a digit and what parts it from the next: checked before anything is made for them.
  if (total > (text.length + 1) / 2) throw truncatedFile(WHERE);
  const values = storedArray(type, count);
  const last = first + (count - 1) * stride;
  let number = 0;
  for (let position = 0; number < total; number++) {
    while (position < text.length && isGap(text[position])) position++;
    const start = position;
    while (position < text.length && !isGap(text[position])) position++;
    if (start === position) throw truncatedFile(WHERE);
    if (number < first || number > last || (number - first) % stride !== 0) continue;
    const word = String.fromCharCode(...text.subarray(start, Math.min(position, start + MAX_WORD)));
    if (!keeps(values, (number - first) / stride, word, type)) throw corruptNrrd('a voxel is no number of its type');
  }
  return keptExactly(values, WHERE);
}

function isGap(code: number): boolean {
  return code <= SPACE || code === COMMA;
}

/** Stores a number, and says whether the type could hold it. */
function keeps(values: ReturnType<typeof storedArray>, index: number, word: string, type: VoxelType): boolean {
  if (values instanceof BigInt64Array || values instanceof BigUint64Array) {
    if (!/^[+-]?\d+$/.test(word)) return false;
    const value = BigInt(word.replace('+', ''));
    values[index] = value;
    return values[index] === value;
  }
  const value = Number(word);
  if (type === 'float32' || type === 'float64') {
    values[index] = value;
    return /^[+-]?nan$/i.test(word) || Number.isFinite(values[index]);
  }
  values[index] = value;
  return values[index] === value;
}
