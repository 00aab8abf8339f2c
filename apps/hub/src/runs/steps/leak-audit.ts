import { ModelConvergenceError, onnxFeatures, predictLogistic, type LogisticModel } from '@concord/models';
import { mean, seededRandom, shuffleInPlace, tQuantile, variance } from '@concord/numeric';
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
  /** 95 % of the mean over seeds: t with replicates - 1 degrees of freedom; null for fewer than two. */
  readonly interval: readonly [number, number] | null;
  /** Null where no site has both classes, or the fit to a shuffled outcome did not settle. */
  readonly aucs: readonly (number | null)[];
}

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
    const model = settled(() => fitModel(task, permuted(development, random)).logistic);
    if (model === null) return null;
    const perSite = external.flatMap((cohort) => {
      const shuffled = permuted(complete(cohort, onnxFeatures(model)), random);
      const { auc } = aucSums(predictLogistic(model, shuffled.features), shuffled.outcome);
      return auc === null ? [] : [auc];
    });
    return perSite.length === 0 ? null : mean(Float64Array.from(perSite));
  });
  const known = Float64Array.from(aucs.filter((value) => value !== null));
  const record: LeakAuditRecord = {
    format: 'concord.leak-audit/1',
    replicates: known.length,
    seeds,
    meanAuc: known.length === 0 ? null : mean(known),
    interval: known.length < 2 ? null : interval(known),
    aucs,
  };
  return { leakAudit: jsonBytes(record) };
}

function interval(values: Float64Array): [number, number] {
  const centre = mean(values);
  const half = tQuantile(0.975, values.length - 1) * Math.sqrt(variance(values) / values.length);
  return [centre - half, centre + half];
}

/** One shuffled outcome in many may be one on which the fit does not settle: that replicate is left out, and counted. */
function settled(fit: () => LogisticModel): LogisticModel | null {
  try {
    return fit();
  } catch (error) {
    if (error instanceof ModelConvergenceError) return null;
    throw error;
  }
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
