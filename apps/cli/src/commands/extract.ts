import type { MaskPolicy } from '@concord/imaging';
import { settingsDigest, type ExtractionSettings } from '@concord/radiomics';
import type { FeatureTable } from '@concord/tables';
import { resolve } from 'node:path';
import {
  caseListFrom,
  caseNameOf,
  type CaseList,
  type RegionOptions,
  type RegionSource,
} from '../extract/case-list.js';
import type { CaseOutcome, CaseTask, ResultOf } from '../extract/extract-case.js';
import { longTable, wideTable, type Carried, type RegionResult } from '../extract/layout.js';
import { runCases } from '../extract/run-cases.js';
import { pyradiomicsTable, type PyradiomicsRegion } from '../extract/pyradiomics-table.js';
import { presetNamed, readParameterFile, readSettingsFile } from '../extract/settings-file.js';
import type { Cli } from '../lib/cli.js';
import { addExamples, type Configure } from '../lib/command.js';
import { EXIT, ReportedError, UsageError, type ErrorReport } from '../lib/errors.js';
import { assertOutputFree } from '../lib/files.js';
import { assertTableOutput, readTableFile, writeTableFile } from '../lib/table-file.js';

interface ExtractOptions {
  readonly mask?: string;
  readonly label?: string;
  readonly minLesionMm3?: number;
  readonly maskGrid?: MaskPolicy;
  readonly rtstruct?: string;
  readonly roi?: string;
  readonly seg?: string;
  readonly segment?: string;
  readonly cases?: string;
  readonly jobs: number;
  readonly profile: string;
  readonly settings?: string;
  readonly preset?: string;
  readonly layout: string;
  readonly out?: string;
  readonly force?: boolean;
}

export const configure: Configure = (command, cli) => {
  command
    .argument('[image]', 'a NIfTI or NRRD file, or a folder of DICOM files of one series')
    .option('--mask <mask>', 'the region: a NIfTI or NRRD file')
    .option('--label <label>', 'label of the mask: 1 | 1,2 | all | union | lesions | lesions:1')
    .option('--min-lesion-mm3 <volume>', 'of --label lesions, leave out smaller ones', parseVolume)
    .option('--mask-grid <policy>', 'a mask on another grid: reject | snap | resample (default: reject)', parsePolicy)
    .option('--rtstruct <file>', 'the region: a DICOM structure set')
    .option('--roi <name>', 'name of the region in the structure set')
    .option('--seg <file>', 'the region: a DICOM segmentation')
    .option('--segment <segment>', 'number or label of the segment')
    .option('--cases <file>', 'a table of cases: case, image, mask, and label, roi, rtstruct, seg, segment')
    .option('--jobs <n>', 'cases at once', parseJobs, 1)
    .option('--profile <profile>', 'ibsi, or pyradiomics: its semantics, parameter files and column names', 'ibsi')
    .option('--settings <file>', 'extraction settings, or parameters of PyRadiomics; YAML or JSON')
    .option('--preset <name>', 'named settings, see concord settings list (default: ct-hcc)')
    .option('--layout <layout>', 'wide: a row a region; long: a row a value', 'wide')
    .option('--out <file>', '.csv, .csv.gz or .arrow (default: CSV on stdout)')
    .option('--force', 'replace an existing output')
    .action((image: string | undefined, options: ExtractOptions) => extract(image, options, cli));
  addExamples(
    command,
    'concord extract docs/examples/ball.nii.gz --mask docs/examples/ball-mask.nii.gz --label 1 --layout long',
    'concord extract --cases docs/examples/cases.csv --preset ct-hcc --out features.csv',
    'concord extract --cases docs/examples/cases.csv --profile pyradiomics --out pyradiomics.csv',
  );
};

function parseJobs(text: string): number {
  const jobs = Number(text);
  if (!Number.isInteger(jobs) || jobs < 1)
    throw new UsageError('--jobs must be a whole number from 1', '--jobs', 'Give --jobs 2.');
  return jobs;
}

function parseVolume(text: string): number {
  const volume = Number(text);
  if (text.trim() !== '' && volume >= 0 && Number.isFinite(volume)) return volume;
  throw new UsageError('--min-lesion-mm3 must be a volume', '--min-lesion-mm3', 'Give mm³, such as 100.');
}

function parsePolicy(text: string): MaskPolicy {
  if (text === 'reject' || text === 'snap' || text === 'resample') return text;
  throw new UsageError(`there is no policy ${text}`, '--mask-grid', 'Choose reject, snap or resample.');
}

async function extract(image: string | undefined, options: ExtractOptions, cli: Cli): Promise<void> {
  if (options.layout !== 'wide' && options.layout !== 'long') {
    throw new UsageError(`there is no layout ${options.layout}`, '--layout', 'Choose wide or long.');
  }
  if (options.settings && options.preset) {
    throw new UsageError('--settings and --preset exclude each other', 'concord extract', 'Give one of them.');
  }
  if (options.profile === 'pyradiomics') {
    if (options.preset !== undefined || options.layout !== 'wide') {
      const what = options.preset === undefined ? '--layout long' : '--preset';
      throw new UsageError(`${what} is for --profile ibsi`, 'concord extract', 'Leave it out, or give --settings.');
    }
    const parameters = readParameterFile(options.settings);
    await extractBy({ profile: 'pyradiomics', isTimed: cli.isTimed, parameters }, image, options, cli, {
      tableOf: pyradiomicsTable,
      documentOf: pyradiomicsDocument,
    });
    return;
  }
  if (options.profile !== 'ibsi') {
    throw new UsageError(`there is no profile ${options.profile}`, '--profile', 'Choose ibsi or pyradiomics.');
  }
  const settings = options.settings ? readSettingsFile(options.settings) : presetNamed(options.preset ?? 'ct-hcc');
  await extractBy({ profile: 'ibsi', isTimed: cli.isTimed, settings }, image, options, cli, {
    tableOf: (results, carried) =>
      options.layout === 'long' ? longTable(results, settings) : wideTable(results, settings, carried),
    documentOf: (results) => ibsiDocument(results, settings),
  });
}

/** How a profile shows its results. */
interface Presentation<R> {
  readonly tableOf: (results: readonly R[], carried: Carried) => FeatureTable;
  readonly documentOf: (results: readonly R[]) => Record<string, unknown>;
}

async function extractBy<T extends CaseTask>(
  task: T,
  image: string | undefined,
  options: ExtractOptions,
  cli: Cli,
  { tableOf, documentOf }: Presentation<ResultOf<T>>,
): Promise<void> {
  const out = options.out;
  if (out !== undefined) {
    assertTableOutput(out, cli);
    assertOutputFree(out, options.force);
  }
  const list = caseListOf(image, options, cli);
  const outcomes = await cli.timed('extracting', () =>
    runCases(list.cases, task, options.jobs, (index, outcome) => reportCase(cli, list, index, outcome)),
  );
  for (const outcome of outcomes) {
    if (outcome.status !== 'ok') continue;
    for (const [phase, seconds] of Object.entries(outcome.seconds)) cli.addSeconds(phase, seconds);
  }
  const done = resultsOf(outcomes);
  const refused = outcomes.flatMap((outcome, n) =>
    outcome.status === 'refused' ? [{ case: list.cases[n].name, ...outcome.error }] : [],
  );
  if (done.results.length === 0) throw nothingExtracted(refused);
  const table = tableOf(done.results, { columns: list.carried, rows: done.rows });
  if (out !== undefined) await cli.timed('writing', () => writeTableFile(out, table, cli, options.force));
  if (cli.isJson) {
    cli.printJson({ format: 'concord.features/1', version: cli.version, ...documentOf(done.results), refused });
  } else if (out === undefined) writeTableFile('-', table, cli);
  else cli.note(`${out}: ${done.results.length} region(s) of ${outcomes.length - refused.length} case(s)`);
  if (refused.length > 0) cli.exitCode = EXIT.doneInPart;
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
  return { cases: [{ name: caseNameOf(image), image, region: regionOf(options) }], carried: [] };
}

function regionOf(options: ExtractOptions): RegionSource {
  const { mask, label, rtstruct, roi, seg, segment } = options;
  if ([mask, rtstruct, seg].filter((path) => path !== undefined).length !== 1) {
    throw new UsageError('a region is needed', 'concord extract', 'Give one of --mask, --rtstruct and --seg.');
  }
  if (mask !== undefined) return { kind: 'mask', path: mask, label: label ?? null, ...regionOptions(options) };
  if (rtstruct !== undefined) return { kind: 'rtstruct', path: rtstruct, roi: roi ?? null };
  return { kind: 'seg', path: seg ?? '', segment: segment ?? null, ...regionOptions(options) };
}

function regionOptions({ maskGrid, minLesionMm3 }: ExtractOptions): RegionOptions {
  return {
    ...(maskGrid === undefined ? {} : { grid: maskGrid }),
    ...(minLesionMm3 === undefined ? {} : { minLesionMm3 }),
  };
}

function reportCase(cli: Cli, list: CaseList, index: number, outcome: CaseOutcome<unknown>): void {
  const { name } = list.cases[index];
  if (list.cases.length > 1) {
    const state = `[${index + 1}/${list.cases.length}] ${name}`;
    if (outcome.status === 'ok') cli.note(`${state} done`);
    else cli.warn(`${state} refused: ${outcome.error.code}: ${outcome.error.what} (${outcome.error.where})`);
  }
  if (outcome.status === 'ok') for (const warning of outcome.warnings) cli.warn(`${name}: ${warning}`);
}

function resultsOf<R>(outcomes: readonly CaseOutcome<R>[]): { results: R[]; rows: number[] } {
  const results: R[] = [];
  const rows: number[] = [];
  outcomes.forEach((outcome, row) => {
    if (outcome.status !== 'ok') return;
    for (const result of outcome.results) {
      results.push(result);
      rows.push(row);
    }
  });
  return { results, rows };
}

type RefusedCase = ErrorReport & { readonly case: string };

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

function ibsiDocument(results: readonly RegionResult[], settings: ExtractionSettings): Record<string, unknown> {
  return {
    settingsDigest: settingsDigest(settings),
    regions: results.map(({ caseName, roi, vector }) => ({
      case: caseName,
      roi,
      values: vector.values,
      diagnostics: vector.diagnostics,
      warnings: vector.warnings,
    })),
  };
}

function pyradiomicsDocument(results: readonly PyradiomicsRegion[]): Record<string, unknown> {
  return {
    profile: 'pyradiomics',
    regions: results.map(({ caseName, roi, columns, warnings }) => ({ case: caseName, roi, columns, warnings })),
  };
}
