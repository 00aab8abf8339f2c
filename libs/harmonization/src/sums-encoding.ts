import type { BatchSums, Codebook, PartSums, SiteSums } from './batch-sums.js';
import { designColumnNames } from './coding.js';
import { digestOf, isRecord } from './digest.js';
import { SumsFormatError } from './errors.js';

/** What stands before the numbers, as JSON: no number of a patient, and not the names of features, which all know. */
interface Header {
  readonly format: 'concord.sums/1';
  readonly codebook: string;
  readonly parts: readonly {
    readonly without: string | null;
    readonly batches: readonly {
      readonly batch: string;
      readonly count: number;
      /** Feature and patients in whom it is observed. */
      readonly partial: readonly (readonly [number, number])[];
    }[];
  }[];
}

/**
 * Sums as bytes: the length of a JSON header, the header, then little-endian doubles. For each batch 8 (q + 2) bytes a
 * feature, and an eighth of a byte for the flag of constant ones: 39.3 KiB for 1,000 features at q = 3.
 */
export function encodeSums({ codebook, parts }: SiteSums): Uint8Array {
  const header: Header = {
    format: 'concord.sums/1',
    codebook: digestOf(codebook),
    parts: parts.map(({ without, batches }) => ({
      without,
      batches: batches.map(({ batch, count, partial }) => ({
        batch,
        count,
        partial: partial.map(({ feature, observed }) => [feature, observed] as const),
      })),
    })),
  };
  const text = new TextEncoder().encode(JSON.stringify(header));
  const blocks = parts.flatMap(({ batches }) => batches.map(blockOf));
  const size = blocks.reduce((sum, { numbers, flags }) => sum + 8 * numbers.length + flags.length, 4 + text.length);
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, text.length, true);
  bytes.set(text, 4);
  let at = 4 + text.length;
  for (const { numbers, flags } of blocks) {
    for (const value of numbers) {
      view.setFloat64(at, value, true);
      at += 8;
    }
    bytes.set(flags, at);
    at += flags.length;
  }
  return bytes;
}

/**
 * Sums from bytes, for a codebook that the protocol gives.
 *
 * @throws {SumsFormatError} if the bytes are not whole, hold a number that is not finite or a sum of squares below zero, or
 *   belong to another codebook
 */
export function decodeSums(codebook: Codebook, bytes: Uint8Array): SiteSums {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = bytes.length >= 4 ? view.getUint32(0, true) : Infinity;
  if (length > bytes.length - 4) fail('the bytes are no sums');
  const header = headerIn(bytes.subarray(4, 4 + length));
  if (header.codebook !== digestOf(codebook)) fail('the sums belong to another codebook');
  const p = codebook.features.length;
  const q = designColumnNames(codebook.covariates).length;
  let at = 4 + length;
  const take = (count: number): Float64Array => {
    if (at + 8 * count > bytes.length) fail('the sums are cut off');
    const values = Float64Array.from({ length: count }, (_, k) => view.getFloat64(at + 8 * k, true));
    if (!values.every(Number.isFinite)) fail('a sum is not finite');
    at += 8 * count;
    return values;
  };
  const parts = header.parts.map(({ without, batches }): PartSums => ({
    without,
    batches: batches.map(({ batch, count, partial }): BatchSums => {
      const sumX = take(q);
      const sxx = square(take((q * (q + 1)) / 2), q);
      const [sumY, sxy, syy] = [take(p), take(q * p), take(p)];
      if (syy.some((value) => value < 0)) fail('a sum of squares is below zero');
      const rest = partial.map(([feature, observed]) => ({
        feature,
        observed,
        sumX: take(q),
        sxx: square(take((q * (q + 1)) / 2), q),
      }));
      const flags = bytes.subarray(at, (at += Math.ceil(p / 8)));
      if (at > bytes.length) fail('the sums are cut off');
      const constant = Uint8Array.from({ length: p }, (_, g) => (flags[g >> 3] >> (g & 7)) & 1);
      return { batch, count, sumX, sumY, sxx, sxy, syy, constant, partial: rest };
    }),
  }));
  if (at !== bytes.length) fail('there is more than the sums');
  return { codebook, parts };
}

function fail(what: string): never {
  throw new SumsFormatError(what, 'the sums of a site', 'Form them again by the same protocol, and send them whole.');
}

function blockOf(sums: BatchSums): { numbers: number[]; flags: Uint8Array } {
  const q = sums.sumX.length;
  const flags = new Uint8Array(Math.ceil(sums.syy.length / 8));
  sums.constant.forEach((flag, g) => (flags[g >> 3] |= flag << (g & 7)));
  const partial = sums.partial.flatMap(({ sumX, sxx }) => [...sumX, ...triangle(sxx, q)]);
  const numbers = [...sums.sumX, ...triangle(sums.sxx, q), ...sums.sumY, ...sums.sxy, ...sums.syy, ...partial];
  return { numbers, flags };
}

function triangle(square: Float64Array, q: number): number[] {
  return Array.from({ length: q }, (_, j) => Array.from(square.subarray(j * q, j * q + j + 1))).flat();
}

function square(triangle: Float64Array, q: number): Float64Array {
  const result = new Float64Array(q * q);
  for (let j = 0, k = 0; j < q; j++) {
    for (let i = 0; i <= j; i++, k++) result[j * q + i] = result[i * q + j] = triangle[k];
  }
  return result;
}

function headerIn(bytes: Uint8Array): Header {
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    fail('the bytes are no sums');
  }
  const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0;
  const isBatch = (batch: unknown): boolean =>
    isRecord(batch) &&
    typeof batch['batch'] === 'string' &&
    isCount(batch['count']) &&
    Array.isArray(batch['partial']) &&
    batch['partial'].every((pair) => Array.isArray(pair) && pair.length === 2 && pair.every(isCount));
  const isPart = (part: unknown): boolean =>
    isRecord(part) &&
    (part['without'] === null || typeof part['without'] === 'string') &&
    Array.isArray(part['batches']) &&
    part['batches'].every(isBatch);
  const isHeader =
    isRecord(header) &&
    header['format'] === 'concord.sums/1' &&
    Array.isArray(header['parts']) &&
    header['parts'].every(isPart);
  if (!isHeader) fail('the header of the sums is not as it should be');
  return header as Header;
}
