import { listOf, notMet, plural, refOf, type Answer, type Predicate } from './answer.js';
import { statementsOn } from './claims.js';
import type { AcquisitionFact, RobustnessFact } from './study-facts.js';

/** Share of series that the lenient reading calls "well documented". */
const MOST = 0.5;

const protocolQuality: Predicate = ({ facts, policy }, item) => {
  const needed = policy === 'strict' ? 1 : MOST;
  const profiles = facts.sites.map((site) => ({ site, share: site.acquisition?.completeSeriesShare ?? 0 }));
  const lacking = profiles.filter(({ share }) => share < needed).map(({ site }) => site.code);
  const isDocumented = profiles.length > 0 && lacking.length === 0;
  const published = facts.protocol.publicAcquisition;
  const isConforming = published?.conformingSeriesShare === 1;
  const isPublic = published !== null && (isConforming || policy === 'lenient');
  const sentences = [
    isDocumented
      ? `All ${plural(profiles.length, 'site')} recorded the required acquisition fields${policy === 'strict' ? ' for every series' : ''}.`
      : `The acquisition record is incomplete at ${listOf(lacking) || 'every site'}.`,
    published === null
      ? 'No public acquisition protocol is named.'
      : `The public protocol ${published.citation} is named${isConforming ? ' and every series conforms' : ', without every series conforming'}.`,
  ];
  const options = [...(isDocumented ? ['documented'] : []), ...(isPublic ? ['public'] : [])];
  const profilesSeen = facts.sites.map((site) => site.acquisition).filter((a): a is AcquisitionFact => a !== null);
  const evidence = [...(isDocumented ? profilesSeen : []), ...(isPublic ? [facts.protocol] : [])].map(refOf);
  const actions = [
    ...(isDocumented ? [] : ['complete the acquisition fields at every site']),
    ...(isPublic ? [] : ['follow a public acquisition protocol, and show that the series conform']),
  ];
  const gain = item.maxPoints - options.length;
  return { options, reason: sentences.join(' '), evidence, next: { gain, action: listOf(actions) } };
};

function robustnessAnswer(runs: readonly RobustnessFact[], reason: string): Answer {
  return { options: ['yes'], reason, evidence: runs.map(refOf) };
}

const segmentations: Predicate = ({ facts }, item) => {
  const kinds = ['multiReader', 'multiAlgorithm', 'maskPerturbation', 'breathingPhase'];
  const runs = facts.robustness.filter((run) => {
    const isIndependent = run.readerCount >= 2 || run.study === 'maskPerturbation' || run.study === 'breathingPhase';
    return kinds.includes(run.study) && run.maskSetsPerCase >= 2 && isIndependent && run.iccForm !== null;
  });
  return runs.length > 0
    ? robustnessAnswer(runs, `Features were compared between segmentations of the same lesion (${runs[0]?.iccForm}).`)
    : notMet(
        item,
        'Each lesion was outlined once.',
        'let two readers outline a subset and report an ICC for each feature',
      );
};

const phantom: Predicate = ({ facts, policy }, item) => {
  const runs = facts.robustness.filter((run) => run.study === 'phantom');
  const scanners = [...new Set(facts.sites.flatMap((site) => site.scanners))];
  const covered = scanners.filter((scanner) => runs.some((run) => run.scanners.includes(scanner)));
  const isCovered = scanners.length > 0 && covered.length === scanners.length;
  const counts = `${covered.length} of ${plural(scanners.length, 'scanner')}`;
  const { given, waiting } = statementsOn(facts, item);
  const reports = given.filter((claim) => claim.attachmentDigest !== null);
  if (runs.length > 0 && ((isCovered && reports.length > 0) || policy === 'lenient')) {
    const reason = `A phantom was scanned on ${counts} of the study.`;
    return { options: ['yes'], reason, evidence: [...runs, ...reports].map(refOf) };
  }
  if (isCovered) {
    const reason = `A phantom was scanned on ${counts}; the physicist's signed report of it is not accepted yet.`;
    const answer = notMet(item, reason, 'attach the signed report of the phantom scans, and have it reviewed');
    return waiting.some((claim) => claim.attachmentDigest !== null) ? { ...answer, awaiting: ['yes'] } : answer;
  }
  const reason = runs.length > 0 ? `A phantom was scanned on ${counts} only.` : 'No phantom was scanned.';
  return notMet(item, reason, `scan one phantom on all ${plural(scanners.length, 'scanner')} of the study`);
};

const timePoints: Predicate = ({ facts }, item) => {
  const runs = facts.robustness.filter((run) => run.study === 'testRetest' && run.datesPerSubject >= 2);
  return runs.length > 0
    ? robustnessAnswer(runs, 'Subjects were imaged on two dates or more, and features compared between them.')
    : notMet(
        item,
        'Every patient was imaged on one date; phases of one examination are not time points.',
        'scan some patients twice on different dates, and compare the features',
      );
};

const featureReduction: Predicate = ({ facts, voidBecause }, item) => {
  const { selection } = facts;
  const reduces = !!selection && selection.featuresIn > selection.featuresOut && selection.featuresOut > 0;
  const method = selection?.multiplicity ?? null;
  const action = 'select features on development rows only, and keep the record';
  if (voidBecause !== null) return notMet(item, voidBecause, action);
  if (!selection || selection.rows !== 'development' || !(reduces || method !== null)) {
    return notMet(item, 'No reduction of features on development rows is recorded.', action);
  }
  const how = [
    ...(reduces
      ? [`reduced from ${selection.featuresIn} to ${selection.featuresOut} features on development rows only`]
      : []),
    ...(method !== null ? [`adjusted for multiple testing (${method})`] : []),
  ];
  return { options: ['either'], reason: `The study ${listOf(how)}.`, evidence: [refOf(selection)] };
};

const multivariable: Predicate = ({ facts: { model }, policy }, item) => {
  const both = (predictors: readonly { role: string }[]) =>
    predictors.some((p) => p.role === 'radiomic') && predictors.some((p) => p.role === 'nonRadiomic');
  if (model && both(model.predictors)) {
    const names = model.predictors.filter((p) => p.role === 'nonRadiomic').map((p) => p.name);
    return {
      options: ['yes'],
      reason: `The model holds radiomic features and ${listOf(names)}.`,
      evidence: [refOf(model)],
    };
  }
  if (model && both(model.candidates) && policy === 'lenient') {
    return {
      options: ['yes'],
      reason: 'Clinical variables were tested beside radiomic ones.',
      evidence: [refOf(model)],
    };
  }
  const isTested = !!model && both(model.candidates);
  return notMet(
    item,
    isTested
      ? 'Clinical variables were tested, and none stayed in the model.'
      : 'The model holds radiomic features only.',
    'fit clinical variables together with the radiomic ones',
  );
};

const biology: Predicate = ({ facts, policy }, item) => {
  const biological = ['histology', 'immunohistochemistry', 'geneExpression', 'pathwayScore'];
  const runs = facts.associations.filter(
    (run) =>
      biological.includes(run.class) &&
      ((run.hasInterval && run.isCorrectedForMultiplicity && !run.isPredictionTarget) || policy === 'lenient'),
  );
  const { given, waiting } = statementsOn(facts, item);
  if (runs.length > 0 && (given.length > 0 || policy === 'lenient')) {
    const names = listOf(runs.map((run) => run.variable));
    return { options: ['yes'], reason: `The score was related to ${names}.`, evidence: [...runs, ...given].map(refOf) };
  }
  const reason = 'An association with biology is recorded, an accepted discussion of it is not.';
  const answer = notMet(
    item,
    runs.length > 0 ? reason : 'No link to biology was examined.',
    'relate the score to histology or gene expression, with an interval, and discuss it',
  );
  return runs.length > 0 && waiting.length > 0 ? { ...answer, awaiting: ['yes'] } : answer;
};

/** Items 1 to 7: how images were made, how features were chosen, what stands beside them. */
export const designPredicates: Readonly<Record<string, Predicate>> = {
  'rqs1.01': protocolQuality,
  'rqs1.02': segmentations,
  'rqs1.03': phantom,
  'rqs1.04': timePoints,
  'rqs1.05': featureReduction,
  'rqs1.06': multivariable,
  'rqs1.07': biology,
};
