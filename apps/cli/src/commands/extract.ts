import type { FeatureTable } from '@concord/tables';
import { resolve } from 'node:path';
import { runBatch, type Batch } from '../extract/batch.js';
import { caseListFrom, caseNameOf, type CaseList } from '../extract/case-list.js';
import {
  featuresDocument,
  provenanceDocument,
  refusedCases,
  resultsOf,
  rowsOfResults,
  type RefusedCase,
} from '../extract/documents.js';
import type { CaseOutcome, CaseTask, ResultOf } from '../extract/extract-case.js';
import { longTable, wideTable, type Carried } from '../extract/layout.js';
import { phaseLayout, withPhases } from '../extract/phases.js';
import { pyradiomicsTable } from '../extract/pyradiomics-table.js';
import { addRegionOptions, regionOf, regionOptions, type RegionFlags } from '../extract/region-options.js';
import { runCases } from '../extract/run-cases.js';
import { presetNamed, readParameterFile, readSettingsFile } from '../extract/settings-file.js';
import type { Cli } from '../lib/cli.js';
import { addExamples, collectList, type Configure } from '../lib/command.js';
import { EXIT, ReportedError, UsageError } from '../lib/errors.js';
import { assertOutputFree, writeOutput } from '../lib/files.js';
import { assertTableOutput, readTableFile, writeTableFile } from '../lib/table-file.js';

interface ExtractOptions extends RegionFlags {
  readonly cases?: string;
  readonly jobs?: number;
  readonly resume?: boolean;
  readonly profile: string;
  readonly settings?: string;
  readonly preset?: string;
  readonly layout: string;
  readonly phases?: string[];
  readonly delta?: string[];
  readonly out?: string;
  readonly provenance?: string;
  readonly force?: boolean;
}

export const configure: Configure = (command, cli) => {
  addRegionOptions(command.argument('[image]', 'a NIfTI or NRRD file, or a folder of DICOM files of one series'))
    .option('--cases <file>', 'a table of cases: case, image, mask, and label, roi, rtstruct, seg, segment')
    .option('--jobs <n>', 'cases at once (default: one a processor)', parseJobs)
    .option('--resume', 'go on from a run of --cases that was stopped')
    .option('--profile <profile>', 'ibsi, or pyradiomics: its semantics, parameter files and column names', 'ibsi')
    .option('--settings <file>', 'extraction settings, or parameters of PyRadiomics; YAML or JSON')
    .option('--preset <name>', 'named settings, see concord settings list (default: ct-hcc)')
    .option('--layout <layout>', 'wide: a row a region; long: a row a value', 'wide')
    .option('--phases <list>', 'order of the phases in the column phase of the list', collectList)
    .option('--delta <list>', 'differences and ratios of phases: portal-arterial,portal/arterial', collectList)
    .option('--out <file>', '.csv, .csv.gz, .arrow, .parquet or .json (default: CSV on stdout)')
    .option('--provenance <file>', 'where the values come from, JSON: digests, grids, settings, warnings')
    .option('--force', 'replace an existing output')
    .action((image: string | undefined, options: ExtractOptions) => extract(image, options, cli));
  addExamples(
    command,
    'concord extract docs/examples/ball.nii.gz --mask docs/examples/ball-mask.nii.gz --label 1 --layout long',
    'concord extract --cases docs/examples/cases.csv --preset ct-hcc --out features.csv',
  );
};

function parseJobs(text: string): number {
  const jobs = Number(text);
  if (!Number.isInteger(jobs) || jobs < 1)
    throw new UsageError('--jobs must be a whole number from 1', '--jobs', 'Give --jobs 2.');
  return jobs;
}

async function extract(image: string | undefined, options: ExtractOptions, cli: Cli): Promise<void> {
  checkUsage(options);
  if (options.profile === 'pyradiomics') {
    const parameters = readParameterFile(options.settings);
    const task = { profile: 'pyradiomics', isTimed: cli.isTimed, parameters } as const;
    return extractBy(task, image, options, cli, pyradiomicsTable);
  }
  const settings = options.settings ? readSettingsFile(options.settings) : presetNamed(options.preset ?? 'ct-hcc');
  const layOut = options.layout === 'long' ? longTable : wideTable;
  return extractBy({ profile: 'ibsi', isTimed: cli.isTimed, settings }, image, options, cli, (results, carried) =>
    layOut(results, settings, carried),
  );
}

function checkUsage({ layout, profile, settings, preset, cases, resume, out, phases, delta }: ExtractOptions): void {
  const refuse = (what: string, where: string, fix: string): never => {
    throw new UsageError(what, where, fix);
  };
  if (layout !== 'wide' && layout !== 'long') {
    refuse(`there is no layout ${layout}`, '--layout', 'Choose wide or long.');
  }
  if (profile !== 'ibsi' && profile !== 'pyradiomics') {
    refuse(`there is no profile ${profile}`, '--profile', 'Choose ibsi or pyradiomics.');
  }
  if (settings && preset) {
    refuse('--settings and --preset exclude each other', 'concord extract', 'Give one of them.');
  }
  if (profile === 'pyradiomics' && (preset !== undefined || layout !== 'wide')) {
    const what = preset === undefined ? '--layout long' : '--preset';
    refuse(`${what} is for --profile ibsi`, 'concord extract', 'Leave it out, or give --settings.');
  }
  if (resume && (cases === undefined || out === undefined || out === '-')) {
    refuse('--resume is for a list of cases and a file', '--resume', 'Give --cases and --out FILE.');
  }
  if ((phases ?? delta) !== undefined && (cases === undefined || layout !== 'wide')) {
    refuse('phases are columns of a wide table of many cases', '--phases', 'Give --cases, without --layout long.');
  }
}

async function extractBy<T extends CaseTask>(
  task: T,
  image: string | undefined,
  options: ExtractOptions,
  cli: Cli,
  layOut: (results: readonly ResultOf<T>[], carried: Carried) => FeatureTable,
): Promise<void> {
  const { out, provenance, force } = options;
  if (out !== undefined && !isJsonFile(out)) assertTableOutput(out, cli);
  for (const file of [out, provenance]) if (file !== undefined) assertOutputFree(file, force);
  const list = caseListOf(image, options, cli);
  const arrange = phasesOf(list, options);
  const { outcomes, end } = await cli.timed('extracting', () => measure(list, task, options, cli));
  report(list, outcomes, cli);
  const refused = refusedCases(list.cases, outcomes);
  const results = resultsOf<ResultOf<T>>(outcomes);
  if (results.length === 0) throw nothingExtracted(refused);
  const document = () => featuresDocument(task, cli.version, list.cases, outcomes);
  const table = () => arrange(layOut(results, { columns: list.carried, rows: rowsOfResults(outcomes) }));
  await cli.timed('writing', () => {
    if (provenance !== undefined) {
      writeOutput(provenance, json(provenanceDocument(task, cli.version, list.cases, outcomes)), force);
    }
    if (out !== undefined && isJsonFile(out)) writeOutput(out, json(document()), force);
    else if (out !== undefined || !cli.isJson) writeTableFile(out ?? '-', table(), cli, force);
  });
  end();
  if (cli.isJson) cli.printJson(document());
  else if (out !== undefined && out !== '-') {
    cli.note(`${out}: ${results.length} region(s) of ${outcomes.length - refused.length} case(s)`);
  }
  if (refused.length > 0) cli.exitCode = EXIT.doneInPart;
}

async function measure<T extends CaseTask>(
  { cases }: CaseList,
  task: T,
  options: ExtractOptions,
  cli: Cli,
): Promise<Batch<T>> {
  if (options.cases !== undefined) return runBatch(cases, task, options, cli);
  return { outcomes: await runCases(cases, task, 1), end: () => undefined };
}

function isJsonFile(path: string): boolean {
  return /\.json$/i.test(path);
}

function json(document: unknown): string {
  return `${JSON.stringify(document, null, 2)}\n`;
}

/** With a column phase in the list, how a wide table becomes one of a row a case. */
function phasesOf({ carried }: CaseList, { layout, phases = [], delta = [] }: ExtractOptions) {
  const column = carried.find(({ name }) => name === 'phase');
  if (column === undefined && phases.length + delta.length > 0) {
    throw new UsageError('the list has no column phase', '--phases', 'Add a column phase to the list of cases.');
  }
  if (column === undefined || layout !== 'wide') return (table: FeatureTable) => table;
  const own = phaseLayout(column, phases, delta);
  const names = carried.map(({ name }) => name);
  return (table: FeatureTable) => withPhases(table, names, own);
}

function caseListOf(image: string | undefined, options: ExtractOptions, cli: Cli): CaseList {
  if (options.cases !== undefined) {
    if (image !== undefined)
      throw new UsageError('an image and --cases exclude each other', 'concord extract', 'Give one of them.');
    return caseListFrom(readTableFile(options.cases, cli), resolve(options.cases), regionOptions(options));
  }
  if (image === undefined) {
    throw new UsageError('there is no image', 'concord extract', 'Give IMAGE --mask MASK, or --cases cases.csv.');
  }
  const region = regionOf(options, 'concord extract');
  return { cases: [{ name: caseNameOf(image), image, region }], carried: [] };
}

/** Warnings of all cases and the reasons of those refused, in the order of the list whatever ended first. */
function report({ cases }: CaseList, outcomes: readonly CaseOutcome<unknown>[], cli: Cli): void {
  outcomes.forEach((outcome, n) => {
    const { name } = cases[n];
    if (outcome.status === 'ok') {
      for (const warning of outcome.provenance.warnings) cli.warn(`${name}: ${warning}`);
      for (const [phase, seconds] of Object.entries(outcome.seconds)) cli.addSeconds(phase, seconds);
    } else if (cases.length > 1) {
      const { code, what, where, fix } = outcome.error;
      cli.warn(`${name} refused: ${code}: ${what} (${where}) ${fix}`);
    }
  });
}

/** A single case fails as itself, several as a list whose reasons were printed on the way. */
function nothingExtracted(refused: readonly RefusedCase[]): ReportedError {
  if (refused.length === 1) return new ReportedError(refused[0]);
  return new ReportedError({
    code: refused.length === 0 ? 'NO_CASES' : 'ALL_CASES_REFUSED',
    what: refused.length === 0 ? 'the list holds no case' : `all ${refused.length} cases were refused`,
    where: '--cases',
    fix: refused.length === 0 ? 'Add a line for each case.' : 'See the reason of each above.',
  });
}
