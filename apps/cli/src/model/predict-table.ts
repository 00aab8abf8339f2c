import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { digestOf, predictWith, type NamedColumn } from '@concord/models';
import { featureTable, numberValues, type FeatureTable } from '@concord/tables';
import type { Cli } from '../lib/cli.js';
import { EXIT } from '../lib/errors.js';
import { assertOutputFree, readInput, readInputText } from '../lib/files.js';
import { assertTableOutput, readTableFile, writeTableFile } from '../lib/table-file.js';
import { LockViolatedError } from '../validate/lock-check.js';
import { parseJson, readFitRecord, readModel, type ImportedModel } from './model-folder.js';
import { NoPatientsLeftError } from './errors.js';

export interface PredictOptions {
  readonly lock?: string;
  readonly horizons?: readonly number[];
  readonly out: string;
  readonly force?: boolean;
}

const DEADLINE_MS = 60_000;

/**
 * Predicts the patients of a table. Columns that the model does not take are carried through; patients who lack a feature
 * get empty predictions and are counted.
 */
export async function predictTable(folder: string, path: string, options: PredictOptions, cli: Cli): Promise<void> {
  assertTableOutput(options.out, cli);
  assertOutputFree(options.out, options.force);
  const { model, bytes } = readModel(folder);
  if (options.lock !== undefined) holdAgainstLock(options.lock, digestOf(bytes));
  const horizons = options.horizons ?? readFitRecord(folder).horizons;
  const table = await cli.timed('reading', () => readTableFile(path, cli));
  const features = model.features.map((name) => ({ name, values: numberValues(table, name) }));
  const rows = Array.from({ length: table.rowCount }, (_, row) => row).filter((row) =>
    features.every(({ values }) => Number.isFinite(values[row])),
  );
  const lacking = table.rowCount - rows.length;
  if (rows.length === 0) {
    const fix = 'Extract the features again, with the settings that the model was developed with.';
    throw new NoPatientsLeftError(`none of ${table.rowCount} patients has every feature of the model`, path, fix);
  }
  const complete = features.map(({ name, values }) => ({
    name,
    values: Float64Array.from(rows, (row) => values[row]),
  }));
  const predictions = await cli.timed('prediction', () =>
    model.format === 'concord.onnx/1' ? runImported(folder, model, complete) : predictWith(model, complete, horizons),
  );
  const spread = predictions.map((column) => spreadOver(column, rows, table.rowCount));
  await cli.timed('writing', () =>
    writeTableFile(options.out, withPredictions(table, model.features, spread), cli, options.force),
  );
  const summary = {
    patients: table.rowCount,
    predicted: rows.length,
    lacking,
    columns: spread.map(({ name }) => name),
    out: options.out,
  };
  if (cli.isJson) cli.printJson(summary);
  else cli.note(`${rows.length} patients: ${summary.columns.join(', ')}`);
  if (lacking === 0) return;
  cli.warn(`${lacking} of ${table.rowCount} patients lack a feature of the model and have no prediction`);
  cli.exitCode = EXIT.doneInPart;
}

function holdAgainstLock(path: string, digest: string): void {
  const { modelDigest } = parseJson(readInputText(path), path) as { modelDigest?: unknown };
  if (modelDigest === digest) return;
  throw new LockViolatedError(
    `model: locked ${String(modelDigest)}, used ${digest}`,
    path,
    'Predict by the model that was locked; a changed one needs a lock of its own.',
  );
}

function spreadOver({ name, values }: NamedColumn, rows: readonly number[], rowCount: number): NamedColumn {
  const all = new Float64Array(rowCount).fill(NaN);
  rows.forEach((row, i) => (all[row] = values[i]));
  return { name, values: all };
}

function withPredictions(
  table: FeatureTable,
  features: readonly string[],
  predictions: readonly NamedColumn[],
): FeatureTable {
  const taken = new Set([...features, ...predictions.map(({ name }) => name)]);
  const carried = table.columns.filter(({ name }) => !taken.has(name));
  const columns = predictions.map(({ name, values }) => ({ kind: 'number' as const, name, values }));
  return featureTable([...carried, ...columns], table.rowCount);
}

async function runImported(
  folder: string,
  model: ImportedModel,
  columns: readonly NamedColumn[],
): Promise<NamedColumn[]> {
  const { runOnnx } = await import('@concord/inference');
  const rows = columns[0].values.length;
  const count = columns.length;
  const row = Float64Array.from({ length: rows * count }, (_, k) => columns[k % count].values[Math.floor(k / count)]);
  const data = model.input.type === 'float' ? Float32Array.from(row) : row;
  const workFolder = mkdtempSync(join(tmpdir(), 'concord-predict-'));
  try {
    const values = await runOnnx({
      model: readInput(join(folder, 'model.onnx')),
      expectedDigest: model.onnxDigest,
      input: { name: model.input.name, data, dims: [rows, count] },
      output: model.output,
      deadlineMs: DEADLINE_MS,
      workFolder,
    });
    const width = values.length / rows;
    const name = (k: number) => (width === 1 ? 'score' : `score_${k + 1}`);
    return Array.from({ length: width }, (_, k) => ({
      name: name(k),
      values: Float64Array.from({ length: rows }, (_value, i) => values[i * width + k]),
    }));
  } finally {
    rmSync(workFolder, { recursive: true });
  }
}
