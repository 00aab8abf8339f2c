import { join } from 'node:path';
import { buildNomogram, outcomeRuler, predictWith, type NamedColumn, type PredictionModel } from '@concord/models';
import type { Cli } from '../lib/cli.js';
import { readInputText } from '../lib/files.js';
import { parseJson, readModel, type NomogramFile } from './model-folder.js';
import { NotAModelError } from './errors.js';
import { existsSync } from 'node:fs';

/** More rulers than this are no help to anybody. */
const MOST_RULERS = 30;

/** The nomogram of a model that adds up; null for other kinds, and where nothing or too much was selected. */
export function nomogramOf(
  model: PredictionModel,
  columns: readonly NamedColumn[],
  horizons: readonly number[],
): NomogramFile | null {
  const isCox = model.format === 'concord.cox/1';
  if (!isCox && model.format !== 'concord.logistic/1' && model.format !== 'concord.logistic-fit/1') return null;
  const byName = new Map(columns.map(({ name, values }) => [name, values]));
  const predictors = model.features.flatMap((feature, j) => {
    const values = byName.get(feature);
    return model.coefficients[j] === 0 || !values ? [] : [{ feature, coefficient: model.coefficients[j], values }];
  });
  if (predictors.length === 0 || predictors.length > MOST_RULERS) return null;
  const intercept = isCox ? 0 : model.intercept;
  const nomogram = buildNomogram(predictors, intercept);
  // The risk as the model gives it at a linear predictor: a model of one feature that is the linear predictor itself.
  const riskAt = (lp: number, k: number) => {
    const alone = { features: ['lp'], coefficients: [1] };
    const plain: PredictionModel = isCox ? { ...model, ...alone } : { ...model, ...alone, intercept: 0 };
    return predictWith(plain, [{ name: 'lp', values: Float64Array.of(lp) }], horizons)[k].values[0];
  };
  const names = isCox ? horizons.map((time) => `risk by ${time}`) : ['risk'];
  const outcomes = names.map((name, k) => {
    const ruler = outcomeRuler(nomogram, (lp) => riskAt(lp, isCox ? k + 1 : 0));
    return { name, ...ruler };
  });
  return { nomogram, outcomes };
}

/** Prints the rulers of a model. */
export function printNomogram(folder: string, cli: Cli): void {
  const path = join(folder, 'nomogram.json');
  const { model } = readModel(folder);
  if (!existsSync(path)) {
    throw new NotAModelError(
      `a model of the kind ${model.format} has no nomogram here`,
      folder,
      'Nomograms are for logistic and Cox models, of 1 to 30 selected features.',
    );
  }
  const file = parseJson(readInputText(path), path) as NomogramFile; // written by Concord beside the model
  if (cli.isJson) cli.printJson(file);
  else cli.print(inWords(file));
}

function inWords({ nomogram, outcomes }: NomogramFile): string {
  const short = (value: number) => String(Number(value.toPrecision(6)));
  const ruler = (values: readonly number[], points: readonly number[]) =>
    values.map((value, i) => `  ${short(value).padStart(12)}  ${points[i].toFixed(1).padStart(6)} points`);
  return [
    ...nomogram.axes.flatMap(({ feature, values, points }) => [feature, ...ruler(values, points)]),
    ...outcomes.flatMap(({ name, values, points }) => [`${name}, by total points`, ...ruler(values, points)]),
  ].join('\n');
}
