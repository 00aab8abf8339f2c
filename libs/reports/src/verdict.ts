import { count, fixed, intervalWords } from '@concord/figures';
import { hospitals, listOf } from './numbers.js';
import type { ReportCohort, ReportEstimate, StudyReport } from './study-report.js';

/** The answer in sentences, each a reading of one estimate. */
export interface Verdict {
  readonly headline: string;
  readonly calibration: string;
  readonly limits: readonly string[];
}

/** Fewer events than this and the sentence warns: usual advice for external validation (Collins 2016) is 100. */
const ENOUGH_EVENTS = 100;

/** A calibration slope this many times too steep or too flat is called far off. */
const FAR = 2;

/**
 * Reads the results as a clinician would want them told: what was found, for how many, and what to do about it.
 * It claims an effect only where the 95 % interval excludes the value that means none.
 */
export function verdictOf(report: StudyReport): Verdict {
  const cohorts = externalCohorts(report);
  const cohort = report.validation?.pooled ?? (cohorts.length === 1 ? cohorts[0] : undefined);
  if (!cohort) {
    return { headline: withoutPool(cohorts), calibration: '', limits: limitsOf(report, undefined) };
  }
  const places = `In ${hospitals(cohorts.length)} that never saw the model`;
  const size = `${count(cohort.patientCount, 'patient')}, ${count(cohort.eventCount, 'event')}`;
  return {
    headline: `${places}, ${discrimination(cohort.auc)} ${size}.`,
    calibration: calibrationWords(cohort),
    limits: limitsOf(report, cohort),
  };
}

/** Cohorts of sites that the study holds as external; others are the model's own patients. */
export function externalCohorts({ sites, validation }: StudyReport): readonly ReportCohort[] {
  const external = new Set(sites.filter((site) => site.role === 'externalValidation').map((site) => site.code));
  return (validation?.perSite ?? []).filter((cohort) => external.has(cohort.site));
}

function withoutPool(cohorts: readonly ReportCohort[]): string {
  if (cohorts.length === 0) return 'The model has not been validated at any hospital that never saw it.';
  return `The model was validated in ${hospitals(cohorts.length)} that never saw it; their results were not pooled.`;
}

function discrimination({ value, interval, reason }: ReportEstimate): string {
  if (value === null) return `its discrimination could not be estimated (${reason ?? 'no reason recorded'}):`;
  const words = `AUC ${fixed(value)}${interval ? ` (${intervalWords(interval)})` : ', no interval'},`;
  if (!interval) return `its discrimination is uncertain: ${words}`;
  if (interval[0] > 0.5) return `it discriminates: ${words}`;
  return interval[1] < 0.5
    ? `it ranks patients the wrong way round: ${words}`
    : `it is not shown to discriminate: ${words}`;
}

/** Level and spread of the risks; a cohort whose level is not shown to be wrong may still have them far too timid. */
function calibrationWords(cohort: ReportCohort): string {
  const level = levelOf(cohort.observedOverExpected);
  const spread = spreadOf(cohort, level.isWrong || cohort.observedOverExpected.value === null);
  const advice = level.isWrong || spread.isWrong ? ['Recalibrate before use.'] : [];
  return [level.words, spread.words, ...advice].filter((sentence) => sentence !== '').join(' ');
}

interface Reading {
  readonly words: string;
  readonly isWrong: boolean;
}

function levelOf({ value, interval, reason }: ReportEstimate): Reading {
  if (value === null) {
    const words = `Whether its risks are right on average could not be estimated (${reason ?? 'no reason recorded'}).`;
    return { words, isWrong: false };
  }
  const words = `observed over expected events ${fixed(value)}${interval ? `, ${intervalWords(interval)}` : ''}`;
  if (!interval || (interval[0] <= 1 && interval[1] >= 1)) {
    return { words: `Its risks are not shown to be wrong on average (${words}).`, isWrong: false };
  }
  const times = value > 0 ? `${fixed(1 / value, 1)} times the observed risk` : 'events where there were none';
  return { words: `It ${value < 1 ? 'over' : 'under'}-predicts: ${times} (${words}).`, isWrong: true };
}

function spreadOf(cohort: ReportCohort, isFirst: boolean): Reading {
  const {
    calibrationSlope: { value, interval },
    calibrationGroups: groups,
  } = cohort;
  if (value === null || !interval) return { words: '', isWrong: false };
  const words = `calibration slope ${fixed(value)}, ${intervalWords(interval)}; 1 is right`;
  const isFar = value >= FAR || value <= 1 / FAR;
  if (interval[1] < 1) {
    const claim = `Its risks are ${isFar ? 'far ' : ''}too extreme: the high ones are too high, the low ones too low`;
    return { words: `${claim} (${words}).`, isWrong: true };
  }
  if (interval[0] > 1) {
    const claim = `Its risks are ${isFar ? 'far ' : ''}too timid: pulled together, they differ much less than patients do`;
    return { words: `${claim} (${words}).${rangeOf(groups)}`, isWrong: true };
  }
  const claim = `${isFirst ? 'Its risks are not' : 'Nor are they'} shown to be too extreme or too timid`;
  return { words: `${claim} (${words}).`, isWrong: false };
}

/** From the lowest to the highest group: what the model said, and what came. */
function rangeOf(groups: ReportCohort['calibrationGroups']): string {
  const [lowest, highest] = [groups[0], groups.at(-1)];
  if (!lowest || !highest || groups.length < 2) return '';
  const percent = (share: number) => fixed(100 * share, 0);
  return ` From its lowest to its highest group of patients it predicts ${percent(lowest.predicted)} to ${percent(highest.predicted)} %; ${percent(lowest.observed)} and ${percent(highest.observed)} % had the event.`;
}

function limitsOf(report: StudyReport, cohort: ReportCohort | undefined): string[] {
  const limits: string[] = [];
  if (cohort && cohort.eventCount < ENOUGH_EVENTS) {
    limits.push(
      `${count(cohort.eventCount, 'event')} are few: intervals are wide, and smaller effects would not be seen.`,
    );
  }
  const adjusted = report.harmonization?.newSites.map((site) => site.site) ?? [];
  if (adjusted.length > 0) {
    limits.push(
      `Scanner differences of ${listOf(adjusted)} were estimated from their own images, with outcomes unseen.`,
    );
  }
  if (report.harmonization?.isTransductive) {
    limits.push('Harmonization saw the patients it was judged on: claims on independence do not hold.');
  }
  limits.push(...(report.rqs?.strict.hardStops ?? []));
  const prospective = report.rqs?.strict.items.find((item) => item.number === 11);
  if (prospective && prospective.points === 0)
    limits.push('Patients were looked at in retrospect; nothing here shows that using the model helps them.');
  return limits;
}
