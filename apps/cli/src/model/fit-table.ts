import { join } from 'node:path';
import {
  chooseThreshold,
  crossFit,
  digestOf,
  fitModel,
  foldsFor,
  modelToOnnx,
  type FitData,
  type FitSettings,
  type PredictionModel,
} from '@concord/models';
import { seededRandom } from '@concord/numeric';
import { numberValues, selectRows, textValues, type FeatureTable } from '@concord/tables';
import { aucSums, concordance } from '@concord/validation';
import { columnRoles } from '../harmonize/column-roles.js';
import type { Cli } from '../lib/cli.js';
import { assertOutputFree, readInput, writeOutputs } from '../lib/files.js';
import { readTableFile } from '../lib/table-file.js';
import { causesOf, outcomeColumn, siteColumn } from '../validate/prediction-columns.js';
import { NoPatientsLeftError } from './errors.js';
import { checkFitOptions, settingsOf, type FitOptions } from './fit-options.js';
import { jsonText, type FitRecord } from './model-folder.js';
import { nomogramOf } from './nomogram.js';

/** Fits a model to a table and writes its folder. */
export async function fitTable(path: string, options: FitOptions, cli: Cli): Promise<void> {
  checkFitOptions(options);
  assertOutputFree(join(options.out, 'model.json'), options.force);
  const whole = await cli.timed('reading', () => readTableFile(path, cli));
  const { data, used, sites } = dataOf(whole, options);
  const incomplete = whole.rowCount - used;
  if (incomplete > 0)
    cli.warn(`${incomplete} of ${whole.rowCount} patients lack a value that is needed and are left out`);
  const settings = withRepeats(settingsOf(options), options, data, cli);
  const fitted = await cli.timed('fitting', () => fitModel(data, settings, seededRandom(options.seed)));
  const crossValidation = await cli.timed('cross-validation', () => validated(data, settings, options.folds));
  const { model } = fitted;
  const onnx = modelToOnnx(model, options.horizons);
  const json = jsonText(model);
  const record: FitRecord = {
    format: 'concord.fit/1',
    kind: options.kind,
    code: cli.version,
    seed: options.seed,
    settings: { ...settings, reliable: options.repeats === undefined ? undefined : { leastIcc: options.leastIcc } },
    tableDigest: path === '-' ? null : digestOf(readInput(path)),
    patients: { used, incomplete },
    developmentSites: sites,
    features: onnx.features,
    horizons: options.horizons,
    crossValidation,
    modelDigest: digestOf(json),
    onnxDigest: digestOf(onnx.bytes),
  };
  const nomogram = nomogramOf(model, data.features, options.horizons);
  const files = new Map<string, string | Uint8Array>([
    ['model.json', json],
    ['model.onnx', onnx.bytes],
    ['fit.json', jsonText(record)],
    ...(nomogram === null ? [] : ([['nomogram.json', jsonText(nomogram)]] as const)),
  ]);
  await cli.timed('writing', () => writeOutputs(options.out, files, options.force));
  if (cli.isJson) cli.printJson(record);
  else cli.print(inWords(record, model));
  cli.note(`model in ${options.out}`);
}

/** The patients that have everything, as the fit takes them. */
function dataOf(table: FeatureTable, options: FitOptions): { data: FitData; used: number; sites: string[] } {
  const { outcome, time, event, site, subject } = options;
  const others = [time, event, site, subject].filter((name) => name !== undefined);
  const roles = columnRoles(table, {
    batch: [],
    outcome: outcome === undefined ? [] : [outcome],
    others,
    ...(options.id && { id: options.id }),
    ...(options.features && { features: options.features }),
  });
  const outcomes = outcome === undefined ? null : outcomeColumn(table, outcome, options.positive);
  const times = time === undefined ? null : numberValues(table, time);
  const causes = event === undefined ? null : causesOf(table, event, undefined).causes;
  const needed = [...roles.features.map(({ values }) => values), outcomes, times, causes].filter(
    (list) => list !== null,
  );
  const rows = Array.from({ length: table.rowCount }, (_, row) => row).filter((row) =>
    needed.every((values) => Number.isFinite(values[row])),
  );
  if (rows.length < 4) {
    throw new NoPatientsLeftError(
      `${rows.length} of ${table.rowCount} patients have every feature and the outcome`,
      'the table',
      'Leave out features that are often missing (--features), or extract them again.',
    );
  }
  const at = (values: ArrayLike<number>) => Float64Array.from(rows, (row) => values[row]);
  const data: FitData = {
    features: roles.features.map(({ name, values }) => ({ name, values: at(values) })),
    ...(outcomes && { outcome: Uint8Array.from(at(outcomes)) }),
    // A competing event ends follow-up for the event of interest.
    ...(times &&
      causes && {
        survival: { times: at(times), events: Uint8Array.from(at(causes), (cause) => Number(cause === 1)) },
      }),
    ...(subject !== undefined && { patients: patientsOf(selectRows(table, rows), subject) }),
  };
  const sites = site === undefined ? [] : siteColumn(selectRows(table, rows), site);
  return { data, used: rows.length, sites: [...new Set(sites)].sort() };
}

function patientsOf(table: FeatureTable, subject: string): string[] {
  return textValues(table, subject).map((value) => value ?? '');
}

function withRepeats(settings: FitSettings, options: FitOptions, data: FitData, cli: Cli): FitSettings {
  if (options.repeats === undefined || options.subject === undefined) return settings;
  const table = readTableFile(options.repeats, cli);
  const features = data.features.map(({ name }) => ({ name, values: Float64Array.from(numberValues(table, name)) }));
  const measurements = { features, subjects: patientsOf(table, options.subject) };
  return { ...settings, reliable: { measurements, leastIcc: options.leastIcc } };
}

function validated(data: FitData, settings: FitSettings, folds: number): FitRecord['crossValidation'] {
  const { outcome, survival } = data;
  if (outcome === undefined && survival === undefined) return null;
  // Its own stream: the model does not depend on whether it was cross-validated.
  const random = seededRandom(`cross-validation ${settings.seed}`);
  const given = foldsFor(data, folds, random);
  const { scores, selected } = crossFit(data, settings, given, random);
  const selectedIn: Record<string, number> = {};
  for (const name of selected.flat()) selectedIn[name] = (selectedIn[name] ?? 0) + 1;
  return {
    folds: selected.length,
    auc: outcome === undefined ? null : aucSums(scores, outcome).auc,
    concordance: survival === undefined ? null : concordance(survival, scores).c,
    threshold: outcome === undefined ? null : chooseThreshold(scores, outcome, 'youden').value,
    selectedIn,
  };
}

function inWords({ kind, patients, features, crossValidation }: FitRecord, model: PredictionModel): string {
  const lines = [`${kind}: ${patients?.used ?? 0} patients, ${features.length} features (${model.format})`];
  if (crossValidation !== null) {
    const { auc, concordance: c, folds, threshold } = crossValidation;
    const value = auc === null ? `concordance ${c?.toFixed(3) ?? 'not estimable'}` : `AUC ${auc.toFixed(3)}`;
    lines.push(`${value} in ${folds} folds of development patients: no validation`);
    if (threshold !== null) lines.push(`threshold of Youden's index on held-out risks: ${threshold}`);
  }
  return lines.join('\n');
}
