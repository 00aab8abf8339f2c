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

/** Patients of the development sites that have an outcome, with their harmonized features. */
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
  if (candidates.length === 0) {
    throw new StepInputError(
      'no feature is complete at the development sites',
      'fit',
      'Look at what the sites refused.',
    );
  }
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

export function cohortOf(task: StepTask, sites: readonly string[]): Cohort {
  const parts = sites.map((site) => {
    const table = tableIn(task, `harmonized:${site}`);
    const outcome = outcomesOf(task, site, patientsOf(table));
    const rows = [...outcome.keys()].filter((row) => outcome[row] !== -1);
    const features = featuresOf(table, task.protocol.features).map(({ name, values }) => ({
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
