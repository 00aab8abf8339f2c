import { InvalidArgumentError, type Command } from 'commander';
import { MODEL_KINDS, type FitSettings, type ModelKind } from '@concord/models';
import { collectList } from '../lib/command.js';
import { UsageError } from '../lib/errors.js';

/** What a person types; commander fills it. */
export interface FitOptions {
  readonly kind: ModelKind;
  readonly outcome?: string;
  readonly positive?: string;
  readonly time?: string;
  readonly event?: string;
  readonly features?: readonly string[];
  readonly id?: readonly string[];
  readonly site?: string;
  readonly horizons: readonly number[];
  readonly alpha?: number;
  readonly lambda?: 'min' | '1se';
  readonly ties?: 'efron' | 'breslow';
  readonly cost?: number;
  readonly trees?: number;
  readonly leafSize?: number;
  readonly clusters?: number;
  readonly mrmr?: number;
  readonly repeats?: string;
  readonly subject?: string;
  readonly leastIcc: number;
  readonly folds: number;
  readonly seed: number;
  readonly out: string;
  readonly force?: boolean;
}

export function addFitOptions(command: Command): void {
  command
    .argument('<table>', 'CSV or Arrow, a row for each patient; - is stdin')
    .requiredOption('--kind <kind>', MODEL_KINDS.join(', '), oneOf(MODEL_KINDS))
    .option('--outcome <column>', 'the outcome, 1 for an event and 0 for none')
    .option('--positive <value>', 'the value of the outcome that is an event')
    .option('--time <column>', 'follow-up, with --event')
    .option('--event <column>', '1 for the event, 0 for the end of follow-up')
    .option('--features <globs>', 'columns; default: numeric ones without another role', collectList)
    .option('--id <columns>', 'columns that name patients', collectList)
    .option('--site <column>', 'the institution of each patient, for the lock')
    .option('--horizons <times>', 'times that survival models give risks for', numberList, [])
    .option('--alpha <share>', 'elastic net: 1 is the lasso, 0 ridge; default 0.5', Number)
    .option('--lambda <rule>', 'elastic net: min or 1se; default min', oneOf(['min', '1se'] as const))
    .option('--ties <rule>', 'cox: efron or breslow; default efron', oneOf(['efron', 'breslow'] as const))
    .option('--cost <number>', 'svm; default: the best of 0.001 to 10', Number)
    .option('--trees <number>', 'forest; default 500', Number)
    .option('--leaf-size <number>', 'forest: patients in a leaf; default 5, for follow-up 15', Number)
    .option('--clusters <number>', 'k-means, ward, consensus; default 2', Number)
    .option('--mrmr <number>', 'keep so many features by relevance and redundancy')
    .option('--repeats <table>', 'repeated measurements: keep features that agree, patient by --subject')
    .option('--subject <column>', 'the patient, in both tables')
    .option('--least-icc <value>', 'that a feature must reach in --repeats', Number, 0.75)
    .option('--folds <number>', 'in which selection, tuning and fit are repeated', Number, 10)
    .option('--seed <number>', 'of folds, forests and clusters', Number, 1)
    .requiredOption('--out <folder>', 'model.json, model.onnx, fit.json, nomogram.json')
    .option('--force', 'replace existing output');
}

function oneOf<T extends string>(values: readonly T[]): (value: string) => T {
  return (value) => {
    const found = values.find((candidate) => candidate === value);
    if (found === undefined) throw new InvalidArgumentError(`It is one of ${values.join(', ')}.`);
    return found;
  };
}

/** Times, ascending. */
export function numberList(text: string, previous: readonly number[] = []): number[] {
  const numbers = collectList(text).map(Number);
  if (!numbers.every((value) => value > 0 && value < Infinity)) throw new InvalidArgumentError('Give times above 0.');
  return [...previous, ...numbers].sort((a, b) => a - b);
}

/** @throws {UsageError} for options that do not go together */
export function checkFitOptions(options: FitOptions): void {
  const { kind, outcome, time, event, horizons, repeats, subject } = options;
  const isSurvival = time !== undefined && event !== undefined;
  const isCluster = ['k-means', 'ward', 'consensus'].includes(kind);
  if ((time === undefined) !== (event === undefined)) throw usage('--time and --event belong together', '--time');
  if (isCluster ? outcome !== undefined || isSurvival : (outcome === undefined) === !isSurvival) {
    const fix = isCluster ? 'Clusters take no outcome.' : 'Give --outcome, or --time and --event.';
    throw usage(`kind ${kind} with this outcome`, '--kind', fix);
  }
  if (isSurvival && horizons.length === 0)
    throw usage('no horizon is named', '--horizons', 'For example --horizons 12,24.');
  if (repeats !== undefined && subject === undefined)
    throw usage('--repeats needs the patient', '--subject', 'Name the column.');
  const numbers = { mrmr: options.mrmr, trees: options.trees, clusters: options.clusters, seed: options.seed };
  for (const [name, value] of Object.entries(numbers)) {
    if (value !== undefined && !Number.isInteger(Number(value)))
      throw usage(`${value} is no whole number`, `--${name}`);
  }
}

/** The settings of the fit that come from options alone. */
export function settingsOf(options: FitOptions): FitSettings {
  const given = {
    alpha: options.alpha,
    lambdaRule: options.lambda,
    ties: options.ties,
    cost: options.cost,
    treeCount: options.trees,
    leafSize: options.leafSize,
    clusterCount: options.clusters,
    mrmr: options.mrmr === undefined ? undefined : Number(options.mrmr),
  };
  const set = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  return { kind: options.kind, horizons: options.horizons, foldCount: options.folds, seed: options.seed, ...set };
}

function usage(what: string, where: string, fix = 'See concord model fit --help.'): UsageError {
  return new UsageError(what, where, fix);
}
