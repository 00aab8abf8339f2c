import type {
  ArtefactFact,
  ClaimFact,
  EvidenceRef,
  ReviewFact,
  SiteFact,
  StudyFacts,
  ValidationFact,
} from './study-facts.js';

export const ref = (kind: string, id: string): EvidenceRef => ({ kind, id, digest: `sha256-${kind}-${id}` });
export const site = (code: string, role: SiteFact['role'], trainingRowCount = 0): SiteFact => ({
  code,
  role,
  trainingRowCount,
  outcomesOpenedAt: role === 'externalValidation' ? 20 : null,
  acquisition: { ...ref('acquisition profile', code), completeSeriesShare: 1 },
  scanners: [`Scanner ${code}`],
});
export const run = (code: string): ValidationFact => ({
  ...ref('validation run', code),
  site: code,
  cohort: 'external',
  patientCount: 24,
  eventCount: 10,
  lockDigest: 'sha256-lock-1',
  modelDigest: 'sha256-model-1',
  harmonizationDigest: 'sha256-harmonization-1',
  threshold: 0.4,
  outcomesOpenedAt: 20,
  siteAdjustment: { ...ref('batch parameters', code), sequence: 15 },
  discrimination: { hasEstimate: true, hasInterval: true },
  calibration: { hasStatistic: true, hasInterval: true, hasPlot: true },
  hasConfusionMatrix: true,
  isUnseenByOwner: true,
  discriminationResampling: { replicates: 2000, seed: '1' },
  calibrationResampling: null,
  decisionCurve: ref('decision curve', code),
});
/** Three development sites, two external ones: what the records of a plain federated study hold. */
export const study: StudyFacts = {
  studyId: 'study-1',
  protocol: {
    ...ref('protocol', '1'),
    declaresLeakAudit: true,
    publicAcquisition: null,
    design: { track: 'handcrafted', segmentation: 'manual', imageSetCount: 1 },
  },
  sites: [
    site('site-a', 'development', 24),
    site('site-b', 'development', 24),
    site('site-c', 'development', 24),
    site('site-d', 'externalValidation'),
    site('site-e', 'externalValidation'),
  ],
  extraction: null,
  robustness: [],
  harmonization: {
    ...ref('harmonization', '1'),
    isTransductive: false,
    fittedOnSites: ['site-a', 'site-b', 'site-c'],
    fittedRowCount: 72,
  },
  selection: {
    ...ref('selection', '1'),
    featuresIn: 80,
    featuresOut: 6,
    rows: 'development',
    multiplicity: null,
    robustnessDigest: null,
    harmonizationDigest: 'sha256-harmonization-1',
  },
  model: {
    ...ref('model', '1'),
    predictors: [{ name: 'jointEntropy', role: 'radiomic' }],
    candidates: [
      { name: 'jointEntropy', role: 'radiomic' },
      { name: 'age', role: 'nonRadiomic' },
    ],
    selectionDigest: 'sha256-selection-1',
    harmonizationDigest: 'sha256-harmonization-1',
    publishedDoi: null,
  },
  lock: {
    ...ref('lock', '1'),
    sequence: 10,
    modelDigest: 'sha256-model-1',
    harmonizationDigest: 'sha256-harmonization-1',
    threshold: 0.4,
    thresholdRule: 'developmentYouden',
  },
  validations: [run('site-d'), run('site-e')],
  comparators: [],
  associations: [],
  leakAudit: { ...ref('leak audit', '1'), replicates: 50, meanAuc: 0.51, interval: [0.44, 0.57], seed: '1' },
  analyses: [],
  run: { ...ref('run', '1'), codeVersion: '0.1.0', seed: '1', stepCount: 14 },
  artefacts: [],
  claims: [],
  contests: [],
};
export const review = (reviewer: string, verdict: ReviewFact['verdict'], institution = 'Hospital B'): ReviewFact => ({
  ...ref('review', `${reviewer}-${verdict}`),
  reviewer,
  institution,
  verdict,
  reason: 'seen',
});
export const claim = (item: string, option: string, ...reviews: readonly ReviewFact[]): ClaimFact => ({
  ...ref('statement', `${item}-${option}`),
  item,
  option,
  statement: 'We did it.',
  attachmentDigest: 'sha256-attachment',
  signer: 'Dr A',
  institution: 'Hospital A',
  state: 'standing',
  reviews,
});
export const accepted = review('Dr B', 'accept');
const artefact = (content: ArtefactFact['content']): ArtefactFact => ({
  ...ref('artefact', content),
  content,
  url: `https://example.org/${content}`,
  licence: 'CC-BY-4.0',
  isSameAsUsed: true,
});
const robust = { maskSetsPerCase: 2, readerCount: 2, iccForm: 'ICC(2,1)', datesPerSubject: 1, scanners: [] };
const clinicalModel = study.model && { ...study.model, predictors: study.model.candidates };

/** Reaches by records alone every point of RQS 1.0 that records can give: 23. */
export const machineStudy: StudyFacts = {
  ...study,
  sites: [...study.sites, site('site-f', 'externalValidation')],
  robustness: [
    { ...ref('robustness run', 'readers'), ...robust, study: 'multiReader' },
    { ...ref('robustness run', 'retest'), ...robust, study: 'testRetest', datesPerSubject: 2 },
  ],
  model: clinicalModel,
  validations: ['site-d', 'site-e', 'site-f'].map((code) => ({
    ...run(code),
    calibrationResampling: { replicates: 2000, seed: '1' },
  })),
  artefacts: (['scans', 'rois', 'code', 'features-representative-rois'] as const).map(artefact),
};
/** The records beside which five statements earn five points more. */
export const statedStudy: StudyFacts = {
  ...machineStudy,
  robustness: [
    ...machineStudy.robustness,
    { ...ref('robustness run', 'phantom'), ...robust, study: 'phantom', scanners: machineStudy.sites.flatMap((s) => s.scanners) }, // prettier-ignore
  ],
  associations: [
    {
      ...ref('association run', '1'),
      variable: 'Ki-67',
      class: 'immunohistochemistry',
      isPredictionTarget: false,
      hasInterval: true,
      isCorrectedForMultiplicity: true,
    },
  ],
  comparators: [
    {
      ...ref('comparator', '1'),
      name: 'BCLC stage',
      class: 'clinical',
      validation: 'sha256-validation run-site-d',
      hasTest: true,
    },
  ],
  claims: [
    claim('rqs1.01', 'public', accepted),
    claim('rqs1.03', 'yes', accepted),
    claim('rqs1.07', 'yes', accepted),
    claim('rqs1.13', 'yes', accepted),
  ],
};
