import { sha256 } from '@concord/contracts';
import { runOnnx } from '@concord/inference';
import { onnxFeatures } from '@concord/models';

import { StepInputError } from '../run.errors.js';
import type { StepResult, StepTask } from '../step.task.js';
import type { ModelRecord } from './fit.js';
import { digestIn, featureBytes, featuresOf, inputOf, jsonIn, patientsOf, tableIn } from './step-tables.js';

export const SCORE_COLUMN = 'risk';
const DEADLINE_MS = 60_000;

/**
 * Predicts a validation site by the locked ONNX model, in a child process. Patients who lack a feature of the model get
 * no score, and are counted as such by the validation.
 */
export async function predict(task: StepTask): Promise<StepResult> {
  const locked = jsonIn<{ modelDigest: string; harmonizationDigest: string | null }>(task, 'lock');
  const onnx = inputOf(task, 'onnx');
  if (sha256(onnx) !== locked.modelDigest || digestIn(task, 'harmonization') !== locked.harmonizationDigest) {
    throw new StepInputError('model or harmonization is not the locked one', 'predict', 'This is a bug: report it.');
  }
  const names = onnxFeatures(jsonIn<ModelRecord>(task, 'model').logistic);
  const table = tableIn(task, 'harmonized');
  const features = featuresOf(table, names);
  const rows = Array.from({ length: table.rowCount }, (_, row) => row).filter((row) =>
    features.every(({ values }) => Number.isFinite(values[row])),
  );
  const data = new Float64Array(rows.length * names.length);
  for (const [index, row] of rows.entries()) {
    for (const [column, { values }] of features.entries()) data[index * names.length + column] = values[row] ?? NaN;
  }
  const scores = new Float64Array(table.rowCount).fill(NaN);
  if (rows.length > 0) {
    const risks = await runOnnx({
      model: onnx,
      expectedDigest: locked.modelDigest,
      input: { name: 'features', data, dims: [rows.length, names.length] },
      deadlineMs: DEADLINE_MS,
      workFolder: task.context.workFolder,
    });
    for (const [index, row] of rows.entries()) scores[row] = risks[index] ?? NaN;
  }
  return { predictions: featureBytes(patientsOf(table), [{ name: SCORE_COLUMN, values: scores }]) };
}
