import { count, fixed, listOf } from '@concord/figures';
import type { Estimate } from '@concord/validation';
import { cohortVerdict } from './cohort-verdict.js';
import type { EvaluationFacts } from './evaluation-items.js';
import type { ScoreValidation, ValidationReport } from './validation-report.js';

const NO_RISKS: Estimate = {
  value: null,
  interval: null,
  method: 'no such number',
  status: 'not-estimable',
  reason: 'no risks at a horizon were given',
};

/** A sentence for each cohort of each score, the pooled one first. */
export function verdictsOf(scores: readonly ScoreValidation[]): ValidationReport['verdicts'] {
  return scores.flatMap((score) =>
    judged(score).map(({ cohort, ...rest }) => ({ score: score.score, cohort, words: cohortVerdict(rest) })),
  );
}

function judged(score: ScoreValidation) {
  switch (score.format) {
    case 'concord.validation.binary/1':
      return cohortsOf(score).map(([cohort, c]) => ({
        cohort,
        n: c.n,
        events: c.events,
        ranking: c.auc.logit,
        rankingName: 'AUC',
        observedExpected: c.calibration.observedExpected,
        slope: c.calibration.slope,
      }));
    case 'concord.validation.survival/1':
      return cohortsOf(score).map(([cohort, c]) => ({
        cohort,
        n: c.n,
        events: c.events,
        ranking: c.harrell,
        rankingName: 'C',
        observedExpected: c.horizons.at(-1)?.observedExpected ?? NO_RISKS,
        slope: c.slope.slope,
      }));
    case 'concord.validation.competing/1':
      return cohortsOf(score).map(([cohort, c]) => ({
        cohort,
        n: c.n,
        events: c.events,
        ranking: c.horizons.at(-1)?.auc ?? NO_RISKS,
        rankingName: 'AUC',
        observedExpected: c.horizons.at(-1)?.observedExpected ?? NO_RISKS,
        slope: c.fineGraySlope,
      }));
  }
}

function cohortsOf<Cohort>(score: {
  readonly pooled: Cohort;
  readonly sites: readonly (Cohort & { readonly site: string })[];
}): (readonly [string, Cohort])[] {
  return [['all patients', score.pooled], ...score.sites.map((site) => [site.site, site] as const)];
}

/** What the validation can tell of TRIPOD+AI and PROBAST+AI by itself; it invents nothing about the study. */
export function factsOf(
  report: Pick<ValidationReport, 'scores' | 'outcome' | 'provenance' | 'deviations'>,
): EvaluationFacts {
  const [score] = report.scores;
  if (score === undefined) return { filled: {}, notApplicable: {} };
  const { pooled, sites } = score;
  const size = `${count(pooled.n, 'patient')}, ${count(pooled.events, 'event')}`;
  const perSite = sites.map(({ site, n, events }) => `${site} ${n}/${events}`).join(', ');
  const isBinary = score.format === 'concord.validation.binary/1';
  const dropped = isBinary ? score.dropped.missingScore + score.dropped.missingOutcome : score.dropped;
  const missing = `Complete cases: ${count(dropped, 'patient')} left out for a missing value; nothing was imputed.`;
  const { lock } = report.provenance;
  const hasSites = sites.length > 0;
  const filled: Record<string, string> = {
    'tripod-ai.1': `External evaluation of ${listOf(report.scores.map((one) => one.score))} against ${report.outcome}.`,
    'tripod-ai.4': 'Evaluation of models that were developed before; nothing is fitted here that flows back.',
    'tripod-ai.11': missing,
    'tripod-ai.12e':
      'Discrimination, calibration, overall error and net benefit; every method stands beside its number.',
    'tripod-ai.20a': `${size} analysed; ${dropped} left out.`,
    'tripod-ai.21': `${size}${hasSites ? ` (patients/events by site: ${perSite})` : ''}.`,
    'tripod-ai.23a': 'Estimates with 95 % intervals, whole cohort, sites and subgroups: the tables above.',
    'probast-ai.4.3': missing,
    'probast-ai.4.4': missing,
    'probast-ai.4.6': 'Discrimination, calibration and net benefit, each with intervals; no threshold was chosen here.',
    ...sizeFacts(score),
    ...(isBinary && { 'tripod-ai.24': 'Updated intercept and slope with their Brier scores: the tables above.' }),
    ...(isBinary && { 'tripod-ai.12f': 'Intercept, and intercept with slope, printed beside the original only.' }),
    ...(hasSites && {
      'tripod-ai.6a': `${count(sites.length, 'site')}: ${listOf(sites.map(({ site }) => site))}.`,
      'tripod-ai.12d': 'Random effects over sites by REML with Hartung-Knapp and prediction intervals, leave-one-out.',
      'tripod-ai.23b': 'Means over sites with prediction intervals and tests for site effects: the tables above.',
    }),
    ...(score.format !== 'concord.validation.competing/1' &&
      score.subgroups.length > 0 && {
        'tripod-ai.14': `Performance by ${listOf(score.subgroups.map(({ name }) => name))}, groups too small not judged.`,
      }),
    ...(lock !== null && {
      'probast-ai.4.7': `Model and threshold were locked (${lock.digest.slice(0, 10)}${lock.lockedAt === null ? '' : `, ${lock.lockedAt}`}), ${report.deviations.length === 0 ? 'and used as locked' : `with ${count(report.deviations.length, 'departure')} recorded`}.`,
      'tripod-ai.12g': 'Predictions by the locked model.',
    }),
    ...(!isBinary && {
      'probast-ai.4.5':
        score.format === 'concord.validation.competing/1'
          ? 'Censoring by inverse-probability weights; competing events by Aalen-Johansen, Fine-Gray and Gray.'
          : 'Censoring by inverse-probability weights and Kaplan-Meier.',
    }),
  };
  return { filled, notApplicable: notApplicable(isBinary) };
}

function notApplicable(isBinary: boolean): Record<string, string> {
  return {
    'tripod-ai.13': 'Evaluation only: no class was resampled or weighted.',
    ...(isBinary && { 'probast-ai.4.5': 'A binary outcome known for each patient: nothing is censored.' }),
  };
}

function sizeFacts(score: ScoreValidation): Record<string, string> {
  const { events, n } = score.pooled;
  const others = n - events;
  const least = Math.min(events, others);
  const rule = `${count(events, 'event')} and ${count(others, 'patient')} without; at least 100 of each are advised`;
  const verdict = least >= 100 ? 'enough' : 'too few';
  if (score.format !== 'concord.validation.binary/1') {
    const text = `${count(events, 'event')}; at least 100 are advised: ${events >= 100 ? 'enough' : 'too few'}.`;
    return { 'tripod-ai.10': text, 'probast-ai.4.1': text };
  }
  const criteria = score.pooled.adequacy.map(({ measure, needed, reachedWidth, wishedWidth }) => {
    const want = needed.value === null ? 'not estimable' : `${needed.value} needed`;
    const have = reachedWidth.value === null ? 'no interval' : `width ${fixed(reachedWidth.value)} of ${wishedWidth}`;
    return `${measure} ${want}, ${have}`;
  });
  const text = `${rule}: ${verdict}. By Riley’s criteria: ${criteria.join('; ')}.`;
  return { 'tripod-ai.10': text, 'probast-ai.4.1': text };
}
