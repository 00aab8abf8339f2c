import { join } from 'node:path';
import type { Nomogram, PredictionModel } from '@concord/models';
import { UnsupportedFileError } from '../lib/errors.js';
import { readInput, readInputText } from '../lib/files.js';
import { NotAModelError } from './errors.js';

/** A model of others: only its ONNX file can predict. */
export interface ImportedModel {
  readonly format: 'concord.onnx/1';
  readonly features: readonly string[];
  readonly input: { readonly name: string; readonly type: 'float' | 'double' };
  readonly output: string;
  readonly onnxDigest: string;
}

export type StoredModel = PredictionModel | ImportedModel;

/** How a model came about, beside it as `fit.json`; holds nothing of a patient. */
export interface FitRecord {
  readonly format: 'concord.fit/1';
  readonly kind: string;
  readonly code: string;
  readonly seed: number | string | null;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly tableDigest: string | null;
  readonly patients: { readonly used: number; readonly incomplete: number } | null;
  readonly developmentSites: readonly string[];
  readonly features: readonly string[];
  readonly horizons: readonly number[];
  /** By folds that repeat selection, tuning and fit; null for kinds without an outcome. */
  readonly crossValidation: {
    readonly folds: number;
    readonly auc: number | null;
    readonly concordance: number | null;
    /** Threshold of Youden's index on the held-out scores. */
    readonly threshold: number | null;
    readonly selectedIn: Readonly<Record<string, number>>;
  } | null;
  readonly modelDigest: string;
  readonly onnxDigest: string | null;
}

/** Rulers of a model that adds up, and those of its outcome. */
export interface NomogramFile {
  readonly nomogram: Nomogram;
  readonly outcomes: readonly {
    readonly name: string;
    readonly values: readonly number[];
    readonly points: readonly number[];
  }[];
}

const FORMATS: ReadonlySet<unknown> = new Set([
  'concord.logistic/1',
  'concord.logistic-fit/1',
  'concord.cox/1',
  'concord.svm/1',
  'concord.forest/1',
  'concord.survival-forest/1',
  'concord.clusters/1',
  'concord.signature/1',
  'concord.onnx/1',
]);

/** @throws {NotAModelError} if the folder holds no `model.json` of a kind that Concord knows */
export function readModel(folder: string): { model: StoredModel; bytes: Uint8Array } {
  const path = join(folder, 'model.json');
  const bytes = readInput(path);
  const model = parseJson(new TextDecoder().decode(bytes), path) as StoredModel; // its format is checked next
  if (FORMATS.has(model.format) && Array.isArray(model.features)) return { model, bytes };
  throw new NotAModelError('it holds no model that Concord knows', path, 'Give a folder that concord model fit wrote.');
}

export function readFitRecord(folder: string): FitRecord {
  const path = join(folder, 'fit.json');
  return parseJson(readInputText(path), path) as FitRecord; // written by Concord beside the model
}

export function parseJson(text: string, path: string): object {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return value;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw new UnsupportedFileError('this is not JSON', path, 'Give the file as Concord wrote it.');
}

/** JSON that reads back to the same numbers, ending in a line break. */
export function jsonText(value: unknown): string {
  return `${JSON.stringify(value, null, 1)}\n`;
}
