import { listOf, notMet, plural, refOf, type Answer, type Predicate, type Question } from './answer.js';
import { claimStanding, statementsOn } from './claims.js';
import { externalRuns, isOpenedBeforeLock, whyNotExternal, whyNotLocked } from './independence.js';
import type { SchemeItem } from './scheme.js';
import type { EvidenceRef, ResamplingFact, ValidationFact } from './study-facts.js';

const FEWEST_REPLICATES = 200;

const cutoff: Predicate = ({ facts, policy, voidBecause }, item) => {
  const { lock } = facts;
  const action = 'freeze the cut-off by a stated rule before any validation outcome is opened';
  if (voidBecause !== null) return notMet(item, voidBecause, action);
  if (!lock) return notMet(item, 'No cut-off was frozen.', action);
  const early = facts.sites.filter((site) => isOpenedBeforeLock(site, lock)).map((site) => site.code);
  const isHeld = early.length === 0 && facts.validations.some((run) => whyNotLocked(run, facts) === null);
  const rule = lock.thresholdRule;
  if (isHeld && rule !== 'unstated') {
    const words: Record<typeof rule, string> = {
      developmentMedian: 'the median of the development cohort',
      developmentYouden: 'the best Youden index on the development cohort',
      published: 'a published value',
      prespecified: 'a value set in the protocol',
    };
    const reason = `The cut-off is ${words[rule]}, frozen before any validation outcome was opened.`;
    return { options: ['yes'], reason, evidence: [refOf(lock)] };
  }
  if (policy === 'lenient') return { options: ['yes'], reason: 'A cut-off is reported.', evidence: [refOf(lock)] };
  const reason =
    early.length > 0
      ? `Outcomes of ${listOf(early)} were readable before the cut-off was frozen.`
      : 'No validation used the frozen cut-off, or its rule is not stated.';
  return notMet(item, reason, action);
};

/** The runs whose statistics may be counted: those of the recorded model. */
function countedRuns({ facts }: Question): ValidationFact[] {
  return facts.validations.filter((run) => run.modelDigest === facts.model?.digest);
}

function hasResampling(resampling: ResamplingFact | null): boolean {
  return !!resampling && resampling.replicates >= FEWEST_REPLICATES && resampling.seed !== '';
}

function statistics(
  item: SchemeItem,
  shown: readonly ValidationFact[],
  resampled: readonly ValidationFact[],
  replicatesOf: (run: ValidationFact) => ResamplingFact | null,
  words: { what: string; lack: string },
): Answer {
  const resamplingAction = `take the interval from at least ${FEWEST_REPLICATES} bootstrap samples (patients drawn again, with repeats) and keep the seed`;
  if (shown.length === 0)
    return notMet(item, words.lack, `report ${words.what} with an interval at each validation site`, 1);
  const sites = listOf(shown.map((run) => run.site));
  const stated = `${words.what} with an interval at ${sites}`;
  const first = resampled[0];
  const resampling = first && replicatesOf(first);
  if (!resampling) {
    const reason = `Reported: ${stated}. No resampling with a kept seed.`;
    return { options: ['stat'], reason, evidence: shown.map(refOf), next: { gain: 1, action: resamplingAction } };
  }
  const reason = `Reported: ${stated}, from ${resampling.replicates} bootstrap samples (patients drawn again, with repeats; seed ${resampling.seed}).`;
  return { options: ['stat', 'resampling'], reason, evidence: shown.map(refOf) };
}

const discrimination: Predicate = (question, item) => {
  if (question.voidBecause !== null)
    return notMet(item, question.voidBecause, 'mend the hard stops, and validate again');
  const shown = countedRuns(question).filter(
    (run) => run.discrimination?.hasEstimate && run.discrimination.hasInterval,
  );
  const resampled = shown.filter((run) => hasResampling(run.discriminationResampling));
  return statistics(item, shown, resampled, (run) => run.discriminationResampling, {
    what: 'AUC',
    lack: 'No discrimination with an interval could be estimated.',
  });
};

const calibration: Predicate = (question, item) => {
  if (question.voidBecause !== null)
    return notMet(item, question.voidBecause, 'mend the hard stops, and validate again');
  const shown = countedRuns(question).filter(({ calibration: c }) => {
    return c && ((c.hasStatistic && c.hasInterval) || (question.policy === 'lenient' && c.hasPlot));
  });
  const resampled = shown.filter((run) => hasResampling(run.calibrationResampling));
  return statistics(item, shown, resampled, (run) => run.calibrationResampling, {
    what: 'calibration slope and intercept',
    lack: 'No calibration statistic with an interval could be estimated.',
  });
};

const prospective: Predicate = (_question, item) =>
  notMet(
    item,
    'No prospective validation registered in a trial database is on record.',
    'register and run a prospective validation',
  );

const validation: Predicate = ({ facts, policy, voidBecause }, item) => {
  const action = 'lock the model, then validate it at a site that gave no development patient';
  if (voidBecause !== null) return notMet(item, `${voidBecause} Validation counts as missing.`, action);
  const external = externalRuns(facts);
  const held = facts.validations.filter((run) => run.cohort === 'internalHoldout' && whyNotLocked(run, facts) === null);
  const isCrossValidated = facts.validations.some((run) => run.cohort === 'crossValidation');
  const ownSites = new Set(held.map((run) => run.site).filter((site) => !external.some((run) => run.site === site)));
  const count = external.length + (policy === 'lenient' && external.length > 0 ? ownSites.size : 0);
  const isPublished = facts.model?.publishedDoi && external.length + held.length > 0;
  const evidence = [
    ...external,
    ...(policy === 'lenient' || external.length === 0 ? held : []),
    ...(facts.lock ? [facts.lock] : []),
  ].map(refOf);
  if (count >= 3) return { options: ['three-external'], reason: externalWords(external), evidence };
  const next = { gain: 1, action: 'validate the locked model at one more site that gave no development patient' };
  if (isPublished) {
    const reason = `A published model (${facts.model?.publishedDoi}) was validated unchanged.`;
    return { options: ['published-signature'], reason, evidence, next };
  }
  if (count === 2) return { options: ['two-external'], reason: externalWords(external), evidence, next };
  if (count === 1) return { options: ['one-external'], reason: externalWords(external), evidence, next };
  if (held.length > 0) {
    const reason = 'The locked model was validated on held-out patients of the same institution.';
    return { options: ['same-institute'], reason, evidence, next: { gain: 1, action } };
  }
  if (isCrossValidated && policy === 'lenient') {
    return { options: ['same-institute'], reason: 'Cross-validation only.', evidence, next: { gain: 1, action } };
  }
  return notMet(
    item,
    `Validation counts as missing${whyNone(facts.validations, (run) => whyNotExternal(run, facts))}.`,
    action,
  );
};

function externalWords(runs: readonly ValidationFact[]): string {
  const sizes = runs.map(
    (run) => `${run.site} (${plural(run.patientCount, 'patient')}, ${plural(run.eventCount, 'event')})`,
  );
  const adjusted = runs.filter((run) => run.siteAdjustment).map((run) => run.site);
  const adjustment =
    adjusted.length === 0
      ? ''
      : ` Batch parameters of ${listOf(adjusted)} come from the site's own features, frozen before its outcomes were opened.`;
  return `Locked model, cut-off and harmonization at ${plural(runs.length, 'site')} that gave no development patient: ${listOf(sizes)}.${adjustment}`;
}

function whyNone(runs: readonly ValidationFact[], why: (run: ValidationFact) => string | null): string {
  const reasons = runs.filter((run) => run.cohort === 'external').map((run) => `${run.site}: ${why(run)}`);
  return reasons.length === 0 ? '' : ` (${reasons.join('; ')})`;
}

const goldStandard: Predicate = ({ facts, policy }, item) => {
  const known = new Set(facts.validations.map((run) => run.digest));
  const runs = facts.comparators.filter((run) => run.hasTest && known.has(run.validation));
  const { given, waiting } = statementsOn(facts, item);
  const target = facts.associations.find((run) => run.isPredictionTarget && run.class === 'histology');
  const action = 'compare with the current standard (stage, LI-RADS, size) on the same patients, with a test';
  if (runs.length > 0 && (given.length > 0 || policy === 'lenient')) {
    const names = listOf(runs.map((run) => run.name));
    return {
      options: ['yes'],
      reason: `Compared with ${names} on the same patients.`,
      evidence: [...runs, ...given].map(refOf),
    };
  }
  if (policy === 'lenient' && target) {
    return { options: ['yes'], reason: 'The outcome comes from pathology.', evidence: [refOf(target)] };
  }
  const isCompared = runs.length > 0;
  const reason = isCompared
    ? 'No accepted statement says that the comparator is the current standard.'
    : 'No comparison with the current standard is recorded.';
  const answer = notMet(item, reason, action);
  return isCompared && waiting.length > 0 ? { ...answer, awaiting: ['yes'] } : answer;
};

const utility: Predicate = (question, item) => {
  const { facts, policy } = question;
  const curves = countedRuns(question)
    .map((run) => run.decisionCurve)
    .filter((curve): curve is EvidenceRef => curve !== null);
  if (curves.length > 0) {
    const reason = 'Net benefit was compared with treating all and treating none on validation patients.';
    return { options: ['yes'], reason, evidence: curves.map(refOf) };
  }
  const discussed = facts.claims.filter(
    (claim) => claim.item === item.id && ['accepted', 'waiting'].includes(claimStanding(claim)),
  );
  if (discussed.length > 0 && policy === 'lenient') {
    return { options: ['yes'], reason: 'Use in the clinic is discussed.', evidence: discussed.map(refOf) };
  }
  return notMet(
    item,
    'No analysis of clinical utility is recorded.',
    'draw a decision curve on the validation patients',
  );
};

const cost: Predicate = (_question, item) =>
  notMet(item, 'No economic evaluation is on record.', 'attach a health-economic report, and have it reviewed');

const NOUNS: Readonly<Record<string, string>> = {
  scans: 'scans',
  rois: 'segmentations',
  code: 'code',
  'features-representative-rois': 'features of representative regions',
};

const openScience: Predicate = ({ facts, policy }, item) => {
  const open = facts.artefacts.filter(
    (a) => a.url !== null && a.licence !== null && (a.isSameAsUsed || policy === 'lenient'),
  );
  const options = item.options.filter((option) => open.some((a) => a.content === option.id));
  const lacking = item.options.filter((option) => !options.includes(option));
  const found = options.map((option) => option.label.toLowerCase());
  return {
    options: options.map((option) => option.id),
    reason:
      options.length === 0
        ? 'Nothing was published under a licence with matching digests.'
        : `Public: ${listOf(found)}.`,
    evidence: open.map(refOf),
    next: {
      gain: lacking.length,
      action: `publish under a licence what the study used: ${listOf(lacking.map((option) => NOUNS[option.id] ?? option.id))}`,
    },
  };
};

/** Items 8 to 16: cut-off, statistics, validation, utility, openness. */
export const performancePredicates: Readonly<Record<string, Predicate>> = {
  'rqs1.08': cutoff,
  'rqs1.09': discrimination,
  'rqs1.10': calibration,
  'rqs1.11': prospective,
  'rqs1.12': validation,
  'rqs1.13': goldStandard,
  'rqs1.14': utility,
  'rqs1.15': cost,
  'rqs1.16': openScience,
};
