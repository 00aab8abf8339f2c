import type { BinaryValidation, CompetingValidation, ScoreComparison, SurvivalValidation } from '@concord/validation';
import type { EvaluationItem } from './evaluation-items.js';

/** The validation of one or more locked scores as plain JSON: what `renderValidationReport` prints. */
export interface ValidationReport {
  readonly format: 'concord.validation-report/1';
  /** Of Concord. */
  readonly version: string;
  /** Column of the outcome, or of time and event. */
  readonly outcome: string;
  /** Of follow-up; null for a binary outcome. */
  readonly timeUnit: string | null;
  /** In words, for each score the pooled cohort first, then sites. */
  readonly verdicts: readonly { readonly score: string; readonly cohort: string; readonly words: string }[];
  readonly provenance: ValidationProvenance;
  /** What differs from the lock; empty where nothing does, or nothing was locked. */
  readonly deviations: readonly Deviation[];
  readonly scores: readonly ScoreValidation[];
  readonly comparisons: readonly ScoreComparison[];
  readonly items: readonly EvaluationItem[];
}

export type ScoreResult = BinaryValidation | SurvivalValidation | CompetingValidation;
export type ScoreValidation = { readonly score: string } & ScoreResult;

export interface ValidationProvenance {
  /** SHA-256 of the file of predictions; null for standard input. */
  readonly inputDigest: string | null;
  /** The lock that score, threshold, horizons and plan were held against; null where none was given. */
  readonly lock: { readonly digest: string; readonly lockedAt: string | null } | null;
  readonly bootstrap: { readonly seed: string; readonly replicates: number } | null;
}

/** A departure from what was locked, with the reason that was given for it. */
export interface Deviation {
  /** `threshold`, `horizons` … */
  readonly part: string;
  readonly locked: string;
  readonly used: string;
  readonly reason: string;
}
