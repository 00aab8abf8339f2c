import { type Command, InvalidArgumentError, Option } from 'commander';
import type { CombatOptions, HarmonizationInput } from '@concord/harmonization';
import { collectList } from '../lib/command.js';
import { UsageError } from '../lib/errors.js';
import type { RoleOptions } from './column-roles.js';

const METHODS = ['combat', 'gam', 'covbat', 'longitudinal', 'several'] as const;
const TRANSFORMS = ['none', 'log', 'yeo-johnson', 'rank'] as const;

/** Everything that can be typed after `harmonize` and its subcommands; absent unless typed. */
export interface HarmonizeOptions extends Omit<RoleOptions, 'batch' | 'others'> {
  readonly batch?: readonly string[];
  readonly featuresFile?: string;
  readonly method?: (typeof METHODS)[number];
  readonly eb?: CombatOptions['eb'];
  readonly stop?: CombatOptions['stop'];
  readonly meanOnly?: boolean;
  readonly reference?: string;
  readonly variance?: number;
  readonly transform?: (typeof TRANSFORMS)[number];
  readonly fitRows?: string;
  readonly allowOutcomeCovariate?: boolean;
  readonly newSites?: boolean;
  readonly stream?: boolean;
  readonly minimum?: number;
  readonly ledger?: string;
  readonly pooled?: string;
  readonly out?: string;
  readonly model?: string;
  readonly report?: string;
  readonly force?: boolean;
}

const FIT: readonly (keyof HarmonizeOptions)[] = [
  ...(['batch', 'covariates', 'categorical', 'smooth', 'basis', 'df', 'outcome', 'subject', 'id'] as const),
  ...(['features', 'featuresFile', 'method', 'eb', 'stop', 'meanOnly', 'reference', 'variance', 'transform'] as const),
  ...(['fitRows', 'allowOutcomeCovariate', 'model', 'force'] as const),
];

/** Which options each form of the command takes; any other one would be ignored, so it is refused. */
const TAKEN = {
  harmonize: [...FIT, 'newSites', 'stream', 'out', 'report'],
  fit: FIT,
  apply: ['batch', 'subject', 'newSites', 'out', 'model', 'report', 'force'],
  sums: [
    ...(['batch', 'covariates', 'categorical', 'outcome', 'id', 'features', 'featuresFile'] as const),
    ...(['allowOutcomeCovariate', 'minimum', 'ledger', 'out', 'force'] as const),
  ],
  combine: ['reference', 'out', 'force'],
  finish: ['batch', 'pooled', 'eb', 'stop', 'meanOnly', 'out', 'model', 'report', 'force'],
} as const satisfies Record<string, readonly (keyof HarmonizeOptions)[]>;

export type Form = keyof typeof TAKEN;

/** `concord harmonize`, or with its subcommand. */
export const formName = (form: Form): string =>
  form === 'harmonize' ? 'concord harmonize' : `concord harmonize ${form}`;

/** Options stand on the command itself, so that its subcommands share them. */
export function addOptions(command: Command): void {
  command
    .option('--batch <columns>', 'scanner, protocol or site: what is adjusted for', collectList)
    .option('--covariates <columns>', 'effects to preserve', collectList)
    .option('--categorical <columns>', 'covariates coded by level though numeric', collectList)
    .option('--smooth <columns>', 'covariates with a spline (method gam)', collectList)
    .addOption(new Option('--basis <kind>', 'natural or B-spline; ns unless told').choices(['ns', 'bs']))
    .option('--df <columns>', 'of the spline; 4 (ns) or 9 (bs) unless told', wholeNumber)
    .option('--outcome <columns>', 'never a covariate, never a feature', collectList)
    .option('--id <columns>', 'identifiers; no two rows may share them', collectList)
    .option('--features <patterns>', 'feature columns, * and ? allowed', collectList)
    .option('--features-file <file>', 'feature columns, one pattern a line')
    .addOption(new Option('--method <method>', 'combat unless told').choices(METHODS))
    .option('--subject <column>', 'whom a visit belongs to (method longitudinal)')
    .addOption(new Option('--eb <kind>', 'empirical Bayes').choices(['parametric', 'nonparametric', 'none']))
    .addOption(new Option('--stop <rule>', 'of its iteration; legacy as sva').choices(['exact', 'legacy']))
    .option('--mean-only', 'adjust locations, not scales')
    .option('--reference <batch>', 'bring the others to this batch')
    .option('--variance <share>', 'of the components adjusted (method covbat); 0.95 unless told', shareNumber)
    .addOption(new Option('--transform <kind>', 'features are harmonized on this scale').choices(TRANSFORMS))
    .option('--fit-rows <column=values>', 'fit on these rows, apply to all')
    .option('--new-sites', 'harmonize batches that were not in the fit as new sites')
    .option('--stream', 'Arrow: hold one block of columns at a time, as for files above 1 GiB')
    .option('--allow-outcome-covariate', 'preserve an outcome; marks the result')
    .option(
      '--minimum <patients>',
      'sums: fewest patients in a cell; 5 unless told, 11 is the stricter rule',
      wholeNumber,
    )
    .option('--ledger <file>', 'sums: what was released before; beside --out unless told')
    .option('--pooled <file>', 'finish: what combine wrote')
    .option('--out <file>', 'harmonized table: .csv, .csv.gz, .arrow, .parquet or -; or sums, or pooled')
    .option('--model <file>', 'model.json: written, or read by apply')
    .option('--report <folder>', 'report.html and report.json, before and after')
    .option('--force', 'replace existing output');
}

function wholeNumber(text: string): number {
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It must be a whole number of 1 or more.');
}

function shareNumber(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && value > 0 && value < 1) return value;
  throw new InvalidArgumentError('It must be a number between 0 and 1.');
}

/** @throws {UsageError} if the option was not given */
export function required<T>(value: T | undefined, option: string, form: Form): T {
  if (value !== undefined) return value;
  throw new UsageError(`${option} is missing`, formName(form), `See ${formName(form)} --help.`);
}

/**
 * Refuses options that this form of the command, or the method, would not look at.
 *
 * @throws {UsageError} naming the option
 */
export function checkOptions(options: HarmonizeOptions, form: Form): void {
  const taken = new Set<string>(TAKEN[form]);
  const stray = Object.keys(options).find((key) => !taken.has(key));
  if (stray !== undefined) throw stands(stray, `is no option of ${formName(form)}`, `See ${formName(form)} --help.`);
  const { method = 'combat', batch = [], smooth = [] } = options;
  if (form !== 'harmonize' && form !== 'fit') return;
  const onlyWith = (key: keyof HarmonizeOptions, isFit: boolean, need: string): void => {
    if (options[key] !== undefined && !isFit) throw stands(key, `needs ${need}`, `Add ${need}, or leave it out.`);
  };
  onlyWith('subject', method === 'longitudinal', '--method longitudinal');
  onlyWith('variance', method === 'covbat', '--method covbat');
  onlyWith('basis', smooth.length > 0, '--smooth');
  onlyWith('df', smooth.length > 0, '--smooth');
  if (method === 'gam' && smooth.length === 0) {
    throw new UsageError('--method gam needs a smooth covariate', '--method gam', 'Name it: --smooth age.');
  }
  if (method === 'longitudinal' && options.subject === undefined) {
    throw new UsageError(
      '--method longitudinal needs the subjects',
      '--method longitudinal',
      'Name their column: --subject patient.',
    );
  }
  if (batch.length > 1 !== (method === 'several') && batch.length > 0) {
    throw new UsageError(
      batch.length > 1
        ? `${batch.length} batch columns need --method several`
        : '--method several needs two batch columns or more',
      '--batch',
      batch.length > 1 ? 'Add --method several, or name one column.' : 'Write --batch manufacturer,kernel.',
    );
  }
  const unused: Partial<Record<typeof method, readonly (keyof HarmonizeOptions)[]>> = {
    several: ['reference'],
    longitudinal: ['reference', 'eb', 'meanOnly'],
  };
  const without = unused[method]?.find((key) => options[key] !== undefined);
  if (without !== undefined) throw stands(without, `is not possible with --method ${method}`, 'Leave it out.');
}

function stands(key: string, what: string, fix: string): UsageError {
  const option = `--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
  return new UsageError(`${option} ${what}`, option, fix);
}

/** The method and its options as the library takes them. `several` gets no kind of empirical Bayes unless asked. */
export function methodOf(
  options: HarmonizeOptions,
): Pick<HarmonizationInput, 'method' | 'transform' | 'options' | 'varianceShare'> {
  const { method = 'combat', transform = 'none', eb, stop, meanOnly, reference, variance } = options;
  return {
    method: method === 'gam' ? 'combat' : method,
    transform: transform === 'rank' ? 'rank-normal' : transform,
    options: {
      ...(eb && { eb }),
      ...(stop && { stop }),
      ...(meanOnly && { meanOnly }),
      ...(reference && { reference }),
    },
    ...(variance !== undefined && { varianceShare: variance }),
  };
}
