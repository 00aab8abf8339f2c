import { count, fixed, intervalWords } from '@concord/figures';
import type { Estimate } from '@concord/validation';

/** What a verdict on one cohort is read from. */
export interface JudgedCohort {
  readonly n: number;
  readonly events: number;
  /** AUC or C, and its name. */
  readonly ranking: Estimate;
  readonly rankingName: string;
  readonly observedExpected: Estimate;
  readonly slope: Estimate;
}

/** Usual advice for external validation: at least this many events (Collins 2016). */
const ENOUGH_EVENTS = 100;

type Reading = 'fine' | 'wrong' | 'unknown';

/**
 * The verdict on one cohort in words, each claim only where the interval excludes the value that means none:
 * `discriminates, over-predicts: 1.4 times the observed; recalibrate before use`.
 */
export function cohortVerdict(cohort: JudgedCohort): string {
  const { n, events, ranking, rankingName } = cohort;
  const size = `${count(n, 'patient')}, ${count(events, 'event')}`;
  if (n === 0) return 'no patients';
  const rank = rankingOf(ranking);
  const level = levelOf(cohort.observedExpected);
  const spread = spreadOf(cohort.slope);
  const numbers =
    ranking.value === null
      ? ''
      : `${rankingName} ${fixed(ranking.value)}${ranking.interval ? ` (${intervalWords(ranking.interval)})` : ''}, `;
  const calibration = [level.words, spread.words].filter((words) => words !== '');
  const few = events < ENOUGH_EVENTS ? ` With ${count(events, 'event')} smaller faults would not be seen.` : '';
  const claims = [rank.words, ...(calibration.length > 0 ? calibration : ['its risks are not shown to be wrong'])];
  return `${claims.join(', ')}; ${adviceOf(rank.reading, level.reading, spread.reading)} (${numbers}${size}).${few}`;
}

function rankingOf({ value, interval, reason }: Estimate): { words: string; reading: Reading } {
  if (value === null) {
    return { words: `whether it discriminates cannot be said (${reason ?? 'no reason recorded'})`, reading: 'unknown' };
  }
  if (interval === null) return { words: 'how well it discriminates is uncertain', reading: 'unknown' };
  if (interval[0] > 0.5) return { words: 'discriminates', reading: 'fine' };
  if (interval[1] < 0.5) return { words: 'ranks patients the wrong way round', reading: 'wrong' };
  return { words: 'is not shown to discriminate', reading: 'unknown' };
}

function levelOf({ value, interval, reason }: Estimate): { words: string; reading: Reading } {
  if (value === null) {
    return { words: `the level of its risks cannot be judged (${reason ?? 'no reason recorded'})`, reading: 'unknown' };
  }
  if (interval === null || (interval[0] <= 1 && interval[1] >= 1)) return { words: '', reading: 'fine' };
  const times = value > 0 ? `${fixed(1 / value, 1)} times the observed` : 'events where there were none';
  return { words: `${value < 1 ? 'over' : 'under'}-predicts: ${times}`, reading: 'wrong' };
}

function spreadOf({ value, interval }: Estimate): { words: string; reading: Reading } {
  if (value === null || interval === null) return { words: '', reading: 'unknown' };
  if (interval[1] < 1) return { words: `its risks are too extreme (slope ${fixed(value)})`, reading: 'wrong' };
  if (interval[0] > 1) return { words: `its risks are too timid (slope ${fixed(value)})`, reading: 'wrong' };
  return { words: '', reading: 'fine' };
}

function adviceOf(rank: Reading, level: Reading, spread: Reading): string {
  if (rank === 'wrong') return 'do not use it here';
  if (rank === 'unknown') return 'these patients do not justify its use';
  if (level === 'wrong' || spread === 'wrong') return 'recalibrate before use';
  return level === 'unknown' ? 'calibration must be shown before use' : 'nothing here speaks against its use';
}
