import { onnxFeatures, predictLogistic } from '@concord/models';
import { seededRandom, shuffleInPlace } from '@concord/numeric';
import { aucSums } from '@concord/validation';

import { sitesOf } from '../run.graph.js';
import type { StepResult, StepTask } from '../step.task.js';
import { cohortOf, fitModel, type Cohort } from './fit.js';
import { jsonBytes } from './step-tables.js';

/** The AUC that the pipeline reports when there is nothing to find. */
export interface LeakAuditRecord {
  readonly format: 'concord.leak-audit/1';
  readonly replicates: number;
  readonly seeds: readonly string[];
  /** Mean over seeds of the unweighted mean of the sites' AUC. */
  readonly meanAuc: number | null;
  /** 95 % of the mean over seeds, by its standard error. */
  readonly interval: readonly [number, number] | null;
  readonly aucs: readonly (number | null)[];
}

const Z = 1.959963984540054;

/**
 * Runs fit and validation again with the outcome permuted inside each site, developing and validating alike.
 * Harmonization never sees the outcome, so its result is the same for every permutation and is not fitted again.
 */
export function leakAudit(task: StepTask): StepResult {
  const development = cohortOf(task, sitesOf(task.protocol, 'development'));
  const external = sitesOf(task.protocol, 'externalValidation').map((site) => cohortOf(task, [site]));
  const seeds = Array.from(
    { length: task.protocol.leakAuditReplicates },
    (_, k) => `${task.protocol.seed}/leak-audit/${k}`,
  );
  const aucs = seeds.map((seed) => {
    const random = seededRandom(seed);
    const model = fitModel(task, permuted(development, random)).logistic;
    const perSite = external.flatMap((cohort) => {
      const shuffled = permuted(complete(cohort, onnxFeatures(model)), random);
      const { auc } = aucSums(predictLogistic(model, shuffled.features), shuffled.outcome);
      return auc === null ? [] : [auc];
    });
    return perSite.length === 0 ? null : perSite.reduce((sum, value) => sum + value, 0) / perSite.length;
  });
  const known = aucs.filter((value) => value !== null);
  const mean = known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length;
  const record: LeakAuditRecord = {
    format: 'concord.leak-audit/1',
    replicates: known.length,
    seeds,
    meanAuc: mean,
    interval: mean === null || known.length < 2 ? null : interval(known, mean),
    aucs,
  };
  return { leakAudit: jsonBytes(record) };
}

function interval(values: readonly number[], mean: number): [number, number] {
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1);
  const half = Z * Math.sqrt(variance / values.length);
  return [mean - half, mean + half];
}

/** The outcome shuffled inside each site, so that every site keeps its prevalence. */
function permuted(cohort: Cohort, random: ReturnType<typeof seededRandom>): Cohort {
  const outcome = cohort.outcome.slice();
  for (const site of new Set(cohort.sites)) {
    const rows = [...cohort.sites.keys()].filter((row) => cohort.sites[row] === site);
    const values = Float64Array.from(rows, (row) => outcome[row] ?? 0);
    shuffleInPlace(random, values);
    for (const [index, row] of rows.entries()) outcome[row] = values[index] ?? 0;
  }
  return { ...cohort, outcome };
}

/** Patients who have every feature of the model. */
function complete(cohort: Cohort, names: readonly string[]): Cohort {
  const used = cohort.features.filter(({ name }) => names.includes(name));
  const rows = [...cohort.outcome.keys()].filter((row) => used.every(({ values }) => Number.isFinite(values[row])));
  return {
    features: used.map(({ name, values }) => ({ name, values: Float64Array.from(rows, (row) => values[row] ?? NaN) })),
    outcome: Uint8Array.from(rows, (row) => cohort.outcome[row] ?? 0),
    sites: rows.map((row) => cohort.sites[row] ?? ''),
  };
}
