import type { HarmonizationModel, MethodModel } from '@concord/harmonization';
import type { ModelColumns } from './column-roles.js';

/** The model of the method, out of its transform. */
export function methodModel(model: HarmonizationModel): MethodModel {
  return model.format === 'concord.transformed/1' ? model.model : model;
}

/** The same model with the mark of having been applied to the rows that it was fitted on. */
export function markTransductive(model: HarmonizationModel, transductive: boolean): HarmonizationModel {
  if (model.format === 'concord.transformed/1') return { ...model, model: { ...model.model, transductive } };
  return { ...model, transductive };
}

/** `ComBat`, with what makes it another method of the family. */
export function methodName(model: HarmonizationModel): string {
  const inner = methodModel(model);
  const isSmooth = inner.covariates.some(({ kind }) => kind === 'smooth');
  const names = {
    'concord.combat/2': isSmooth ? 'ComBat-GAM' : 'ComBat',
    'concord.covbat/1': 'CovBat',
    'concord.longitudinal/1': 'longitudinal ComBat',
    'concord.several/1': 'ComBat cycled over several batch variables',
  };
  const scale = model.format === 'concord.transformed/1' ? ` on the ${model.transform} scale` : '';
  return names[inner.format] + scale;
}

/** Columns that the model needs of a table, by the names that it was fitted with. */
export function columnsOf(
  model: HarmonizationModel,
  given: { batch?: readonly string[]; subject?: string },
): ModelColumns {
  const inner = methodModel(model);
  const known = inner.format === 'concord.several/1' ? inner.variables.map(({ name }) => name) : [inner.batchColumn];
  return {
    batches: given.batch ?? known.filter((name) => name !== null),
    subject: inner.format === 'concord.longitudinal/1' ? (given.subject ?? inner.subjectColumn) : null,
    features: [...inner.features, ...inner.passedThrough.map(({ feature }) => feature)],
    covariates: inner.covariates,
  };
}

/** Batches with their patients, of one variable or of each of several. */
export function batchCounts(model: HarmonizationModel): { variable: string | null; batch: string; count: number }[] {
  const inner = methodModel(model);
  if (inner.format === 'concord.several/1') {
    return inner.variables.flatMap(({ name, levels, counts }) =>
      levels.map((batch, i) => ({ variable: name, batch, count: counts[i] })),
    );
  }
  return inner.batches.map((batch, i) => ({ variable: inner.batchColumn, batch, count: inner.batchCounts[i] }));
}
