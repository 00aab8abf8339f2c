import { parseHTML } from 'linkedom';
import type { CalibrationData } from './calibration.js';
import type { DecisionCurveData } from './decision-curve.js';
import type { FeatureEffectsData } from './feature-effects.js';
import type { FigureDocument } from './figure.js';
import type { ForestData } from './forest.js';
import type { NetworkData } from './network.js';
import type { PcaData } from './pca.js';
import type { RiskDistributionData } from './risk-distribution.js';
import type { ScoreData } from './score-cells.js';
import type { SurvivalFigureData } from './survival.js';

/** The little of linkedom's document that tests use: its own types want a DOM library. */
interface TestElement {
  readonly textContent: string;
  readonly parentElement: TestElement | null;
  getAttribute(name: string): string | null;
}
interface TestDocument extends FigureDocument {
  querySelectorAll(selector: string): Iterable<TestElement>;
}

export function page(body = ''): TestDocument {
  const parse = parseHTML as unknown as (html: string) => { document: TestDocument };
  return parse(`<!doctype html><html><body>${body}</body></html>`).document;
}

/** Below: invented data of plausible size, for tests and for looking at. */
export const document: FigureDocument = page();

export const sites = ['site-a', 'site-b', 'site-c', 'site-d', 'site-e'];

/** Repeatable numbers between -1 and 1. */
const wave = (index: number) => Math.sin(index * 12.9898) * Math.cos(index * 4.1414);

export const pca: PcaData = {
  sites,
  explained: [0.46, 0.17],
  before: sites.map((site, index) => cloud(site, index, 3)),
  after: sites.map((site, index) => cloud(site, index + 7, 0.5)),
};

function cloud(site: string, seed: number, reach: number) {
  const centre: [number, number] = [2 * reach * wave(seed + 1), reach * wave(seed + 20)];
  const points = Array.from({ length: 24 }, (_, k): [number, number] => [
    centre[0] + 3 * wave(31 * seed + k),
    centre[1] + 2 * wave(57 * seed + k),
  ]);
  return { site, patientCount: 24, centre, covariance: [2.2, 0.5, 1.1] as [number, number, number], points };
}

export const effects: FeatureEffectsData = {
  test: 'Kruskal–Wallis, Benjamini–Hochberg 0.05',
  features: Array.from({ length: 80 }, (_, k) => {
    const etaSquaredBefore = 0.72 * Math.exp(-k / 45) + 0.02 * Math.abs(wave(k));
    const etaSquaredAfter = 0.02 + 0.05 * Math.abs(wave(k + 100));
    const isAffectedBefore = etaSquaredBefore > 0.15;
    return {
      name: `feature${k}`,
      etaSquaredBefore,
      etaSquaredAfter,
      isAffectedBefore,
      isAffectedAfter: etaSquaredAfter > 0.066,
    };
  }),
};

const estimate = (value: number, low: number, high: number) => ({
  value,
  interval: [low, high] as const,
  reason: null,
});

export const forest: ForestData = {
  sites,
  rows: [
    { site: 'site-d', patientCount: 24, eventCount: 10, auc: estimate(0.86, 0.65, 0.95) },
    { site: 'site-e', patientCount: 24, eventCount: 9, auc: estimate(0.76, 0.52, 0.9) },
  ],
  pooled: { label: 'all external', patientCount: 48, eventCount: 19, auc: estimate(0.81, 0.69, 0.89) },
  prediction: null,
};

export const calibration: CalibrationData = {
  label: 'all external sites',
  patientCount: 48,
  eventCount: 19,
  groups: [
    { predicted: 0.15, observed: 0.1, interval: [0.02, 0.36], patientCount: 10 },
    { predicted: 0.35, observed: 0.2, interval: [0.06, 0.51], patientCount: 10 },
    { predicted: 0.55, observed: 0.4, interval: [0.17, 0.69], patientCount: 10 },
    { predicted: 0.7, observed: 0.56, interval: [0.27, 0.81], patientCount: 9 },
    { predicted: 0.88, observed: 0.78, interval: [0.45, 0.94], patientCount: 9 },
  ],
  histogram: {
    edges: [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1],
    events: [0, 1, 1, 1, 2, 2, 2, 3, 4, 3],
    nonEvents: [2, 5, 4, 4, 4, 3, 3, 2, 1, 1],
  },
  observedOverExpected: estimate(0.72, 0.54, 0.97),
  slope: estimate(0.94, 0.4, 1.48),
  inTheLarge: estimate(-0.63, -1.27, 0.02),
};

export const decision: DecisionCurveData = {
  patientCount: 48,
  declaredRange: [0.2, 0.6],
  points: Array.from({ length: 81 }, (_, k) => {
    const threshold = k / 100;
    const all = 0.4 - (0.6 * threshold) / (1 - threshold);
    const model = Math.max(all, 0.36 - 0.3 * threshold - 0.2 * threshold ** 2);
    return { threshold, model, all, interval: [model - 0.1, model + 0.1] as const };
  }),
};

export const network: NetworkData = {
  hub: 'Hub',
  sites: sites.map((code, index) => ({
    code,
    name: `Hospital ${['North', 'South', 'East', 'West', 'Lakeside'][index]}`,
    state: index === 4 ? 'waits for approval' : 'released',
    bytesReleased: index === 4 ? 0 : 20480 + 1000 * index,
    patientCount: 24,
    role: index < 3 ? 'development' : 'external validation',
    lastContact: index === 4 ? null : '2 min ago',
  })),
};

const score: [number, number, ScoreData['items'][number]['state']][] = [
  [1, 2, 'PROVEN'], [0, 1, 'NOT_MET'], [0, 1, 'NOT_MET'], [0, 1, 'NOT_MET'], [3, 3, 'PROVEN'], [0, 1, 'CONTESTED'],
  [0, 1, 'NOT_MET'], [1, 1, 'PROVEN'], [2, 2, 'PROVEN'], [2, 2, 'PROVEN'], [0, 7, 'CLAIMED'], [4, 5, 'PROVEN'],
  [0, 2, 'NOT_MET'], [2, 2, 'PROVEN'], [0, 1, 'NOT_MET'], [0, 4, 'NOT_MET'],
]; // prettier-ignore
export const quality: ScoreData = {
  title: 'Radiomics Quality Score 1.0',
  total: 15,
  maxPoints: 36,
  items: score.map(([points, maxPoints, state], k) => ({
    number: k + 1,
    title: `Item ${k + 1}`,
    points,
    maxPoints,
    state,
  })),
};

export const survival: SurvivalFigureData = {
  label: 'all sites',
  kind: 'survival',
  timeUnit: 'months',
  horizons: [24],
  remark: 'Log-rank test: p 0.002.',
  curves: ['low', 'high', 'none seen'].map((label, group) => ({
    label,
    n: group === 2 ? 0 : 60,
    events: group === 2 ? 0 : 12 + 14 * group,
    lastTime: group === 2 ? 0 : 58,
    steps: Array.from({ length: group === 2 ? 0 : 12 }, (_, k) => {
      const value = 1 - ((k + 1) * (0.03 + 0.035 * group)) / 1.05;
      return { time: 4 * (k + 1), value, low: Math.max(0, value - 0.08), high: Math.min(1, value + 0.06) };
    }),
    atRisk: [0, 12, 24, 36, 48].map((time) => ({ time, count: group === 2 ? 0 : 60 - time })),
  })),
};

export const distribution: RiskDistributionData = {
  label: 'all sites',
  axis: 'Predicted risk',
  threshold: 0.3,
  histogram: {
    edges: Array.from({ length: 11 }, (_, k) => k / 10),
    events: [1, 2, 4, 6, 9, 10, 8, 6, 3, 1],
    nonEvents: [9, 14, 12, 9, 7, 4, 3, 1, 0, 0],
  },
};

/** The calibration above with a smooth curve and its band. */
export const smoothCalibration: CalibrationData = {
  ...calibration,
  bandWords: '1,000 bootstrap samples',
  curve: Array.from({ length: 21 }, (_, k) => {
    const observed = 0.08 + 0.038 * k;
    return { predicted: 0.05 + 0.04 * k, observed, low: observed - 0.05, high: observed + 0.06 };
  }),
};

export const ratioForest: ForestData = {
  ...forest,
  measure: {
    name: 'observed / expected',
    title: 'Observed over expected events at each site',
    reference: 1,
    referenceWords: 'as many events as predicted',
    isRatio: true,
  },
  rows: forest.rows.map((row, k) => ({
    ...row,
    auc: { value: 0.8 + 0.2 * k, interval: [0.5 + 0.2 * k, 1.3 + 0.3 * k], reason: null },
  })),
  prediction: null,
};
