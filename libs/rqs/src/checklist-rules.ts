import type { AnalysisSubject, ArtefactFact, EvidenceRef, StudyFacts } from './study-facts.js';

/** The records that report what an item asks for; none where they do not. */
export type ChecklistRule = (facts: StudyFacts) => readonly EvidenceRef[];

const some = (ref: EvidenceRef | null): readonly EvidenceRef[] => (ref === null ? [] : [ref]);
const protocol: ChecklistRule = (facts) => [facts.protocol];
const extraction: ChecklistRule = (facts) => some(facts.extraction);
const stated =
  (what: 'resampling' | 'discretisation' | 'imageTypes'): ChecklistRule =>
  ({ extraction: settings }) => (settings?.states.includes(what) ? [settings] : []); // prettier-ignore
const selection: ChecklistRule = (facts) => some(facts.selection);
const harmonization: ChecklistRule = (facts) => some(facts.harmonization);
const model: ChecklistRule = (facts) => some(facts.model);
const lock: ChecklistRule = (facts) => some(facts.lock);
const run: ChecklistRule = (facts) => some(facts.run);
const validations: ChecklistRule = (facts) => facts.validations;
const comparators: ChecklistRule = (facts) => facts.comparators.filter((comparator) => comparator.hasTest);
const acquisition: ChecklistRule = ({ sites }) => {
  const complete = sites.flatMap(({ acquisition: profile }) => (profile?.completeSeriesShare === 1 ? [profile] : []));
  return complete.length === sites.length ? complete : [];
};
const clinical: ChecklistRule = (facts) =>
  facts.model?.candidates.some((candidate) => candidate.role === 'nonRadiomic') ? [facts.model] : [];
const reliability: ChecklistRule = (facts) =>
  facts.robustness.filter((study) => ['multiReader', 'multiAlgorithm', 'maskPerturbation'].includes(study.study));
const intervals: ChecklistRule = (facts) => facts.validations.filter((v) => v.discrimination?.hasInterval);
const perSite: ChecklistRule = (facts) =>
  new Set(facts.validations.map((v) => v.site)).size >= 2 ? facts.validations : [];
const all =
  (...rules: readonly ChecklistRule[]): ChecklistRule =>
  (facts) => {
    const found = rules.map((rule) => rule(facts));
    return found.every((refs) => refs.length > 0) ? found.flat() : [];
  };
const analysis =
  (subject: AnalysisSubject): ChecklistRule =>
  (facts) =>
    facts.analyses.filter((candidate) => candidate.subject === subject);
const open =
  (...contents: readonly ArtefactFact['content'][]): ChecklistRule =>
  (facts) => {
    const found = facts.artefacts.filter((a) => contents.includes(a.content) && a.url !== null && a.licence !== null);
    return contents.every((content) => found.some((a) => a.content === content)) ? found : [];
  };

/** CLEAR: what records report, by number. The others ask for the text of a manuscript or for a statement. */
export const clearRules: Readonly<Record<string, ChecklistRule>> = {
  7: analysis('guidelineReport'),
  9: analysis('sampleSize'),
  11: analysis('cohortFlow'),
  12: run,
  13: protocol,
  15: all(protocol, lock),
  16: acquisition,
  17: clinical,
  18: analysis('outcomeDefinition'),
  19: analysis('segmentationMethod'),
  20: analysis('singleReaderMasks'),
  21: all(extraction, harmonization),
  22: stated('resampling'),
  23: stated('discretisation'),
  24: stated('imageTypes'),
  25: extraction,
  26: extraction,
  27: selection,
  28: extraction,
  29: analysis('missingness'),
  30: validations,
  31: reliability,
  32: harmonization,
  33: selection,
  34: model,
  35: analysis('tuning'),
  36: analysis('confounders'),
  37: analysis('tuning'),
  38: all(lock, validations),
  39: validations,
  40: intervals,
  41: comparators,
  42: comparators,
  43: analysis('explanation'),
  44: analysis('baseline'),
  45: analysis('cohortFlow'),
  46: analysis('scannerEffects'),
  47: validations,
  48: comparators,
  53: open('scans', 'rois'),
  54: open('features'),
  55: open('settings'),
  56: open('code'),
  57: open('model'),
  58: open('tool'),
};

/** TRIPOD+AI, likewise. */
export const tripodRules: Readonly<Record<string, ChecklistRule>> = {
  '4': protocol,
  '5a': protocol,
  '6a': protocol,
  '6b': analysis('cohortFlow'),
  '7': all(harmonization, run),
  '8a': analysis('outcomeDefinition'),
  '9a': selection,
  '9b': extraction,
  '9c': analysis('segmentationMethod'),
  '10': analysis('sampleSize'),
  '11': analysis('missingness'),
  '12a': all(protocol, lock),
  '12b': all(harmonization, selection),
  '12c': model,
  '12d': all(harmonization, perSite),
  '12e': protocol,
  '12f': lock,
  '12g': all(model, lock),
  '13': validations,
  '14': analysis('subgroups'),
  '15': lock,
  '16': analysis('scannerEffects'),
  '18c': protocol,
  '18e': open('scans'),
  '18f': open('code'),
  '20a': analysis('cohortFlow'),
  '20b': analysis('baseline'),
  '20c': analysis('scannerEffects'),
  '21': validations,
  '22': model,
  '23a': intervals,
  '23b': perSite,
  '24': lock,
  '27a': analysis('inputGates'),
};
