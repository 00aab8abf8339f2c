import { UsageError } from '../lib/errors.js';

/** What a person types; commander fills it. */
export interface ValidateOptions {
  readonly outcome?: string;
  readonly positive?: string;
  readonly score?: readonly string[];
  readonly threshold?: readonly string[];
  readonly time?: string;
  readonly event?: string;
  readonly timeUnit: string;
  readonly lp?: string;
  readonly risk?: readonly string[];
  readonly cumhaz?: string;
  readonly riskGroup?: string;
  readonly competing?: string;
  readonly site?: string;
  readonly subgroup?: readonly string[];
  readonly decision?: string;
  readonly bootstrap: string;
  readonly seed: string;
  readonly lock?: string;
  readonly model?: string;
  readonly harmonization?: string;
  readonly deviation?: readonly string[];
  readonly statements?: string;
  readonly out: string;
  readonly force?: boolean;
}

/** Binary scores are asked for by `--outcome` and `--score`, survival by `--time` and `--event`. */
export function kindOf(options: ValidateOptions): 'binary' | 'survival' {
  const { outcome, score, time, event, lp, risk = [] } = options;
  const isBinary = outcome !== undefined || score !== undefined;
  const isSurvival = time !== undefined || event !== undefined || lp !== undefined;
  if (isBinary === isSurvival) {
    const fix = 'Give --outcome and --score, or --time, --event and --lp.';
    throw new UsageError(isBinary ? 'both kinds of outcome are named' : 'no outcome is named', 'validate', fix);
  }
  if (isBinary && (outcome === undefined || score === undefined)) {
    throw new UsageError('--outcome and --score belong together', 'validate', 'Give both.');
  }
  if (isSurvival && (time === undefined || event === undefined || (lp === undefined && risk.length === 0))) {
    const fix = 'Give --time and --event, and --lp, or --risk with the horizons.';
    throw new UsageError('a survival model needs time, event and a linear predictor or risks', 'validate', fix);
  }
  return isBinary ? 'binary' : 'survival';
}

/** `12=risk_12` pairs, ascending by time. @throws {UsageError} for another shape */
export function horizonsOf(given: readonly string[]): { time: number; column: string }[] {
  const horizons = given.map((text) => {
    const cut = text.indexOf('=');
    const [time, column] = [Number(text.slice(0, cut)), text.slice(cut + 1)];
    if (cut < 1 || !(time > 0 && time < Infinity) || column === '') {
      throw new UsageError(`${text} is not TIME=COLUMN`, '--risk', 'Write it like --risk 12=risk_12,24=risk_24.');
    }
    return { time, column };
  });
  return horizons.sort((a, b) => a.time - b.time);
}

/** `0.05:0.6:0.05` as thresholds; undefined stays so. @throws {UsageError} for another shape */
export function decisionThresholdsOf(given: string | undefined): number[] | undefined {
  if (given === undefined) return undefined;
  const [from = NaN, to = NaN, step = 0.01] = given.split(':').map(Number);
  const isRange = from > 0 && to < 1 && from <= to && step > 0;
  if (!isRange || given.split(':').length > 3) {
    const fix = 'Write it like --decision 0.05:0.6:0.05, risks between 0 and 1.';
    throw new UsageError(`${given} is not FROM:TO:STEP`, '--decision', fix);
  }
  const count = Math.floor((to - from) / step + 1e-9);
  return Array.from({ length: count + 1 }, (_, i) => Number((from + i * step).toPrecision(12)));
}

/** A whole number of 0 or more. @throws {UsageError} otherwise */
export function replicatesOf(given: string): number {
  const replicates = Number(given);
  if (Number.isInteger(replicates) && replicates >= 0 && replicates <= 100_000) return replicates;
  throw new UsageError(`${given} is no number of samples`, '--bootstrap', 'Give 0 to 100000, such as 1000.');
}
