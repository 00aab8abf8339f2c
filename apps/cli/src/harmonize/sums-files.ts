import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import {
  type CombatModel,
  finishCombat,
  parsePooledFit,
  type PooledFit,
  poolSums,
  type ReleasedSet,
  releaseSums,
  sealModel,
  siteCodebook,
  SUMS_RULES,
  SumsRefusedError,
  sumsFromJson,
  sumsToJson,
  uniteSums,
} from '@concord/harmonization';
import { type FeatureTable, isIdName, textValues } from '@concord/tables';
import type { Cli } from '../lib/cli.js';
import { naming, UnsupportedFileError } from '../lib/errors.js';
import { assertOutputFree, writeOutput } from '../lib/files.js';
import type { ColumnRoles } from './column-roles.js';
import { type HarmonizeOptions, methodOf } from './options.js';
import { jsonIn } from './outputs.js';

const SUMS_FIX = 'Give files that concord harmonize sums wrote, unchanged.';
const LEDGER = 'concord.sums-ledger/1';

/**
 * Forms the sums of a site and writes them, if every disclosure rule allows it. The ledger, which stays at the site, is
 * written first, so that no release is ever without its entry.
 *
 * @throws {SumsRefusedError} by a rule, after telling each finding; nothing is written then
 */
export function writeSums(table: FeatureTable, roles: ColumnRoles, options: HarmonizeOptions, cli: Cli): void {
  const out = options.out!;
  assertOutputFree(out, options.force);
  const [{ name: batchColumn, labels: batch }] = roles.batches;
  const rows = { features: roles.features, batch, covariates: roles.covariates };
  const ledgerFile = options.ledger ?? join(out === '-' ? '.' : dirname(out), '.concord-ledger.json');
  const known = readLedger(ledgerFile);
  const rule = { ...SUMS_RULES.default, minimum: options.minimum ?? SUMS_RULES.default.minimum };
  const codebook = siteCodebook(rows);
  const outcomes = options.outcome ?? [];
  const allowOutcomeCovariate = options.allowOutcomeCovariate === true;
  try {
    const patients = pseudonyms(table, batch, options.id);
    const { sums, ledger } = releaseSums({
      codebook,
      rows,
      patients,
      rule,
      ledger: known,
      outcomes,
      allowOutcomeCovariate,
    });
    const outcomeCovariates = codebook.covariates.map(({ name }) => name).filter((name) => outcomes.includes(name));
    const json = sumsToJson({ sums, batchColumn, outcomeCovariates, minimum: rule.minimum });
    writeOutput(ledgerFile, `${JSON.stringify({ format: LEDGER, releases: merged(known, ledger) })}\n`, true);
    if (out === '-') cli.print(JSON.stringify(json));
    else writeOutput(out, `${JSON.stringify(json)}\n`, options.force);
  } catch (error) {
    if (error instanceof SumsRefusedError) {
      for (const { rule: name, cell, what, fix } of error.findings)
        cli.note(`refused by rule ${name} at ${cell}: ${what}. ${fix}`);
    }
    throw error;
  }
}

/** One digest a row: of its identifiers where there are any, else of the whole row. */
function pseudonyms(table: FeatureTable, batch: readonly (string | null)[], named: readonly string[] = []): string[] {
  const ids = named.length > 0 ? named : table.columns.map(({ name }) => name).filter(isIdName);
  const columns = (ids.length > 0 ? ids : table.columns.map(({ name }) => name)).map((name) => textValues(table, name));
  return batch.map((label, row) =>
    createHash('sha256')
      .update(JSON.stringify([label, ...columns.map((values) => values[row])]))
      .digest('hex')
      .slice(0, 32),
  );
}

function readLedger(file: string): ReleasedSet[] {
  if (!existsSync(file)) return [];
  const fix = 'Give the ledger of this site, or move a broken one away with the data protection officer.';
  const json = jsonIn(file, fix) as { format?: unknown; releases?: unknown };
  const isSet = (set: unknown): boolean => Array.isArray((set as { members?: unknown } | null)?.members);
  if (json.format !== LEDGER || !Array.isArray(json.releases) || !json.releases.every(isSet)) {
    throw new UnsupportedFileError('this is no ledger of sums', file, fix);
  }
  return json.releases as ReleasedSet[];
}

function merged(known: readonly ReleasedSet[], added: readonly ReleasedSet[]): ReleasedSet[] {
  const byMembers = new Map([...known, ...added].map((set) => [[...set.members].sort().join(), set]));
  return [...byMembers.values()];
}

/** The pooled fit as a file: with the column of batches, and outcomes among the covariates. */
export interface PooledFile {
  readonly pooled: PooledFit;
  readonly batchColumn: string | null;
  readonly outcomeCovariates: readonly string[];
}

/**
 * Combines the sums of sites and writes what all of them need.
 *
 * @throws {SumsRefusedError} for fewer than three sites
 * @throws {SumsFormatError} for a file that is not whole, naming it
 */
export function combineSums(files: readonly string[], options: HarmonizeOptions, cli: Cli): void {
  const out = options.out!;
  assertOutputFree(out, options.force);
  const sites = files.map((file) => naming(file, () => sumsFromJson(jsonIn(file, SUMS_FIX))));
  const pooled = poolSums(uniteSums(sites.map(({ sums }) => sums)), { reference: options.reference ?? null });
  const columns = new Set(sites.map(({ batchColumn }) => batchColumn));
  const about = {
    batchColumn: columns.size === 1 ? sites[0].batchColumn : null,
    outcomeCovariates: [...new Set(sites.flatMap(({ outcomeCovariates }) => outcomeCovariates))].sort(),
  };
  const text = `${JSON.stringify(sealModel({ ...pooled, ...about }))}\n`;
  if (out === '-') cli.print(text);
  else writeOutput(out, text, options.force);
  const summary = {
    sites: files.length,
    batches: pooled.batchCount,
    patients: pooled.count,
    features: pooled.grandMean.length,
  };
  cli.note(
    `${summary.sites} sites, ${summary.batches} batches, ${summary.patients} patients, ${summary.features} features`,
  );
  if (cli.isJson && out !== '-') cli.printJson({ ...summary, passedThrough: pooled.passedThrough, out });
}

/** @throws {CombatModelFormatError} if it is not what combine wrote, or was changed */
export function readPooled(file: string): PooledFile {
  const json = jsonIn(file, 'Give the file that concord harmonize combine wrote.') as Partial<PooledFile>;
  const pooled = naming(file, () => parsePooledFit(json));
  return { pooled, batchColumn: json.batchColumn ?? null, outcomeCovariates: json.outcomeCovariates ?? [] };
}

/** The model of a site's own batches from the pooled fit and its own patients. */
export function finishModel(file: PooledFile, roles: ColumnRoles, options: HarmonizeOptions): CombatModel {
  const { name, labels } = roles.batches[0];
  const { eb, stop, meanOnly } = methodOf(options).options ?? {};
  const asked = { ...(eb && { eb }), ...(stop && { stop }), ...(meanOnly && { meanOnly }) };
  const model = finishCombat(
    file.pooled,
    { features: roles.features, batch: labels, covariates: roles.covariates },
    asked,
  );
  const warnings = file.outcomeCovariates.map(
    (outcome) => `The outcome ${outcome} was preserved: performance measured on the result is biased.`,
  );
  return {
    ...model,
    batchColumn: name,
    outcomeCovariates: file.outcomeCovariates,
    transductive: true,
    warnings: [...model.warnings, ...warnings],
  };
}
