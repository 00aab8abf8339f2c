import { randomBytes } from 'node:crypto';
import {
  closeSync,
  copyFileSync,
  fstatSync,
  mkdirSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { applyCombat, type CombatModel, modelParts } from '@concord/harmonization';
import {
  type ArrowColumnLayout,
  arrowLayout,
  type Column,
  type FeatureTable,
  readDoubles,
  readTexts,
  type ReadBytes,
} from '@concord/tables';
import { UnsupportedFileError } from '../lib/errors.js';
import type { ColumnRoles } from './column-roles.js';

/** Arrow files above it are read a column at a time. */
const LARGE = 1 << 30;
/** Columns that are in memory at once. */
const BLOCK = 64;

/** A table whose columns are read from their file whenever they are looked at, and not kept. */
export interface StreamedTable {
  readonly table: FeatureTable;
  readonly layouts: ReadonlyMap<string, ArrowColumnLayout>;
  readonly close: () => void;
}

/** True for an Arrow file that is too large to hold. */
export function isLargeArrow(path: string): boolean {
  return /\.arrow$/i.test(path) && (statSync(path, { throwIfNoEntry: false })?.size ?? 0) > LARGE;
}

/** @throws {UnsupportedFileError} if it is not an uncompressed Arrow file of plain columns */
export function openStreamed(path: string): StreamedTable {
  const file = openSync(path, 'r');
  const read = reader(file);
  const layout = arrowLayout(read, fstatSync(file).size);
  const odd = layout?.columns.find(({ kind }) => kind === 'other');
  if (layout === null || odd !== undefined) {
    closeSync(file);
    throw new UnsupportedFileError(
      odd === undefined ? 'it cannot be read a column at a time' : `column ${odd.name} holds neither doubles nor text`,
      path,
      'Write it as an Arrow IPC file of doubles and text, without compression and dictionaries.',
    );
  }
  const columns = layout.columns.map((column): Column => {
    if (column.kind === 'text') return { kind: 'text', name: column.name, values: readTexts(read, column) };
    return {
      kind: 'number',
      name: column.name,
      get values() {
        return readDoubles(read, column);
      },
    };
  });
  return {
    table: { rowCount: layout.rowCount, columns },
    layouts: new Map(layout.columns.map((column) => [column.name, column])),
    close: () => closeSync(file),
  };
}

function reader(file: number): ReadBytes {
  return (offset, length) => {
    const bytes = new Uint8Array(length);
    for (let done = 0; done < length;) {
      const count = readSync(file, bytes, done, length - done, offset + done);
      if (count === 0) throw new RangeError('the file ends early');
      done += count;
    }
    return bytes;
  };
}

/**
 * Writes the harmonised table: a copy of the file in which the values of the features are replaced, a block of columns at
 * a time; missing values stay missing. Whole or not at all.
 *
 * @returns warnings of the model
 */
export function writeStreamed(
  source: string,
  out: string,
  streamed: StreamedTable,
  model: CombatModel,
  roles: ColumnRoles,
): string[] {
  const beside = join(dirname(out), `.${basename(out)}.${randomBytes(4).toString('hex')}.part`);
  mkdirSync(dirname(out), { recursive: true });
  const warnings: string[] = [];
  const partOf = modelParts(model);
  try {
    copyFileSync(source, beside);
    const file = openSync(beside, 'r+');
    try {
      for (let from = 0; from < roles.features.length; from += BLOCK) {
        const features = roles.features.slice(from, from + BLOCK);
        const part = partOf(features.map(({ name }) => name));
        const rows = { features, batch: roles.batches[0].labels, covariates: roles.covariates };
        const result = applyCombat(part, rows);
        warnings.push(...result.warnings);
        result.features.forEach(({ name, values }) => overwrite(file, streamed.layouts.get(name)!, values));
      }
    } finally {
      closeSync(file);
    }
    renameSync(beside, out);
  } catch (error) {
    rmSync(beside, { force: true });
    throw error;
  }
  return warnings;
}

function overwrite(file: number, { parts }: ArrowColumnLayout, values: Float64Array): void {
  let row = 0;
  for (const { rowCount, nullCount, buffers } of parts) {
    const own = values.slice(row, row + rowCount);
    // Below a null stands always the same zero.
    if (nullCount > 0) own.forEach((value, k) => (own[k] = Number.isNaN(value) ? 0 : value));
    writeSync(file, new Uint8Array(own.buffer), 0, 8 * rowCount, buffers[1].offset);
    row += rowCount;
  }
}
