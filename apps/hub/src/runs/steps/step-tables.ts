import { PSEUDONYM_COLUMN, canonicalJson } from '@concord/contracts';
import { numberValues, tableFromArrow, tableToArrow, textValues, type FeatureTable } from '@concord/tables';

import { StepInputError } from '../run.errors.js';
import type { StepTask } from '../step.task.js';

/** A feature over the patients of a table; NaN is missing. */
export interface NamedValues {
  readonly name: string;
  readonly values: Float64Array;
}

export function inputOf(task: StepTask, role: string): Uint8Array {
  const bytes = task.inputs[role];
  if (bytes === undefined)
    throw new StepInputError(`input ${role} is not there`, task.kind, 'This is a bug: report it.');
  return bytes;
}

export function digestIn(task: StepTask, role: string): string {
  const digest = task.digests[role];
  if (digest === undefined)
    throw new StepInputError(`input ${role} is not there`, task.kind, 'This is a bug: report it.');
  return digest;
}

export function tableIn(task: StepTask, role: string): FeatureTable {
  return tableFromArrow(inputOf(task, role));
}

export function jsonIn<T>(task: StepTask, role: string): T {
  return JSON.parse(Buffer.from(inputOf(task, role)).toString('utf8')) as T;
}

/** Canonical, so that equal values are equal objects. */
export function jsonBytes(value: unknown): Uint8Array {
  return Buffer.from(canonicalJson(value));
}

export function patientsOf(table: FeatureTable): string[] {
  return textValues(table, PSEUDONYM_COLUMN).map((value) => value ?? '');
}

export function featuresOf(table: FeatureTable, names: readonly string[]): NamedValues[] {
  return names.map((name) => ({ name, values: numberValues(table, name) }));
}

export function featureBytes(patients: readonly string[], features: readonly NamedValues[]): Uint8Array {
  return tableToArrow({
    rowCount: patients.length,
    columns: [
      { kind: 'text', name: PSEUDONYM_COLUMN, values: patients },
      ...features.map(({ name, values }) => ({ kind: 'number' as const, name, values })),
    ],
  });
}

/** The same features of several tables, one below the other. */
export function stack(parts: readonly (readonly NamedValues[])[]): NamedValues[] {
  const [first = []] = parts;
  return first.map(({ name }, index) => ({
    name,
    values: joined(parts.map((part) => part[index]?.values ?? new Float64Array())),
  }));
}

export function joined(parts: readonly Float64Array[]): Float64Array {
  const whole = new Float64Array(parts.reduce((sum, part) => sum + part.length, 0));
  let start = 0;
  for (const part of parts) {
    whole.set(part, start);
    start += part.length;
  }
  return whole;
}

/**
 * The binary outcome of each patient, in the patients' order; -1 where the site has none.
 *
 * @throws {StepInputError} if a value is neither 0, 1 nor missing
 */
export function outcomesOf(task: StepTask, site: string, patients: readonly string[]): Int8Array {
  const table = tableIn(task, `outcomes:${site}`);
  const { target } = task.protocol.outcome;
  const values = numberValues(table, target);
  const known = new Map(patientsOf(table).map((patient, row) => [patient, values[row] ?? NaN]));
  return Int8Array.from(patients, (patient) => {
    const value = known.get(patient) ?? NaN;
    if (Number.isNaN(value)) return -1;
    if (value !== 0 && value !== 1) {
      throw new StepInputError(
        `outcome ${target} holds something else than 0 and 1`,
        `outcomes of ${site}`,
        'Code it as 0 and 1.',
      );
    }
    return value;
  });
}

/** Features without a missing value in any of the columns given. */
export function completeFeatures(features: readonly NamedValues[]): NamedValues[] {
  return features.filter(({ values }) => values.every(Number.isFinite));
}
