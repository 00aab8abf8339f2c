import {
  chooseThreshold,
  fitElasticNetLogistic,
  logisticToOnnx,
  type ChosenThreshold,
  type LogisticModel,
} from '@concord/models';
import { seededRandom } from '@concord/numeric';

import { StepInputError } from '../run.errors.js';
import { sitesOf } from '../run.graph.js';
import type { StepResult, StepTask } from '../step.task.js';
import {
  completeFeatures,
  featuresOf,
  jsonBytes,
  outcomesOf,
  patientsOf,
  stack,
  tableIn,
  type NamedValues,
} from './step-tables.js';

/** A fitted model with its threshold, and what the fit stood on; no patient's value. */
export interface ModelRecord {
  readonly format: 'concord.model/1';
  readonly logistic: LogisticModel;
  readonly threshold: ChosenThreshold;
  readonly developmentSites: readonly string[];
  readonly patientCount: number;
  readonly eventCount: number;
  readonly eventsBySite: Readonly<Record<string, number>>;
  /** Features that every development patient has: what the selection chose from. */
  readonly candidates: readonly string[];
  /** Features left out because a development patient lacks them. */
  readonly incomplete: readonly string[];
}

/** Patients of some sites that have an outcome and any feature, with their harmonized features. */
export interface Cohort {
  readonly features: readonly NamedValues[];
  readonly outcome: Uint8Array;
  /** Site of each patient. */
  readonly sites: readonly string[];
}

/** Fits the penalised logistic model on the development sites, chooses its threshold there, and writes it as ONNX. */
export function fit(task: StepTask): StepResult {
  const sites = sitesOf(task.protocol, 'development');
  const cohort = cohortOf(task, sites);
  const record = fitModel(task, cohort);
  return { model: jsonBytes(record), onnx: logisticToOnnx(record.logistic) };
}

export function fitModel(task: StepTask, cohort: Cohort): ModelRecord {
  const { alpha, foldCount } = task.protocol.model;
  const { seed } = task.protocol;
  const candidates = completeFeatures(cohort.features);
  checkCohort(cohort, candidates.length, foldCount);
  const { model, outOfFoldScores } = fitElasticNetLogistic({
    features: candidates,
    outcome: cohort.outcome,
    alpha,
    folds: foldCount,
    random: seededRandom(seed),
    seed,
  });
  return {
    format: 'concord.model/1',
    logistic: model,
    threshold: chooseThreshold(outOfFoldScores, cohort.outcome, 'youden'),
    developmentSites: [...new Set(cohort.sites)].sort(),
    patientCount: cohort.outcome.length,
    eventCount: cohort.outcome.reduce((sum, value) => sum + value, 0),
    eventsBySite: eventsBySite(cohort),
    candidates: candidates.map(({ name }) => name),
    incomplete: cohort.features.filter((feature) => !candidates.includes(feature)).map(({ name }) => name),
  };
}

/** In the words of the study, before the fit says no in those of mathematics. */
function checkCohort({ outcome }: Cohort, candidateCount: number, foldCount: number): void {
  const where = 'development sites';
  const count = outcome.length;
  const events = outcome.reduce((sum, value) => sum + value, 0);
  if (events < 2 || count - events < 2) {
    throw new StepInputError(
      `of ${count} development patients with features and a known outcome, ${events} have the event`,
      where,
      'A model needs at least 2 patients with the event and 2 without: make a new study with more patients.',
    );
  }
  if (candidateCount === 0) {
    throw new StepInputError(
      'no feature is known for all development patients',
      where,
      'Leave out patients whose images could not be measured, or features that few images give, in a new study.',
    );
  }
  if (count < foldCount) {
    throw new StepInputError(
      `${count} development patients cannot be dealt to the ${foldCount} folds of the protocol`,
      where,
      'Make a new study with fewer folds, or with more patients.',
    );
  }
}

/** Patients without a single feature say nothing, and would take every feature from the others: they are left out. */
export function cohortOf(task: StepTask, sites: readonly string[]): Cohort {
  const parts = sites.map((site) => {
    const table = tableIn(task, `harmonized:${site}`);
    const outcome = outcomesOf(task, site, patientsOf(table));
    const all = featuresOf(table, task.protocol.features);
    const isMeasured = (row: number) => all.some(({ values }) => Number.isFinite(values[row]));
    const rows = [...outcome.keys()].filter((row) => outcome[row] !== -1 && isMeasured(row));
    const features = all.map(({ name, values }) => ({
      name,
      values: Float64Array.from(rows, (row) => values[row] ?? NaN),
    }));
    return { features, outcome: Uint8Array.from(rows, (row) => outcome[row] ?? 0), site };
  });
  return {
    features: stack(parts.map((part) => part.features)),
    outcome: Uint8Array.from(parts.flatMap((part) => [...part.outcome])),
    sites: parts.flatMap((part) => new Array<string>(part.outcome.length).fill(part.site)),
  };
}

function eventsBySite({ outcome, sites }: Cohort): Record<string, number> {
  const events: Record<string, number> = {};
  for (const [row, site] of sites.entries()) events[site] = (events[site] ?? 0) + (outcome[row] ?? 0);
  return events;
}
