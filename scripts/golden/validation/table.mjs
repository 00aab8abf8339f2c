// Reading a case's inputs, and the shapes that several families write.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

/** Rows of a CSV as objects of texts; the files of the cases quote without commas inside. */
export function readRows(folder, name = 'input.csv') {
  const plain = join(folder, name);
  const text = existsSync(plain) ? readFileSync(plain, 'utf8') : gunzipSync(readFileSync(`${plain}.gz`)).toString('utf8');
  const [head, ...lines] = text.trim().replaceAll('"', '').split('\n');
  const names = head.split(',');
  return lines.map((line) => Object.fromEntries(line.split(',').map((cell, i) => [names[i], cell])));
}

export const isMissing = (cell) => cell === undefined || cell === '' || cell === 'NA';
export const numbers = (rows, column) =>
  Float64Array.from(rows, (row) => (isMissing(row[column]) ? NaN : Number(row[column])));
export const outcomesOf = (rows, column) => Uint8Array.from(rows, (row) => Number(row[column]));
export const asList = (value) => (value === undefined || value === null ? [] : [value].flat());

/** `y ~ a + b`, or `Surv(time, status) ~ a + b`. */
export function parseFormula(formula) {
  const [left, right] = formula.split('~').map((part) => part.trim());
  const survival = /^Surv\((.*),(.*)\)$/.exec(left);
  const terms = right.split('+').map((term) => term.trim());
  return survival
    ? { time: survival[1].trim(), event: survival[2].trim(), terms }
    : { outcome: left, terms };
}

/** Labels in the order of the cases: numbers as numbers, others as text. */
export function sortedLabels(labels) {
  const all = [...new Set(labels)];
  const isNumeric = all.every((label) => label !== '' && Number.isFinite(Number(label)));
  return all.sort((a, b) => (isNumeric ? Number(a) - Number(b) : a < b ? -1 : 1));
}

export const byTwo = (flat, size) => Array.from({ length: size }, (_, i) => [...flat.slice(i * size, (i + 1) * size)]);
export const named = (names, values) => Object.fromEntries(names.map((name, i) => [name, values[i]]));
/** A value or null, never NaN. */
export const orNull = (value) => (value === undefined || value === null || !Number.isFinite(value) ? null : value);
export const intervalOf = (estimate) => estimate.interval ?? [null, null];
