import { createKernels } from '@concord/kernels';
import { compileExtraction, parseChain, type ExtractionSettings } from '@concord/radiomics';
import { tableToCsv, type FeatureTable } from '@concord/tables';
import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import { caseListFrom, type CaseList } from '../extract/case-list.js';
import { rowsOf, wideTable } from '../extract/layout.js';
import { presetNamed, readSettingsFile, settingsYaml } from '../extract/settings-file.js';
import type { Cli } from '../lib/cli.js';
import { addExamples, collectList, type Configure } from '../lib/command.js';
import { EXIT, ReportedError, UsageError, type ErrorReport } from '../lib/errors.js';
import { assertOutputFree, writeOutputs } from '../lib/files.js';
import { readTableFile } from '../lib/table-file.js';
import {
  regionOf,
  stabilityOf,
  stabilityTable,
  stableSettings,
  type FeatureStability,
} from '../robustness/stability.js';
import { versionsOf, type RobustnessPlan, type Version } from '../robustness/versions.js';

interface RobustnessOptions {
  readonly cases: string;
  readonly settings?: string;
  readonly preset?: string;
  readonly chain: readonly string[];
  readonly replicates: number;
  readonly seed: number;
  readonly threshold: number;
  readonly out: string;
  readonly force?: boolean;
}

const FILES = ['versions.csv', 'icc.csv', 'stable-features.txt', 'stable-settings.yaml', 'robustness.json'] as const;
const LEAST_REGIONS = 3;

export const configure: Configure = (command, cli) => {
  command
    .description('Measure which features keep their values when image and region are perturbed.')
    .requiredOption('--cases <file>', 'a table of cases, as for concord extract; at least 3 regions')
    .option('--settings <file>', 'extraction settings, YAML or JSON')
    .option('--preset <name>', 'named settings, see concord settings list (default: ct-hcc)')
    .option('--chain <steps>', 'letters R T N V C, or rotate:-10..10,shift,noise,volume:0.1,contour', collectList)
    .option('--replicates <n>', 'perturbed versions of each region', whole('--replicates', 2), 10)
    .option('--seed <n>', 'draws amounts, noise and outlines', whole('--seed', 0), 1)
    .option('--threshold <icc>', 'stable is what the lower end of the interval puts at least here', share, 0.75)
    .requiredOption('--out <folder>', FILES.join(', '))
    .option('--force', 'replace existing output')
    .action((options: RobustnessOptions) => robustness({ ...options, chain: options.chain ?? ['RCV'] }, cli));
  addExamples(
    command,
    'concord robustness --cases docs/examples/regions.csv --chain RCV --replicates 5 --out robustness',
    'concord robustness --cases docs/examples/regions.csv --chain rotate:-5..5,noise:1 --replicates 3 --out noise',
  );
};

function whole(option: string, least: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() !== '' && Number.isSafeInteger(value) && value >= least) return value;
    throw new UsageError(`${option} must be a whole number from ${least}`, option, `Give ${option} ${least + 1}.`);
  };
}

function share(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && value >= 0 && value <= 1) return value;
  throw new UsageError('--threshold must lie from 0 to 1', '--threshold', 'Give --threshold 0.75.');
}

async function robustness(options: RobustnessOptions, cli: Cli): Promise<void> {
  if (options.settings !== undefined && options.preset !== undefined) {
    throw new UsageError('--settings and --preset exclude each other', 'concord robustness', 'Give one of them.');
  }
  const { out, force } = options;
  for (const file of FILES) assertOutputFree(join(out, file), force);
  const settings = options.settings ? readSettingsFile(options.settings) : presetNamed(options.preset ?? 'ct-hcc');
  const { replicates, seed } = options;
  const plan = { extraction: compileExtraction(settings), chain: parseChain(options.chain), replicates, seed };
  const list = caseListFrom(readTableFile(options.cases, cli), resolve(options.cases));
  const measured = await cli.timed('measuring', () => measureCases(list, plan, cli));
  const regions = new Set(measured.versions.map(regionOf)).size;
  if (regions < LEAST_REGIONS) throw tooFewRegions(regions, measured.refused);
  const features = stabilityOf(measured.versions, settings, options.threshold);
  const stableCount = features.filter(({ isStable }) => isStable).length;
  const summary = {
    format: 'concord.robustness/1',
    version: cli.version,
    settingsDigest: plan.extraction.digest,
    chain: plan.chain,
    ...{ replicates, seed, threshold: options.threshold, regions, features: features.length, stable: stableCount },
    warnings: measured.warnings,
    refused: measured.refused,
  };
  writeOutputs(out, outputsOf(measured, list, settings, features, summary), force);
  if (cli.isJson) cli.printJson({ ...summary, icc: features });
  else cli.note(`${out}: ${stableCount} of ${features.length} features are stable over ${regions} regions`);
  if (measured.refused.length > 0) cli.exitCode = EXIT.doneInPart;
}

interface Measured {
  readonly versions: Version[];
  /** For each version the row of the list. */
  readonly rows: number[];
  readonly warnings: string[];
  readonly refused: (ErrorReport & { readonly case: string })[];
}

function measureCases(list: CaseList, plan: RobustnessPlan, cli: Cli): Measured {
  const kernels = createKernels({ threads: availableParallelism() });
  const measured: Measured = { versions: [], rows: [], warnings: [], refused: [] };
  try {
    list.cases.forEach((spec, row) => {
      const outcome = versionsOf(spec, plan, kernels);
      const state = `[${row + 1}/${list.cases.length}] ${spec.name}`;
      if (outcome.status === 'refused') {
        measured.refused.push({ case: spec.name, ...outcome.error });
        cli.warn(`${state} refused: ${outcome.error.code}: ${outcome.error.what} (${outcome.error.where})`);
        return;
      }
      cli.note(`${state} done`);
      for (const version of outcome.versions) {
        measured.versions.push(version);
        measured.rows.push(row);
      }
      for (const warning of outcome.warnings) {
        measured.warnings.push(`${spec.name}: ${warning}`);
        cli.warn(`${spec.name}: ${warning}`);
      }
    });
  } finally {
    kernels.close();
  }
  return measured;
}

function outputsOf(
  { versions, rows }: Measured,
  list: CaseList,
  settings: ExtractionSettings,
  features: readonly FeatureStability[],
  summary: object,
): Map<string, string> {
  const stable = features.filter(({ isStable }) => isStable).map(({ feature }) => feature);
  const reduced = stableSettings(settings, features);
  const files: Record<(typeof FILES)[number], string | null> = {
    'versions.csv': tableToCsv(versionsTable(versions, rows, list, settings)),
    'icc.csv': tableToCsv(stabilityTable(features)),
    'stable-features.txt': ['# features that are stable, see robustness.json', ...stable, ''].join('\n'),
    'stable-settings.yaml': reduced === null ? null : settingsYaml(reduced),
    'robustness.json': `${JSON.stringify(summary, null, 2)}\n`,
  };
  return new Map(Object.entries(files).flatMap(([name, text]) => (text === null ? [] : [[name, text]])));
}

function versionsTable(
  versions: readonly Version[],
  rows: readonly number[],
  list: CaseList,
  settings: ExtractionSettings,
): FeatureTable {
  const replicates = Float64Array.from(versions, ({ replicate }) => replicate);
  return wideTable(versions, settings, {
    columns: [
      { kind: 'number', name: 'replicate', values: replicates },
      ...list.carried.map((column) => rowsOf(column, rows)),
    ],
    rows: versions.map((_, row) => row),
  });
}

function tooFewRegions(count: number, refused: Measured['refused']): ReportedError {
  if (refused.length === 1 && count === 0) return new ReportedError(refused[0]);
  return new ReportedError({
    code: 'TOO_FEW_REGIONS',
    what: `${count} region(s) could be measured; an intraclass correlation needs at least ${LEAST_REGIONS}`,
    where: '--cases',
    fix: refused.length > 0 ? 'See above why cases were refused.' : 'Add cases.',
  });
}
