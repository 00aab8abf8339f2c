import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { evaluationItems, factsOf, verdictsOf, type ValidationReport } from '@concord/reports';
import type { FeatureTable } from '@concord/tables';
import type { Cli } from '../lib/cli.js';
import { addExamples, collectList, type Configure } from '../lib/command.js';
import { UnsupportedFileError } from '../lib/errors.js';
import { assertOutputFree, readInput, readInputText, writeOutputs } from '../lib/files.js';
import { readTableFile } from '../lib/table-file.js';
import { heldAgainstLock } from '../validate/lock-check.js';
import { siteColumn, thresholdsOf } from '../validate/prediction-columns.js';
import {
  decisionThresholdsOf,
  horizonsOf,
  kindOf,
  replicatesOf,
  type ValidateOptions,
} from '../validate/validation-options.js';
import { binaryRun, survivalRun } from '../validate/validation-runs.js';

const collect = (value: string, previous: readonly string[] = []): string[] => [...previous, value];

export const configure: Configure = (command, cli) => {
  command
    .description('Validate locked scores against what came of the patients, by site and pooled; nothing is fitted.')
    .argument('<predictions>', 'CSV or Arrow, a row for each patient; - is stdin')
    .option('--outcome <column>', 'a binary outcome, 1 for an event and 0 for none')
    .option('--positive <value>', 'the value of the outcome that is an event')
    .option('--score <columns>', 'scores or risks, higher means more risk; two or more are compared', collectList)
    .option('--threshold <column=value>', 'as locked: positive if score >= value', collectList)
    .option('--time <column>', 'follow-up of a survival outcome')
    .option('--event <column>', '0 end of follow-up, 1 the event, 2 and above a competing one')
    .option('--competing <column>', '1 for a competing event, beside --event of 0 and 1')
    .option('--time-unit <unit>', 'of follow-up and horizons', 'months')
    .option('--lp <column>', 'linear predictor, higher means more risk')
    .option('--risk <time=column>', 'risks by locked horizons: 12=COL,24=COL', collectList)
    .option('--cumhaz <column>', 'cumulative hazard of the model at the end of each follow-up')
    .option('--risk-group <column>', 'locked risk groups')
    .option('--site <column>', 'the institution of each patient')
    .option('--subgroup <columns>', 'scanner, sex, age group …: does it serve all alike?', collectList)
    .option('--decision <from:to:step>', 'thresholds of the decision curve, declared beforehand')
    .option('--bootstrap <samples>', 'of what has no closed interval; 0 for none', '1000')
    .option('--seed <seed>', 'of the bootstrap', '1')
    .option('--lock <file>', 'hold threshold, horizons, sites and files against this lock')
    .option('--model <file>', 'the model that predicted, to be held against the lock')
    .option('--harmonization <file>', 'its harmonisation model, to be held against the lock')
    .option('--deviation <part=reason>', 'record a departure from the lock instead of refusing it', collect)
    .option('--statements <file>', 'JSON {item: text}: what only authors can tell of TRIPOD+AI and PROBAST+AI')
    .requiredOption('--out <folder>', 'report.html, report.json and figures')
    .option('--force', 'replace existing output')
    .action((path: string, options: ValidateOptions) => validate(path, options, cli));
  addExamples(
    command,
    'npx concord validate docs/examples/predictions.csv --outcome mvi --score risk --site site --out validation',
    'npx concord validate docs/examples/predictions.csv --outcome mvi --score risk --threshold risk=0.3 --out mvi',
  );
};

async function validate(path: string, options: ValidateOptions, cli: Cli): Promise<void> {
  assertOutputFree(join(options.out, 'report.json'), options.force);
  const report = await buildReport(path, options, cli);
  const { reportFiles } = await import('../validate/validation-report.js');
  const files = await cli.timed('figures', () => reportFiles(report));
  writeOutputs(options.out, files, options.force);
  if (cli.isJson) {
    cli.print(files.get('report.json') ?? '');
    return;
  }
  for (const { score, cohort, words } of report.verdicts) {
    if (cohort === 'all patients') cli.print(`${score}: ${words}`);
    else cli.note(`${score}, ${cohort}: ${words}`);
  }
  cli.note(`report in ${options.out}`);
}

async function buildReport(path: string, options: ValidateOptions, cli: Cli): Promise<ValidationReport> {
  const kind = kindOf(options);
  const given = thresholdsOf(options.threshold ?? [], options.score ?? []);
  const horizons = horizonsOf(options.risk ?? []);
  const decisionThresholds = decisionThresholdsOf(options.decision);
  const replicates = replicatesOf(options.bootstrap);
  const statements = statementsOf(options.statements);
  const table = await cli.timed('reading', () => readTableFile(path, cli));
  const sites = options.site === undefined ? undefined : siteColumn(table, options.site);
  const held = heldAgainstLock(options, {
    thresholds: given,
    horizons: horizons.map(({ time }) => time),
    decisionThresholds,
    sites: [...new Set(sites)],
  });
  const thresholds = withLocked(given, options.score ?? [], held.threshold);
  const settings = { sites, decisionThresholds, replicates, seed: options.seed };
  const { scores, comparisons } = await cli.timed('validation', () =>
    run(table, options, horizons, thresholds, settings),
  );
  const report = {
    format: 'concord.validation-report/1' as const,
    version: cli.version,
    outcome: kind === 'binary' ? (options.outcome ?? '') : (options.event ?? ''),
    timeUnit: kind === 'binary' ? null : options.timeUnit,
    verdicts: verdictsOf(scores),
    provenance: {
      inputDigest: path === '-' ? null : createHash('sha256').update(readInput(path)).digest('hex'),
      lock: held.lock,
      bootstrap: kind === 'binary' && replicates > 0 ? { seed: options.seed, replicates } : null,
    },
    deviations: held.deviations,
    scores,
    comparisons,
  };
  return { ...report, items: evaluationItems(factsOf(report), statements) };
}

function run(
  table: FeatureTable,
  options: ValidateOptions,
  horizons: readonly { readonly time: number; readonly column: string }[],
  thresholds: ReadonlyMap<string, number>,
  settings: Parameters<typeof binaryRun>[3],
) {
  const { outcome, score, time, event } = options;
  if (outcome !== undefined && score !== undefined) {
    return binaryRun(table, { ...options, outcome, score }, thresholds, settings);
  }
  return survivalRun(table, { ...options, time: time ?? '', event: event ?? '' }, horizons, settings);
}

/** The locked threshold for a score that was given none. */
function withLocked(given: ReadonlyMap<string, number>, scores: readonly string[], locked: number | null) {
  const rest = scores.filter((score) => !given.has(score));
  return new Map([...given, ...(locked === null ? [] : rest.map((score) => [score, locked] as const))]);
}

function statementsOf(path: string | undefined): Record<string, string> {
  if (path === undefined) return {};
  let found: unknown;
  try {
    found = JSON.parse(readInputText(path));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  const isText = typeof found === 'object' && found !== null && !Array.isArray(found);
  if (isText && Object.values(found as object).every((value) => typeof value === 'string')) {
    return found as Record<string, string>;
  }
  throw new UnsupportedFileError('it is not a JSON object of texts', path, 'Write {"tripod-ai.17": "approved by …"}.');
}
