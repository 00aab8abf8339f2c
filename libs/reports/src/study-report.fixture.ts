import { createHash } from 'node:crypto';
import { assessStudy, type EvidenceRef, type StudyFacts, type ValidationFact } from '@concord/rqs';
import type { PcaCloud, ReportCohort, ReportEstimate, ReportSite, StudyReport } from './study-report.js';

/** Invented results of plausible size: three development and two external hospitals. Nothing here was measured. */
export const digestOf = (name: string) => createHash('sha256').update(name).digest('hex');

export function estimateOf(
  value: number,
  low: number,
  high: number,
  method = 'DeLong, logit interval',
): ReportEstimate {
  return { value, interval: [low, high], method, status: 'ok', reason: null };
}
export function notEstimable(reason: string): ReportEstimate {
  return { value: null, interval: null, method: 'none', status: 'not-estimable', reason };
}

const names = [
  'Northern University Hospital',
  'St Anna',
  'Harbour Clinic',
  'Western Cancer Centre',
  'Lakeside Hospital',
];
const scanners = [
  ['Siemens', 'SOMATOM Force', 'Br40d'],
  ['GE', 'Revolution', 'STANDARD'],
  ['Philips', 'Brilliance 64', 'B'],
  ['Canon', 'Aquilion ONE', 'FC08'],
  ['Siemens', 'Definition AS', 'B70f'],
] as const;
const sites = names.map((name, index): ReportSite => {
  const code = `site-${'abcde'[index]}`;
  const [manufacturer, model, kernel] = scanners[index] ?? [null, null, null];
  return {
    code,
    name,
    role: index < 3 ? 'development' : 'externalValidation',
    patientCount: 24,
    eventCount: [9, 11, 10, 10, 9][index] ?? null,
    scanners: [{ manufacturer, model, kernel }],
    bytesReleased: 21_504 + 128 * index,
    tableDigest: digestOf(`table ${code}`),
    ledgerHead: digestOf(`ledger ${code}`),
  };
});

const wave = (index: number) => Math.sin(index * 12.9898) * Math.cos(index * 4.1414);
const cloud = (site: string, seed: number, reach: number): PcaCloud => {
  const centre: [number, number] = [2 * reach * wave(seed + 1), reach * wave(seed + 20)];
  const points = Array.from({ length: 24 }, (_, k): [number, number] => [
    centre[0] + 3 * wave(31 * seed + k),
    centre[1] + 2 * wave(57 * seed + k),
  ]);
  return { site, patientCount: 24, centre, covariance: [2.2, 0.5, 1.1], points };
};

const features = Array.from({ length: 80 }, (_, k) => {
  const etaSquaredBefore = 0.72 * Math.exp(-k / 45) + 0.02 * Math.abs(wave(k));
  const etaSquaredAfter = 0.02 + 0.05 * Math.abs(wave(k + 100));
  const isAffectedAfter = etaSquaredAfter > 0.066;
  return {
    name: `feature${k}`,
    etaSquaredBefore,
    etaSquaredAfter,
    isAffectedBefore: etaSquaredBefore > 0.15,
    isAffectedAfter,
  };
});

function cohort(site: string, patientCount: number, eventCount: number, auc: ReportEstimate): ReportCohort {
  const groups = [0.14, 0.34, 0.55, 0.72, 0.88];
  return {
    site,
    digest: digestOf(`validation ${site}`),
    patientCount,
    eventCount,
    outcomesOpenedAt: site === 'pooled' ? null : '2026-11-23T14:05:00Z',
    auc,
    observedOverExpected: estimateOf(0.72, 0.54, 0.97, 'log interval'),
    calibrationInTheLarge: estimateOf(-0.63, -1.27, 0.02, 'logistic recalibration, Wald'),
    calibrationSlope: estimateOf(0.94, 0.4, 1.48, 'logistic recalibration, Wald'),
    brier: estimateOf(0.187, 0.142, 0.232, 'bootstrap'),
    sensitivity: estimateOf(0.84, 0.62, 0.94, 'Wilson'),
    specificity: estimateOf(0.62, 0.44, 0.77, 'Wilson'),
    ppv: estimateOf(0.59, 0.41, 0.75, 'Wilson'),
    npv: estimateOf(0.86, 0.65, 0.95, 'Wilson'),
    calibrationGroups: groups.map((predicted, k) => {
      const observed = Math.max(0, predicted - 0.12 - 0.02 * k);
      return {
        predicted,
        observed,
        interval: [Math.max(0, observed - 0.2), Math.min(1, observed + 0.28)],
        patientCount: Math.round(patientCount / 5),
      };
    }),
    riskHistogram: {
      edges: [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1],
      events: [0, 1, 1, 1, 2, 2, 2, 3, 4, 3],
      nonEvents: [2, 5, 4, 4, 4, 3, 3, 2, 1, 1],
    },
  };
}

const ref = (kind: string, id: string): EvidenceRef => ({ kind, id, digest: digestOf(`${kind} ${id}`) });
const lockDigest = digestOf('lock 1');
const shared = { modelDigest: digestOf('model 1'), harmonizationDigest: digestOf('harmonization 1'), threshold: 0.4 };
const runs = ['site-d', 'site-e'].map((site): ValidationFact => ({
  kind: 'validation run',
  id: site,
  digest: digestOf(`validation ${site}`),
  site,
  cohort: 'external',
  patientCount: 24,
  eventCount: site === 'site-d' ? 10 : 9,
  lockDigest,
  ...shared,
  outcomesOpenedAt: 41,
  siteAdjustment: { ...ref('batch parameters', site), sequence: 38 },
  discrimination: { hasEstimate: true, hasInterval: true },
  calibration: { hasStatistic: true, hasInterval: true, hasPlot: true },
  discriminationResampling: { replicates: 2000, seed: '1' },
  calibrationResampling: null,
  hasConfusionMatrix: true,
  isUnseenByOwner: true,
  decisionCurve: ref('decision curve', 'pooled'),
}));
export const facts: StudyFacts = {
  studyId: 'hcc-mvi',
  protocol: {
    ...ref('protocol', '1'),
    declaresLeakAudit: true,
    publicAcquisition: null,
    design: { track: 'handcrafted', segmentation: 'manual', imageSetCount: 1 },
  },
  sites: sites.map((site) => ({
    code: site.code,
    role: site.role,
    trainingRowCount: site.role === 'development' ? 24 : 0,
    outcomesOpenedAt: site.role === 'development' ? null : 41,
    acquisition: { ...ref('acquisition profile', site.code), completeSeriesShare: 1 },
    scanners: site.scanners.map((s) => `${s.manufacturer} ${s.model}`),
  })),
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
    featuresOut: 4,
    rows: 'development',
    multiplicity: null,
    robustnessDigest: null,
    harmonizationDigest: shared.harmonizationDigest,
  },
  model: {
    ...ref('model', '1'),
    predictors: [{ name: 'jointEntropy', role: 'radiomic' }],
    candidates: [
      { name: 'jointEntropy', role: 'radiomic' },
      { name: 'age', role: 'nonRadiomic' },
    ],
    selectionDigest: digestOf('selection 1'),
    harmonizationDigest: shared.harmonizationDigest,
    publishedDoi: null,
  },
  lock: { ...ref('lock', '1'), sequence: 30, ...shared, thresholdRule: 'developmentYouden' },
  validations: runs,
  comparators: [],
  associations: [],
  leakAudit: { ...ref('leak audit', '1'), replicates: 50, meanAuc: 0.51, interval: [0.44, 0.57], seed: '1' },
  analyses: [{ ...ref('scanner-effect run', '1'), subject: 'scannerEffects' }],
  run: { ...ref('run', '1'), codeVersion: '0.1.0', seed: '1', stepCount: 14 },
  artefacts: [],
  claims: [],
  contests: [],
};

export const sample: StudyReport = {
  format: 'concord.report/1',
  study: {
    id: 'hcc-mvi',
    title: 'Microvascular invasion in hepatocellular carcinoma',
    outcome: 'microvascular invasion',
    modality: 'CT',
    protocolDigest: digestOf('protocol 1'),
    frozenAt: '2026-11-23T15:20:00Z',
  },
  sites,
  extraction: {
    digest: digestOf('extraction'),
    settingsDigest: digestOf('settings'),
    engineVersion: '0.1.0',
    preset: 'ct-hcc',
    featureCount: 80,
  },
  scannerEffect: {
    digest: digestOf('scanner effect'),
    test: 'Kruskal–Wallis, Benjamini–Hochberg 0.05',
    before: { testedCount: 80, affectedCount: 73, share: 0.9125, meanEtaSquared: 0.36 },
    after: { testedCount: 80, affectedCount: 4, share: 0.05, meanEtaSquared: 0.045 },
    features,
    pca: {
      explained: [0.46, 0.17],
      before: sites.map((site, index) => cloud(site.code, index, 3)),
      after: sites.map((site, index) => cloud(site.code, index + 7, 0.5)),
    },
  },
  harmonization: {
    digest: digestOf('harmonization 1'),
    method: 'ComBat, parametric empirical Bayes',
    fittedOn: ['site-a', 'site-b', 'site-c'],
    patientCount: 72,
    isTransductive: false,
    preservedCovariates: ['age', 'sex'],
    newSites: ['site-d', 'site-e'].map((site) => ({
      site,
      digest: digestOf(`batch parameters ${site}`),
      patientCount: 24,
      estimatedAt: '2026-11-23T13:40:00Z',
      warnings: site === 'site-e' ? ['24 patients: scale of 3 features is uncertain.'] : [],
    })),
    warnings: [],
  },
  model: {
    digest: digestOf('model 1'),
    kind: 'Elastic-net logistic regression',
    candidateCount: 80,
    intercept: -0.4127,
    terms: [
      { name: 'cm_joint_entr_3D_avg', role: 'radiomic', coefficient: 0.8231 },
      { name: 'ngt_coarseness_3D', role: 'radiomic', coefficient: -0.5127 },
      { name: 'stat_skew', role: 'radiomic', coefficient: 0.2214 },
      { name: 'morph_sphericity', role: 'radiomic', coefficient: -0.1904 },
    ],
    threshold: 0.4,
    thresholdRule: 'best Youden index, development sites, out of fold',
    lockDigest,
    lockedAt: '2026-11-23T12:58:00Z',
  },
  validation: {
    perSite: [
      cohort('site-d', 24, 10, estimateOf(0.86, 0.65, 0.95)),
      cohort('site-e', 24, 9, estimateOf(0.76, 0.52, 0.9)),
    ],
    pooled: cohort('pooled', 48, 19, estimateOf(0.81, 0.69, 0.89)),
    withinSiteAuc: estimateOf(0.81, 0.67, 0.9),
    meta: {
      digest: digestOf('meta'),
      auc: estimateOf(0.82, 0.6, 0.93, 'REML, Hartung–Knapp'),
      prediction: notEstimable('a prediction interval needs three sites or more, there are 2'),
      tauSquared: estimateOf(0, 0, 4.1, 'REML, Q profile'),
    },
    decisionCurve: {
      digest: digestOf('decision curve pooled'),
      patientCount: 48,
      declaredRange: [0.2, 0.6],
      points: Array.from({ length: 81 }, (_, k) => {
        const threshold = k / 100;
        const all = 0.4 - (0.6 * threshold) / (1 - threshold);
        const model = Math.max(all, 0.36 - 0.3 * threshold - 0.2 * threshold ** 2);
        return { threshold, model, all, interval: [model - 0.1, model + 0.1] as const };
      }),
    },
    dropped: { missingScore: 0, missingOutcome: 0 },
    bootstrap: { replicates: 2000, seed: '1' },
  },
  leakAudit: {
    digest: digestOf('leak audit 1'),
    replicates: 50,
    meanAuc: 0.51,
    interval: [0.44, 0.57],
    seeds: ['1 to 50'],
  },
  rqs: { digest: digestOf('assessment'), ...assessStudy(facts) },
  provenance: { codeVersion: '0.1.0', nodeVersion: '24.21.0', seed: '1', runDigest: digestOf('run') },
  audit: { entryCount: 64, headHash: digestOf('audit head') },
};
