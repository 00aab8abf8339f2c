import type {
  CohortValidation,
  CompetingCohortValidation,
  Estimate,
  SurvivalCohortValidation,
} from '@concord/validation';

/** One line of a table: its name, its estimate in a cohort, and how many digits are read. */
export interface MeasureRow<Cohort> {
  readonly name: string;
  readonly of: (cohort: Cohort) => Estimate;
  readonly digits?: number;
  /** Printed as a p-value. */
  readonly isP?: boolean;
}
export interface MeasureTable<Cohort> {
  readonly caption: string;
  readonly rows: readonly MeasureRow<Cohort>[];
}

const row = <Cohort>(name: string, of: (cohort: Cohort) => Estimate, digits = 2): MeasureRow<Cohort> => ({
  name,
  of,
  digits,
});
const pValue = <Cohort>(name: string, of: (cohort: Cohort) => Estimate): MeasureRow<Cohort> => ({
  name,
  of,
  isP: true,
});

/** The tables of a binary score, in the order of questions: does it rank, are its risks right, what does it cost. */
export const BINARY_TABLES: readonly MeasureTable<CohortValidation>[] = [
  {
    caption: 'Discrimination',
    rows: [
      row('event rate', (c) => c.prevalence),
      row('AUC (logit interval)', (c) => c.auc.logit, 3),
      row('AUC (Wald interval)', (c) => c.auc.wald, 3),
      row('partial AUC, specificity 90–100 %', (c) => c.details.partialAucSpecificity),
      row('partial AUC, sensitivity 90–100 %', (c) => c.details.partialAucSensitivity),
      row('average precision', (c) => c.details.averagePrecision),
      row('discrimination slope', (c) => c.details.discriminationSlope),
    ],
  },
  {
    caption: 'Calibration (ideal: 1, 0, 1; distances 0)',
    rows: [
      row('observed / expected', (c) => c.calibration.observedExpected),
      row('in the large', (c) => c.calibration.inTheLarge),
      row('slope', (c) => c.calibration.slope),
      row('intercept with slope', (c) => c.calibration.interceptWithSlope),
      row('ICI, spline', (c) => withBootstrap(c.calibrationCurve.ici, c.bootstrap?.ici), 3),
      row('E50, spline', (c) => withBootstrap(c.calibrationCurve.e50, c.bootstrap?.e50), 3),
      row('E90, spline', (c) => withBootstrap(c.calibrationCurve.e90, c.bootstrap?.e90), 3),
      row('Emax, spline', (c) => withBootstrap(c.calibrationCurve.emax, c.bootstrap?.emax), 3),
      row('ICI, loess', (c) => c.details.loess.ici, 3),
      row('ECI, loess', (c) => c.details.loess.eci, 3),
      pValue('p, predictions as they are', (c) => c.details.unreliability),
      pValue('p, level', (c) => c.details.interceptTest),
      pValue('p, slope', (c) => c.details.slopeTest),
      pValue('p, Spiegelhalter', (c) => c.details.spiegelhalter),
    ],
  },
  {
    caption: 'Overall error',
    rows: [
      row('Brier score', (c) => c.calibration.brier, 3),
      row('scaled Brier score', (c) => withBootstrap(c.calibration.scaledBrier, c.bootstrap?.scaledBrier), 3),
      row('log loss', (c) => c.details.logLoss, 3),
      row('Nagelkerke R²', (c) => c.details.nagelkerke, 3),
    ],
  },
  {
    caption: 'At the locked threshold',
    rows: [
      row('sensitivity', (c) => c.atThreshold.sensitivity),
      row('specificity', (c) => c.atThreshold.specificity),
      row('positive predictive value', (c) => c.atThreshold.ppv),
      row('negative predictive value', (c) => c.atThreshold.npv),
      row('sensitivity (Clopper-Pearson)', (c) => c.atThreshold.exact.sensitivity),
      row('specificity (Clopper-Pearson)', (c) => c.atThreshold.exact.specificity),
      row('net benefit', (c) => c.netBenefit, 3),
      row('likelihood ratio, positive', (c) => c.atThreshold.lrPositive),
      row('likelihood ratio, negative', (c) => c.atThreshold.lrNegative),
      row('diagnostic odds ratio', (c) => c.atThreshold.diagnosticOddsRatio),
      row('Youden index', (c) => c.atThreshold.youden),
      row('F1', (c) => c.atThreshold.f1),
      row('Matthews correlation', (c) => c.atThreshold.mcc),
      row('exploratory: threshold of the largest Youden index here', (c) => c.details.exploratoryThreshold),
    ],
  },
  {
    caption: 'Other patients, or a wrong model? (case mix)',
    rows: [
      row('AUC promised by the risks', (c) => c.details.caseMix.modelBasedC),
      row('mean linear predictor', (c) => c.details.caseMix.meanLinear),
      row('its standard deviation', (c) => c.details.caseMix.sdLinear),
    ],
  },
  {
    caption: 'Were it updated here (development again; needs another validation)',
    rows: [
      row('intercept to add', (c) => c.details.updating.intercept),
      row('intercept, with slope', (c) => c.details.updating.recalibrationIntercept),
      row('slope', (c) => c.details.updating.recalibrationSlope),
      row('Brier score, original', (c) => c.details.updating.brierOriginal, 3),
      row('Brier score, intercept', (c) => c.details.updating.brierIntercept, 3),
      row('Brier score, intercept and slope', (c) => c.details.updating.brierRecalibration, 3),
    ],
  },
];

/** The interval of a resampling beside a value that has none of its own. */
function withBootstrap(one: Estimate, interval: readonly [number, number] | null | undefined): Estimate {
  if (one.value === null || !interval) return one;
  return { ...one, interval, method: `${one.method}; percentile bootstrap`, reason: null };
}

/** The tables of a survival model. @param times of the horizons, with unit */
export function survivalTables(times: readonly string[]): MeasureTable<SurvivalCohortValidation>[] {
  return [
    {
      caption: 'Discrimination',
      rows: [
        row('median follow-up', (c) => c.medianFollowUp, 1),
        row('median survival', (c) => c.medianSurvival, 1),
        row("Harrell's C", (c) => c.harrell, 3),
        row("Uno's C", (c) => c.uno, 3),
        row('Gönen-Heller C', (c) => c.gonenHeller, 3),
        row("Royston's D", (c) => c.roystonD),
        ...times.map((time, h) => row<SurvivalCohortValidation>(`AUC at ${time}`, (c) => c.horizons[h].auc, 3)),
      ],
    },
    {
      caption: 'Calibration (ideal: 1; distances 0)',
      rows: [
        row('slope', (c) => c.slope.slope),
        pValue('p, slope 1', (c) => c.slopeTest),
        pValue('p, proportional hazards', (c) => c.proportionalHazards),
        row('observed / expected events over follow-up', (c) => c.poisson.ratio),
        ...times.flatMap((time, h) => [
          row<SurvivalCohortValidation>(`observed / expected at ${time}`, (c) => c.horizons[h].observedExpected),
          row<SurvivalCohortValidation>(`ICI at ${time}`, (c) => c.horizons[h].ici, 4),
          row<SurvivalCohortValidation>(`E50 at ${time}`, (c) => c.horizons[h].e50, 4),
          row<SurvivalCohortValidation>(`E90 at ${time}`, (c) => c.horizons[h].e90, 4),
        ]),
      ],
    },
    {
      caption: 'Overall error',
      rows: [
        ...times.flatMap((time, h) => [
          row<SurvivalCohortValidation>(`survival at ${time}`, (c) => c.horizons[h].survival),
          row<SurvivalCohortValidation>(`Brier score at ${time}`, (c) => c.horizons[h].brier, 3),
          row<SurvivalCohortValidation>(`index of prediction accuracy at ${time}`, (c) => c.horizons[h].ipa, 3),
        ]),
        row('integrated Brier score', (c) => c.integratedBrier, 3),
      ],
    },
  ];
}

/** The tables of a model of competing risks. @param times of the horizons, with unit */
export function competingTables(times: readonly string[]): MeasureTable<CompetingCohortValidation>[] {
  return [
    {
      caption: 'Discrimination and calibration (ideal: slope and observed / expected 1)',
      rows: [
        row('median follow-up', (c) => c.medianFollowUp, 1),
        row('Fine-Gray slope', (c) => c.fineGraySlope),
        row('cause-specific slope', (c) => c.causeSpecificSlope),
        ...times.flatMap((time, h) => [
          row<CompetingCohortValidation>(`AUC at ${time}`, (c) => c.horizons[h].auc, 3),
          row<CompetingCohortValidation>(`observed / expected at ${time}`, (c) => c.horizons[h].observedExpected),
          row<CompetingCohortValidation>(`incidence at ${time}`, (c) => c.horizons[h].incidence),
          row<CompetingCohortValidation>(`competing incidence at ${time}`, (c) => c.horizons[h].competingIncidence),
          row<CompetingCohortValidation>(`Brier score at ${time}`, (c) => c.horizons[h].brier, 3),
          row<CompetingCohortValidation>(`index of prediction accuracy at ${time}`, (c) => c.horizons[h].ipa, 3),
        ]),
      ],
    },
  ];
}
