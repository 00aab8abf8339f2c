import { applyCombat, type HarmonizedFeatures, positionsOf } from './apply-combat.js';
import { centreDesign } from './centred-design.js';
import { codingOf, type CovariateCoding, designColumns, extrapolations } from './coding.js';
import { batchIndexOf, checkColumns, type Covariate, type FeatureColumn, sortedLabels } from './columns.js';
import { type CombatModel, type CombatOptions, type PassedThrough } from './combat-model.js';
import { CombatInputError } from './errors.js';
import { type CombatInput, checkOutcomes, fitCombat } from './fit-combat.js';

/** A variable whose levels are batches: manufacturer, kernel, contrast. */
export interface BatchVariable {
  readonly name: string;
  readonly labels: readonly (string | null)[];
}

export interface SeveralRows {
  readonly features: readonly FeatureColumn[];
  readonly batches: readonly BatchVariable[];
  readonly covariates?: readonly Covariate[];
}

export interface SeveralInput extends SeveralRows, Pick<CombatInput, 'outcomes' | 'allowOutcomeCovariate'> {
  readonly options?: Partial<Omit<CombatOptions, 'reference' | 'divisor'>>;
  /** Cycles over the variables at most; 200 unless told. */
  readonly maxCycles?: number;
}

/** ComBat for several batch variables at once. Plain data without any patient's value. */
export interface SeveralModel {
  readonly format: 'concord.several/1';
  readonly variables: readonly {
    readonly name: string;
    readonly levels: readonly string[];
    readonly counts: readonly number[];
  }[];
  /** Combinations of levels, one level a variable, with their patients (0: possible, but not in the fit). */
  readonly cells: readonly { readonly labels: readonly string[]; readonly count: number }[];
  readonly features: readonly string[];
  readonly passedThrough: readonly PassedThrough[];
  readonly covariates: readonly CovariateCoding[];
  readonly designColumns: readonly string[];
  readonly outcomeCovariates: readonly string[];
  readonly options: Omit<CombatOptions, 'reference'>;
  /** All cycles as one line for each cell and feature: y* = scale y + shift + slopes · design columns. */
  readonly estimates: {
    readonly scale: readonly (readonly number[])[];
    readonly shift: readonly (readonly number[])[];
    /** Cell × design column × feature. */
    readonly slopes: readonly (readonly (readonly number[])[])[];
  };
  readonly cycles: number;
  /** Largest |gamma*| or |delta* − 1| of the last cycle; below 1e-3 it counts as converged. */
  readonly lastChange: number;
  readonly isConverged: boolean;
  readonly transductive: boolean;
  readonly warnings: readonly string[];
}

const CONVERGED = 1e-3;
const MAX_CELLS = 1000;

/**
 * Harmonises several batch variables by cycling ComBat over them until no batch of any variable is moved or stretched by
 * more than 1e-3 SD. Each step sees what the steps before it left. The variance of a batch has divisor n here: with
 * n − 1 each cycle shrinks small batches a little more and the cycle never ends. Without empirical Bayes unless told: cycles
 * undo the shrinking and only take longer.
 *
 * @throws {CovariateAliasedError} if a variable or covariate follows from the others
 * @throws {CombatInputError} if a name is given twice, there are fewer than two variables, or a variable has one level
 * @throws as {@link fitCombat}
 */
export function fitSeveral(input: SeveralInput): SeveralModel {
  const covariates = input.covariates ?? [];
  const outcomeCovariates = checkOutcomes(input, covariates);
  const coding = codingOf(covariates);
  const variables = checkVariables(input, coding);
  const labels = input.batches.map((variable) => variable.labels as readonly string[]);
  const counts = cellCounts(labels);
  const cells = cellsOf(variables, counts);
  const cycled = cycle(
    input,
    variables.map(({ levels }) => levels),
    cells,
  );
  const unconverged = `The cycle over ${variables.map(({ name }) => name).join(', ')} did not converge: ${cycled.cycles} times, last change ${cycled.lastChange.toPrecision(2)}.`;
  return {
    format: 'concord.several/1',
    variables,
    cells: cells.map((cell) => ({ labels: cell, count: counts.get(key(cell)) ?? 0 })),
    features: cycled.features,
    passedThrough: cycled.passedThrough,
    covariates: coding,
    designColumns: designColumns(coding, covariates).map(({ name }) => name),
    outcomeCovariates,
    options: cycled.options,
    estimates: cycled.lines,
    cycles: cycled.cycles,
    lastChange: cycled.lastChange,
    isConverged: cycled.lastChange < CONVERGED,
    transductive: false,
    warnings: [...smallLevels(variables), ...(cycled.lastChange < CONVERGED ? [] : [unconverged])],
  };
}

/**
 * Applies it to rows whose levels the model knows.
 *
 * @throws {UnknownBatchError} for a level, or a combination of levels, that the model does not know
 * @throws {ModelMismatchError} if a variable, feature or covariate is missing
 */
export function applySeveral(model: SeveralModel, rows: SeveralRows): HarmonizedFeatures {
  const covariates = rows.covariates ?? [];
  const labels = model.variables.map(({ name, levels }) => {
    const found = rows.batches.find((variable) => variable.name === name);
    if (found === undefined) {
      throw new CombatInputError(
        `batch variable ${name} is not given`,
        'the batch variables',
        'Give every variable that the model was fitted with.',
      );
    }
    checkColumns(rows.features, found.labels, covariates);
    batchIndexOf(levels, found.labels as readonly string[]);
    return found.labels as readonly string[];
  });
  const position = positionsOf(model, rows.features);
  const columns = designColumns(model.covariates, covariates);
  const cell = batchIndexOf(
    model.cells.map((known) => key(known.labels)),
    labels[0].map((_, row) => key(labels.map((own) => own[row]))),
  );
  const { scale, shift, slopes } = model.estimates;
  const features = rows.features.map(({ name, values }, f) => {
    const g = position[f];
    if (g < 0) return { name, values: values.slice() };
    const result = values.map((value, row) => {
      const c = cell[row];
      let sum = scale[c][g] * value + shift[c][g];
      columns.forEach((column, j) => (sum += slopes[c][j][g] * column.values[row]));
      return sum;
    });
    return { name, values: result };
  });
  return { features, warnings: extrapolations(model.covariates, covariates) };
}

const key = (labels: readonly string[]): string => labels.join(' × ');

function checkVariables(input: SeveralInput, coding: readonly CovariateCoding[]) {
  const names = input.batches.map(({ name }) => name);
  if (names.length < 2 || new Set(names).size < names.length) {
    throw new CombatInputError(
      names.length < 2 ? 'there are fewer than two batch variables' : 'a batch variable is given twice',
      'the batch variables',
      'Name two different variables or more; for one, use ComBat.',
    );
  }
  const variables = input.batches.map(({ name, labels }) => {
    checkColumns(input.features, labels, input.covariates ?? []);
    const levels = sortedLabels(labels as readonly string[]);
    if (levels.length < 2) {
      throw new CombatInputError(`${name} has one level only`, `batch variable ${name}`, 'Leave it out.');
    }
    return { name, levels, counts: levels.map((level) => labels.filter((label) => label === level).length) };
  });
  // Each variable beside the first as a covariate: refuses one that follows from others.
  const others: Covariate[] = input.batches
    .slice(1)
    .map(({ name, labels }) => ({ name, kind: 'categorical', values: labels }));
  const all = [...others, ...(input.covariates ?? [])];
  const columns = designColumns([...codingOf(others), ...coding], all);
  const [first] = input.batches;
  centreDesign(
    batchIndexOf(variables[0].levels, first.labels as readonly string[]),
    variables[0].levels.length,
    columns,
  );
  return variables;
}

function cellCounts(labels: readonly (readonly string[])[]): Map<string, number> {
  const counts = new Map<string, number>();
  labels[0].forEach((_, row) => {
    const cell = key(labels.map((own) => own[row]));
    counts.set(cell, (counts.get(cell) ?? 0) + 1);
  });
  return counts;
}

/** All combinations of levels, or those seen where they are too many. */
function cellsOf(variables: readonly { levels: readonly string[] }[], counts: ReadonlyMap<string, number>): string[][] {
  const all = variables.reduce<string[][]>(
    (cells, { levels }) => cells.flatMap((cell) => levels.map((level) => [...cell, level])),
    [[]],
  );
  return all.length <= MAX_CELLS ? all : all.filter((cell) => counts.has(key(cell)));
}

function smallLevels(variables: SeveralModel['variables']): string[] {
  return variables.flatMap(({ name, levels, counts }) =>
    levels
      .filter((_, i) => counts[i] < 20)
      .map((level) => `${name} ${level} has fewer than 20 patients: its estimates are uncertain.`),
  );
}

/** Repeats ComBat over the variables, keeping what all steps together do in each cell. */
function cycle(input: SeveralInput, levels: readonly (readonly string[])[], cells: readonly (readonly string[])[]) {
  const options = { eb: 'none' as const, ...input.options, reference: null, divisor: 'n' as const };
  const levelOf = cells.map((cell) => cell.map((label, v) => levels[v].indexOf(label)));
  const reasons = new Map<string, string>();
  const adjusted = new Set<string>();
  let lines: Lines | null = null;
  let features = input.features;
  let cycles = 0;
  let lastChange = Infinity;
  let used: CombatOptions | null = null;
  while (cycles < (input.maxCycles ?? 200) && !(lastChange < CONVERGED)) {
    lastChange = 0;
    for (const [v, { name, labels }] of input.batches.entries()) {
      const step = { features, batch: labels, covariates: input.covariates, options };
      const model = fitCombat(step);
      used = model.options;
      lines ??= identityLines(cells.length, model.designColumns.length, features.length);
      for (const { feature, reason } of model.passedThrough) reasons.set(feature, `${name}: ${reason}`);
      for (const feature of model.features) adjusted.add(feature);
      lastChange = Math.max(lastChange, changeOf(model));
      const index = new Map(input.features.map((feature, f) => [feature.name, f]));
      const places = model.features.map((feature) => index.get(feature)!);
      appendInPlace(
        lines,
        model,
        places,
        levelOf.map((own) => own[v]),
      );
      features = applyCombat(model, step).features;
    }
    cycles++;
  }
  const places = [...input.features.keys()].filter((f) => adjusted.has(input.features[f].name));
  const pick = (values: Float64Array): number[] => places.map((f) => values[f]);
  return {
    features: places.map((f) => input.features[f].name),
    passedThrough: input.features
      .filter(({ name }) => !adjusted.has(name))
      .map(({ name }) => ({ feature: name, reason: reasons.get(name)! })),
    options: used!,
    cycles,
    lastChange,
    lines: {
      scale: lines!.scale.map(pick),
      shift: lines!.shift.map(pick),
      slopes: lines!.slopes.map((columns) => columns.map(pick)),
    },
  };
}

interface Lines {
  readonly scale: Float64Array[];
  readonly shift: Float64Array[];
  readonly slopes: Float64Array[][];
}

function identityLines(cells: number, q: number, p: number): Lines {
  const table = (count: number, value: number) => Array.from({ length: count }, () => new Float64Array(p).fill(value));
  return {
    scale: table(cells, 1),
    shift: table(cells, 0),
    slopes: Array.from({ length: cells }, () => table(q, 0)),
  };
}

function changeOf({ estimates }: CombatModel): number {
  let largest = 0;
  estimates.gammaStar.forEach((row) => row.forEach((value) => (largest = Math.max(largest, Math.abs(value ?? 0)))));
  estimates.deltaStar.forEach((row) =>
    row.forEach((value) => (largest = Math.max(largest, Math.abs((value ?? 1) - 1)))),
  );
  return largest;
}

/** Follows the lines by one ComBat step: y' = c y + (1 − c) expected − c s. */
function appendInPlace(
  lines: Lines,
  model: CombatModel,
  places: readonly number[],
  levelOfCell: readonly number[],
): void {
  const { estimates, batches } = model;
  places.forEach((f, g) => {
    const sd = Math.sqrt(estimates.pooledVariance[g]);
    levelOfCell.forEach((i, cell) => {
      const gamma = estimates.gammaStar[i][g];
      const delta = estimates.deltaStar[i][g];
      if (gamma === null || delta === null) return;
      const c = 1 / Math.sqrt(delta);
      lines.scale[cell][f] *= c;
      lines.shift[cell][f] = c * lines.shift[cell][f] + (1 - c) * estimates.grandMean[g] - c * sd * gamma;
      lines.slopes[cell].forEach((slopes, j) => {
        slopes[f] = c * slopes[f] + (1 - c) * (estimates.coefficients[batches.length + j][g] ?? 0);
      });
    });
  });
}
