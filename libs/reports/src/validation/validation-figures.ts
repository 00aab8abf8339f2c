import {
  calibrationFigure,
  decisionCurveFigure,
  forestFigure,
  riskDistributionFigure,
  survivalFigure,
  type CalibrationData,
  type Figure,
  type FigureDocument,
  type ForestData,
} from '@concord/figures';
import type {
  BinaryValidation,
  CohortValidation,
  CompetingValidation,
  Estimate,
  SurvivalValidation,
} from '@concord/validation';
import type { ScoreResult } from './validation-report.js';

/** A figure by its name, drawn at a width on demand: the page wants two widths, the folder one. */
export interface NamedFigure {
  readonly name: string;
  readonly title: string;
  readonly section: 'discrimination' | 'calibration' | 'utility' | 'groups';
  readonly isSmall: boolean;
  readonly draw: (width: number) => Figure;
}

interface Drawing {
  readonly document: FigureDocument;
  readonly timeUnit: string;
}

/** Every figure of a validated score, in the order of the page. */
export function validationFigures(result: ScoreResult, drawing: Drawing): NamedFigure[] {
  switch (result.format) {
    case 'concord.validation.binary/1':
      return binaryFigures(result, drawing);
    case 'concord.validation.survival/1':
      return survivalFigures(result, drawing);
    case 'concord.validation.competing/1':
      return competingFigures(result, drawing);
  }
}

const ALL = 'all patients';
const ratio = { reference: 1, referenceWords: 'as many events as predicted', isRatio: true } as const;
const OE = { name: 'observed / expected', title: 'Observed over expected events at each site', ...ratio };
const SLOPE = {
  name: 'calibration slope',
  title: 'Calibration slope at each site',
  reference: 1,
  referenceWords: 'risks spread as they should',
  isRatio: false,
} as const;

interface Counted {
  readonly n: number;
  readonly events: number;
}

/** A forest of one measure over sites. */
function forest<Cohort extends Counted>(
  result: { readonly sites: readonly (Cohort & { readonly site: string })[]; readonly pooled: Cohort },
  of: (cohort: Cohort) => Estimate,
  prediction: Estimate | null,
  drawing: Drawing,
  measure?: ForestData['measure'],
) {
  const row = (cohort: Cohort) => ({ patientCount: cohort.n, eventCount: cohort.events, auc: of(cohort) });
  const data: ForestData = {
    sites: result.sites.map(({ site }) => site),
    rows: result.sites.map((cohort) => ({ site: cohort.site, ...row(cohort) })),
    pooled: { label: ALL, ...row(result.pooled) },
    prediction,
    ...(measure && { measure }),
  };
  return (width: number) => forestFigure(data, { document: drawing.document, width });
}

function binaryFigures(result: BinaryValidation, drawing: Drawing): NamedFigure[] {
  const { pooled, sites, acrossSites, isProbability, threshold } = result;
  const figures: NamedFigure[] = [];
  const options = (width: number) => ({ document: drawing.document, width });
  if (sites.length > 0) {
    const auc = forest(result, (c) => c.auc.logit, acrossSites.auc.prediction, drawing);
    figures.push({ name: 'forest', title: 'AUC by site', section: 'discrimination', isSmall: false, draw: auc });
  }
  if (pooled.n > 0) {
    figures.push({
      name: 'risk-distribution',
      title: 'Scores by outcome',
      section: 'discrimination',
      isSmall: false,
      draw: (width) =>
        riskDistributionFigure(
          {
            label: ALL,
            histogram: pooled.histogram,
            threshold,
            axis: isProbability ? 'Predicted risk' : 'Score',
          },
          options(width),
        ),
    });
  }
  if (isProbability) figures.push(...calibrations(result, drawing));
  const points = pooled.decisionCurve.flatMap(({ threshold: at, netBenefit, treatAll }) =>
    netBenefit.value === null || treatAll.value === null
      ? []
      : [{ threshold: at, model: netBenefit.value, all: treatAll.value, interval: netBenefit.interval }],
  );
  if (points.length > 1) {
    const declaredRange: [number, number] = [points[0]?.threshold ?? 0, points.at(-1)?.threshold ?? 1];
    const data = { patientCount: pooled.n, declaredRange, points };
    const draw = (width: number) => decisionCurveFigure(data, options(width));
    figures.push({ name: 'decision-curve', title: 'Decision curve', section: 'utility', isSmall: false, draw });
  }
  return figures;
}

function calibrations(result: BinaryValidation, drawing: Drawing): NamedFigure[] {
  const { pooled, sites, acrossSites } = result;
  const one = (name: string, label: string, cohort: CohortValidation): NamedFigure => ({
    name,
    title: `Calibration at ${label}`,
    section: 'calibration',
    isSmall: true,
    draw: (width) => calibrationFigure(calibrationData(label, cohort), { document: drawing.document, width }),
  });
  const forests: NamedFigure[] =
    sites.length === 0
      ? []
      : [
          {
            name: 'forest-observed-expected',
            title: 'Observed over expected by site',
            section: 'calibration',
            isSmall: false,
            draw: forest(
              result,
              (c) => c.calibration.observedExpected,
              acrossSites.observedExpected.prediction,
              drawing,
              OE,
            ),
          },
          {
            name: 'forest-slope',
            title: 'Calibration slope by site',
            section: 'calibration',
            isSmall: false,
            draw: forest(result, (c) => c.calibration.slope, acrossSites.slope.prediction, drawing, SLOPE),
          },
        ];
  return [
    ...forests,
    ...(pooled.calibrationCurve.groups.length > 0 ? [one('calibration', ALL, pooled)] : []),
    ...sites
      .filter((cohort) => cohort.calibrationCurve.groups.length > 0)
      .map((cohort) => one(`calibration-${fileName(cohort.site)}`, cohort.site, cohort)),
  ];
}

/** What the calibration figure shows of a cohort of a binary score. */
export function calibrationData(label: string, cohort: CohortValidation): CalibrationData {
  const { calibration, calibrationCurve, bootstrap, histogram } = cohort;
  const isResampled = bootstrap !== null && bootstrap.band.some((band) => band !== null);
  return {
    label,
    patientCount: cohort.n,
    eventCount: cohort.events,
    groups: calibrationCurve.groups.flatMap(({ n, meanRisk, observed }) =>
      observed.value === null
        ? []
        : [{ predicted: meanRisk, observed: observed.value, interval: observed.interval, patientCount: n }],
    ),
    curve: calibrationCurve.smooth.map((point, k) => {
      const band = isResampled ? bootstrap.band[k] : ([point.low, point.high] as const);
      return {
        predicted: point.predicted,
        observed: point.observed,
        low: band?.[0] ?? null,
        high: band?.[1] ?? null,
      };
    }),
    bandWords: isResampled ? `${bootstrap.replicates} bootstrap samples` : 'the delta method',
    histogram: histogram.edges.length > 0 ? histogram : null,
    observedOverExpected: calibration.observedExpected,
    slope: calibration.slope,
    inTheLarge: calibration.inTheLarge,
  };
}

function survivalFigures(result: SurvivalValidation, drawing: Drawing): NamedFigure[] {
  const { pooled, sites, acrossSites } = result;
  const figures: NamedFigure[] = [];
  if (sites.length > 0) {
    const c = { name: 'C', title: 'Harrell’s C at each site', reference: 0.5, referenceWords: 'no better than a coin' };
    figures.push({
      name: 'forest',
      title: 'C by site',
      section: 'discrimination',
      isSmall: false,
      draw: forest(result, (cohort) => cohort.harrell, acrossSites.c.prediction, drawing, { ...c, isRatio: false }),
    });
  }
  pooled.horizons.forEach((horizon, h) => {
    const suffix = `-${fileName(String(horizon.time))}`;
    const prediction = acrossSites.observedExpected[h]?.prediction ?? null;
    figures.push(
      ...horizonFigures(horizon, pooled, suffix, drawing),
      ...(sites.length > 0
        ? [
            {
              name: `forest-observed-expected${suffix}`,
              title: `Observed over expected by site, ${horizon.time} ${drawing.timeUnit}`,
              section: 'calibration' as const,
              isSmall: false,
              draw: forest(result, (c) => c.horizons[h]?.observedExpected ?? NONE, prediction, drawing, OE),
            },
          ]
        : []),
    );
  });
  const groups = pooled.riskGroups;
  const p = groups?.logRankP.value ?? null;
  const data = {
    label: ALL,
    kind: 'survival' as const,
    timeUnit: drawing.timeUnit,
    horizons: pooled.horizons.map(({ time }) => time),
    curves: groups ? groups.groups.map(({ curve }) => curve) : [{ ...pooled.curve, label: ALL }],
    remark: p === null ? '' : `Log-rank test: p ${pWords(p)}.`,
  };
  const draw = (width: number) => survivalFigure(data, { document: drawing.document, width });
  figures.push({ name: 'survival', title: 'Survival by locked risk group', section: 'groups', isSmall: false, draw });
  return figures;
}

const NONE: Estimate = { value: null, interval: null, method: '', status: 'not-estimable', reason: 'no such horizon' };

/** Of a 95 % interval. */
function boundsOf(value: number, error: number): [number, number] {
  return [value - 1.959964 * error, value + 1.959964 * error];
}

interface Horizon {
  readonly time: number;
  readonly groups: readonly { readonly n: number; readonly meanRisk: number; readonly observed: Estimate }[];
  readonly smooth?: readonly { readonly predicted: number; readonly observed: number }[];
  readonly observedExpected: Estimate;
  readonly auc: Estimate;
  readonly brier: Estimate;
  readonly decisionCurve: readonly {
    readonly threshold: number;
    readonly netBenefit: number;
    readonly standardError: number | null;
    readonly treatAll: number;
  }[];
}

function horizonFigures(horizon: Horizon, cohort: Counted, suffix: string, drawing: Drawing): NamedFigure[] {
  const label = `all patients, ${horizon.time} ${drawing.timeUnit}`;
  const options = (width: number) => ({ document: drawing.document, width });
  const data: CalibrationData = {
    label,
    patientCount: cohort.n,
    eventCount: cohort.events,
    groups: horizon.groups.flatMap(({ n, meanRisk, observed }) =>
      observed.value === null
        ? []
        : [{ predicted: meanRisk, observed: observed.value, interval: observed.interval, patientCount: n }],
    ),
    curve: horizon.smooth ?? [],
    histogram: null,
    observedOverExpected: horizon.observedExpected,
    measures: [
      { name: 'AUC', estimate: horizon.auc },
      { name: 'Brier', estimate: horizon.brier },
    ],
  };
  const figures: NamedFigure[] = [
    {
      name: `calibration${suffix}`,
      title: `Calibration at ${label}`,
      section: 'calibration',
      isSmall: true,
      draw: (width) => calibrationFigure(data, options(width)),
    },
  ];
  const points = horizon.decisionCurve.map(({ threshold, netBenefit, standardError, treatAll }) => ({
    threshold,
    model: netBenefit,
    all: treatAll,
    interval: standardError === null ? null : boundsOf(netBenefit, standardError),
  }));
  if (points.length > 1) {
    const declaredRange: [number, number] = [points[0]?.threshold ?? 0, points.at(-1)?.threshold ?? 1];
    const curve = { patientCount: cohort.n, declaredRange, points };
    const draw = (width: number) => decisionCurveFigure(curve, options(width));
    const title = `Decision curve at ${horizon.time} ${drawing.timeUnit}`;
    figures.push({ name: `decision-curve${suffix}`, title, section: 'utility', isSmall: false, draw });
  }
  return figures;
}

function competingFigures(result: CompetingValidation, drawing: Drawing): NamedFigure[] {
  const { pooled, sites, acrossSites } = result;
  const last = pooled.horizons.length - 1;
  const time = pooled.horizons[last]?.time ?? 0;
  const data = {
    label: ALL,
    kind: 'incidence' as const,
    timeUnit: drawing.timeUnit,
    horizons: pooled.horizons.map((horizon) => horizon.time),
    curves: pooled.groups.length > 0 ? pooled.groups : [{ ...pooled.incidence, label: ALL }],
    remark: pooled.gray.value === null ? '' : `Gray’s test: p ${pWords(pooled.gray.value)}.`,
  };
  const auc = { name: 'AUC', title: `AUC at each site, ${time} ${drawing.timeUnit}`, reference: 0.5 };
  const measure = { ...auc, referenceWords: 'no better than a coin', isRatio: false };
  return [
    ...(sites.length > 0
      ? [
          {
            name: 'forest',
            title: 'AUC by site',
            section: 'discrimination' as const,
            isSmall: false,
            draw: forest(
              result,
              (c) => c.horizons[last]?.auc ?? NONE,
              acrossSites.auc[last]?.prediction ?? null,
              drawing,
              measure,
            ),
          },
        ]
      : []),
    ...pooled.horizons.flatMap((horizon) =>
      horizonFigures(horizon, pooled, `-${fileName(String(horizon.time))}`, drawing),
    ),
    {
      name: 'incidence',
      title: 'Cumulative incidence by locked risk group',
      section: 'groups',
      isSmall: false,
      draw: (width) => survivalFigure(data, { document: drawing.document, width }),
    },
  ];
}

/** `0.031`, `< 0.001`. */
export function pWords(p: number): string {
  return p < 0.001 ? '< 0.001' : p.toFixed(3);
}

/** A name that any file system takes. */
export function fileName(name: string): string {
  return name.replace(/[^\w.-]/g, '_');
}
