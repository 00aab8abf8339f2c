import { type Codebook, type SiteRows, type SiteSums, siteSums } from './batch-sums.js';
import { designColumnNames, designColumns } from './coding.js';
import { type Covariate, sortedLabels } from './columns.js';
import { CombatInputError, type SumsFinding, SumsRefusedError } from './errors.js';
import { checkOutcomes } from './fit-combat.js';

/** What sums must keep to before they leave a site. */
export interface SumsRule {
  /** Fewest patients in a batch, in a level of a covariate inside it, and between two releases. */
  readonly minimum: number;
  /** Patients that a batch must have beyond the design columns. */
  readonly beyondColumns: number;
}

/** The default, and the stricter one that PCORnet sites use. A site may set its own, stricter or not. */
export const SUMS_RULES = {
  default: { minimum: 5, beyondColumns: 5 },
  strict: { minimum: 11, beyondColumns: 5 },
} as const satisfies Record<string, SumsRule>;

/** Patients that a release was formed of; kept at the site, in its ledger, and never sent. */
export interface ReleasedSet {
  readonly members: readonly string[];
}

export interface ReleaseInput {
  readonly codebook: Codebook;
  /** `fold` as well where sums are formed per fold. */
  readonly rows: SiteRows;
  /** A pseudonym for each row, the same in every release. */
  readonly patients: readonly string[];
  readonly rule: SumsRule;
  /** What was released before. */
  readonly ledger: readonly ReleasedSet[];
  /** As in `fitCombat`: an outcome is refused as a covariate. */
  readonly outcomes?: readonly string[];
  readonly allowOutcomeCovariate?: boolean;
}

/**
 * The sums of a site, checked for disclosure before anything is written, and what its ledger must keep.
 *
 * @throws {SumsRefusedError} with every finding
 * @throws {OutcomeAsCovariateError} if the codebook preserves an outcome and that is not allowed
 * @throws as {@link siteSums}
 */
export function releaseSums(input: ReleaseInput): { readonly sums: SiteSums; readonly ledger: readonly ReleasedSet[] } {
  checkOutcomes(input, input.codebook.covariates);
  const findings = sumsFindings(input);
  if (findings.length > 0) throw new SumsRefusedError(findings);
  return { sums: siteSums(input.codebook, input.rows), ledger: setsOf(input).map((members) => ({ members })) };
}

/**
 * Everything that keeps the sums of a site from leaving it; empty when they may. Rules: patients in a batch, in each level
 * of a categorical covariate inside it (0 or the minimum), patients beyond the design columns, no value that all but a few
 * share, missing values in none or enough patients, and no membership that differs by a few from an earlier release. They
 * hold for all patients, for each fold, and for the patients outside it.
 */
export function sumsFindings(input: ReleaseInput): SumsFinding[] {
  const { rows, patients, codebook } = input;
  const count = rows.batch.length;
  if (patients.length !== count || new Set(patients).size !== count) {
    throw new CombatInputError(
      'the patients of the ledger are not one a row, each once',
      'releaseSums(patients)',
      'Give every row the pseudonym of its patient.',
    );
  }
  const covariates = rows.covariates ?? [];
  designColumns(codebook.covariates, covariates);
  const labels = rows.batch as readonly string[];
  const all = [...labels.keys()];
  const folds = sortedLabels(rows.fold ?? []);
  const subsets = [
    { name: '', at: all },
    ...folds.flatMap((fold) => [
      { name: `, fold ${fold}`, at: all.filter((row) => rows.fold![row] === fold) },
      { name: `, without fold ${fold}`, at: all.filter((row) => rows.fold![row] !== fold) },
    ]),
  ];
  const findings = sortedLabels(labels).flatMap((batch) =>
    subsets.flatMap(({ name, at }) => {
      const own = at.filter((row) => labels[row] === batch);
      const isFold = name.startsWith(', fold ');
      return own.length === 0 && isFold ? [] : subsetFindings(input, `batch ${batch}${name}`, own, isFold);
    }),
  );
  return [...findings, ...differenceFindings(input)];
}

function subsetFindings(input: ReleaseInput, cell: string, rows: readonly number[], isFold: boolean): SumsFinding[] {
  const { rule, codebook } = input;
  const covariates = input.rows.covariates ?? [];
  const columns = designColumnNames(codebook.covariates).length;
  const findings: SumsFinding[] = [];
  if (rows.length < rule.minimum) {
    findings.push({
      rule: 'batchCount',
      cell,
      what: `there are fewer than ${rule.minimum} patients`,
      fix: isFold ? 'Use fewer folds, or add patients.' : 'Add patients, or merge it with a batch that is alike.',
    });
  }
  // A fold is never fitted on by itself, only taken away.
  if (!isFold && rows.length < columns + rule.beyondColumns) {
    findings.push({
      rule: 'patientsPerColumn',
      cell,
      what: `there are fewer than ${columns + rule.beyondColumns} patients for ${columns} covariate columns`,
      fix: 'Add patients, or leave covariates out of the protocol.',
    });
  }
  findings.push(...covariates.flatMap((covariate) => covariateFindings(covariate, cell, rows, rule.minimum)));
  const wanted = new Set(codebook.features);
  for (const { name, values } of input.rows.features) {
    if (wanted.has(name)) findings.push(...featureFindings(name, values, cell, rows, covariates, rule.minimum));
  }
  return findings;
}

const isFew = (count: number, minimum: number): boolean => count > 0 && count < minimum;

function covariateFindings(
  covariate: Covariate,
  cell: string,
  rows: readonly number[],
  minimum: number,
): SumsFinding[] {
  const { name } = covariate;
  if (covariate.kind === 'categorical') {
    return sortedLabels(covariate.values.map(String))
      .filter((level) => isFew(rows.filter((row) => String(covariate.values[row]) === level).length, minimum))
      .map((level) => ({
        rule: 'cellCount',
        cell: `${cell}, ${name}=${level}`,
        what: `fewer than ${minimum} patients have ${name} ${level}`,
        fix: `Merge levels of ${name}, leave ${name} out of the protocol, or leave these patients out.`,
      }));
  }
  const values = Float64Array.from(rows, (row) => covariate.values[row]);
  if (!isFew(besideCommonValue(values), minimum) && !isOneDominant(values)) return [];
  return [
    {
      rule: 'loneValue',
      cell: `${cell}, ${name}`,
      what: `fewer than ${minimum} patients make up nearly all that varies in ${name}`,
      fix: `Cut ${name} into levels or limit its range in the protocol, or leave it out.`,
    },
  ];
}

function featureFindings(
  name: string,
  values: Float64Array,
  cell: string,
  rows: readonly number[],
  covariates: readonly Covariate[],
  minimum: number,
): SumsFinding[] {
  const observed = rows.filter((row) => !Number.isNaN(values[row]));
  const own = Float64Array.from(observed, (row) => values[row]);
  const findings: SumsFinding[] = [];
  if (isFew(besideCommonValue(own), minimum)) {
    findings.push({
      rule: 'loneValue',
      cell: `${cell}, ${name}`,
      what: `all but fewer than ${minimum} patients have the same value of ${name}`,
      fix: `Leave ${name} out of the protocol.`,
    });
  }
  if (observed.length === rows.length) return findings;
  const missing = rows.filter((row) => Number.isNaN(values[row]));
  const parts = [observed, missing];
  const isCellFew = parts.some(
    (part) =>
      isFew(part.length, minimum) ||
      covariates.some((covariate) => covariateFindings(covariate, cell, part, minimum).length > 0),
  );
  if (isCellFew) {
    findings.push({
      rule: 'missingCount',
      cell: `${cell}, ${name}`,
      what: `${name} is missing, or is there, in fewer than ${minimum} patients or of a level of a covariate`,
      fix: `Measure ${name} again, leave it out of the protocol, or leave these patients out.`,
    });
  }
  return findings;
}

/** Values that are not the one which more than half have; 0 where there is no such value. (Boyer and Moore's vote.) */
function besideCommonValue(values: Float64Array): number {
  let candidate = NaN;
  let lead = 0;
  for (const value of values) {
    if (lead === 0) candidate = value;
    lead += value === candidate ? 1 : -1;
  }
  let count = 0;
  for (const value of values) if (value === candidate) count++;
  return 2 * count > values.length ? values.length - count : 0;
}

/** One patient alone with a value gives (n − 1) / n of the squares; near that, the sums are nearly his. */
function isOneDominant(values: Float64Array): boolean {
  const n = values.length;
  let mean = 0;
  for (const value of values) mean += value / n;
  let total = 0;
  let largest = 0;
  for (const value of values) {
    total += (value - mean) ** 2;
    largest = Math.max(largest, (value - mean) ** 2);
  }
  return n > 2 && largest > 0.9 * ((n - 1) / n) * total && total > 0;
}

/** Patients of every batch and of all together, in each part that sums are formed of. */
function setsOf({ rows, patients }: ReleaseInput): string[][] {
  const labels = rows.batch as readonly string[];
  const folds: (string | null)[] = [null, ...sortedLabels(rows.fold ?? [])];
  const batches: (string | null)[] = [null, ...sortedLabels(labels)];
  const sets = folds.flatMap((fold) =>
    batches.map((batch) =>
      patients.filter(
        (_, row) => (batch === null || labels[row] === batch) && (fold === null || rows.fold![row] !== fold),
      ),
    ),
  );
  return sets.filter((members) => members.length > 0);
}

function differenceFindings(input: ReleaseInput): SumsFinding[] {
  const { minimum } = input.rule;
  const earlier = input.ledger.map(({ members }) => new Set(members));
  const isNear = (members: readonly string[]): boolean =>
    earlier.some((known) => {
      const common = members.filter((member) => known.has(member)).length;
      return isFew(members.length + known.size - 2 * common, minimum);
    });
  if (!setsOf(input).some(isNear)) return [];
  return [
    {
      rule: 'difference',
      cell: 'all patients of the release',
      what: `the patients differ from those of an earlier release by fewer than ${minimum}`,
      fix: 'Release the same patients again, or wait until enough have been added or have left.',
    },
  ];
}
