import {
  calibrationFigure,
  decisionCurveFigure,
  escapeXml,
  estimateWords,
  forestFigure,
  type Figure,
  type FigureDocument,
} from '@concord/figures';
import type { BinaryValidation, CohortValidation, Estimate } from '@concord/validation';
import { parseHTML } from 'linkedom';

/** One validated score. */
export interface ScoreValidation {
  readonly score: string;
  readonly result: BinaryValidation;
}

/** What the report is made of; the same input gives the same bytes. */
export interface ValidationReportInput {
  readonly outcome: string;
  readonly scores: readonly ScoreValidation[];
  readonly version: string;
}

/** Contents of the report's files by name: `report.json`, `report.html` and each figure as SVG. */
export function validationReport(input: ValidationReportInput): Map<string, string> {
  const document = {
    format: 'concord.validation-report/1',
    version: input.version,
    outcome: input.outcome,
    scores: input.scores.map(({ score, result }) => ({ score, ...result })),
  };
  const drawn = input.scores.map((one) => ({ ...one, figures: figuresOf(one.result) }));
  const prefix = (score: string) => (input.scores.length > 1 ? `${score.replace(/[^\w.-]/g, '_')}-` : '');
  return new Map([
    ['report.json', `${JSON.stringify(document, null, 2)}\n`],
    ['report.html', html(input, drawn)],
    ...drawn.flatMap(({ score, figures }) =>
      [...figures].map(([name, { svg }]): [string, string] => [`${prefix(score)}${name}.svg`, `${svg}\n`]),
    ),
  ]);
}

function figuresOf({ pooled, sites, acrossSites }: BinaryValidation): Map<string, Figure> {
  // linkedom's own types want a DOM library.
  const page = parseHTML('<!doctype html><html><body></body></html>') as unknown as { document: FigureDocument };
  const figures = new Map<string, Figure>();
  const row = (cohort: CohortValidation) => ({
    patientCount: cohort.n,
    eventCount: cohort.events,
    auc: cohort.auc.logit,
  });
  if (sites.length > 0) {
    const data = {
      sites: sites.map(({ site }) => site),
      rows: sites.map((site) => ({ site: site.site, ...row(site) })),
      pooled: { label: 'all sites', ...row(pooled) },
      prediction: acrossSites.auc.prediction,
    };
    figures.set('forest', forestFigure(data, page));
  }
  if (pooled.calibrationCurve.groups.length > 0) {
    const { calibration, calibrationCurve, histogram } = pooled;
    const groups = calibrationCurve.groups.flatMap(({ n, meanRisk, observed }) =>
      observed.value === null
        ? []
        : [{ predicted: meanRisk, observed: observed.value, interval: observed.interval, patientCount: n }],
    );
    const data = {
      label: 'all patients',
      patientCount: pooled.n,
      eventCount: pooled.events,
      groups,
      histogram,
      observedOverExpected: calibration.observedExpected,
      slope: calibration.slope,
      inTheLarge: calibration.inTheLarge,
    };
    figures.set('calibration', calibrationFigure(data, page));
  }
  const points = pooled.decisionCurve.flatMap(({ threshold, netBenefit, treatAll }) =>
    netBenefit.value === null || treatAll.value === null
      ? []
      : [{ threshold, model: netBenefit.value, all: treatAll.value, interval: netBenefit.interval }],
  );
  if (points.length > 1) {
    const declaredRange: [number, number] = [points[0].threshold, points[points.length - 1].threshold];
    figures.set('decision-curve', decisionCurveFigure({ patientCount: pooled.n, declaredRange, points }, page));
  }
  return figures;
}

/** The rows of the main table: what is asked of a cohort, and its estimate. */
const ROWS: readonly (readonly [string, (cohort: CohortValidation) => Estimate])[] = [
  ['event rate', (cohort) => cohort.prevalence],
  ['AUC', (cohort) => cohort.auc.logit],
  ['observed / expected', (cohort) => cohort.calibration.observedExpected],
  ['calibration in the large', (cohort) => cohort.calibration.inTheLarge],
  ['calibration slope', (cohort) => cohort.calibration.slope],
  ['Brier score', (cohort) => cohort.calibration.brier],
  ['scaled Brier score', (cohort) => cohort.calibration.scaledBrier],
  ['sensitivity', (cohort) => cohort.atThreshold.sensitivity],
  ['specificity', (cohort) => cohort.atThreshold.specificity],
  ['positive predictive value', (cohort) => cohort.atThreshold.ppv],
  ['negative predictive value', (cohort) => cohort.atThreshold.npv],
  ['accuracy', (cohort) => cohort.atThreshold.accuracy],
];

function cell(one: Estimate): string {
  const reason = one.value === null ? `: ${one.reason ?? ''}` : '';
  return `<td title="${escapeXml(one.method)}">${escapeXml(estimateWords(one) + reason)}</td>`;
}

function section({ score, result, figures }: ScoreValidation & { figures: Map<string, Figure> }): string {
  const { pooled, sites, withinSiteAuc, acrossSites, dropped, threshold } = result;
  const cohorts = [
    { name: 'all patients', cohort: pooled },
    ...sites.map((site) => ({ name: site.site, cohort: site })),
  ];
  const head = cohorts.map(
    ({ name, cohort }) => `<th scope="col">${escapeXml(name)}<br>${cohort.n} patients, ${cohort.events} events</th>`,
  );
  const rows = ROWS.map(
    ([name, of]) => `<tr><th scope="row">${name}</th>${cohorts.map(({ cohort }) => cell(of(cohort))).join('')}</tr>`,
  );
  const across = [
    ['AUC over pairs within sites', withinSiteAuc],
    ['mean AUC over sites (REML, Hartung-Knapp)', acrossSites.auc.mean],
    ['prediction interval for a new site', acrossSites.auc.prediction],
    ['variance between sites, tau² of the logit', acrossSites.auc.tau2],
  ] as const;
  return `<h2>${escapeXml(score)}</h2>
<p>Positive at ${threshold === null ? 'no threshold: none was given' : `a score of ${threshold} or more, as locked`}. Left out: ${dropped.missingScore} without a score, ${dropped.missingOutcome} without an outcome. Intervals at ${100 * result.level} %.</p>
<div class="wide"><table><thead><tr><th scope="col"></th>${head.join('')}</tr></thead><tbody>
${rows.join('\n')}
</tbody></table></div>
${sites.length > 0 ? `<h3>Across sites</h3>\n<table><tbody>${across.map(([name, one]) => `<tr><th scope="row">${name}</th>${cell(one)}</tr>`).join('\n')}</tbody></table>` : ''}
${acrossSites.excluded.map(({ site, reason }) => `<p>${escapeXml(site)} is not in the mean over sites: ${escapeXml(reason)}.</p>`).join('\n')}
${[...figures.values()].map(({ svg, caption }) => `<figure>${svg}<figcaption>${escapeXml(caption)}</figcaption></figure>`).join('\n')}`;
}

function html(
  input: ValidationReportInput,
  drawn: readonly (ScoreValidation & { figures: Map<string, Figure> })[],
): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Validation of ${escapeXml(input.outcome)}</title>
<style>
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #1a1a1a; background: #fff; }
table { border-collapse: collapse; } th, td { padding: 0.2rem 0.8rem 0.2rem 0; border-bottom: 1px solid #ddd; text-align: right; vertical-align: top; }
th[scope="row"] { text-align: left; font-weight: normal; } .wide { overflow-x: auto; } figure { margin: 2rem 0; } svg { max-width: 100%; height: auto; } figcaption { color: #555; }
</style>
</head>
<body>
<main>
<h1>Validation against ${escapeXml(input.outcome)}</h1>
${drawn.map(section).join('\n')}
<footer><p>Concord ${escapeXml(input.version)}. Methods and every number are in report.json.</p></footer>
</main>
</body>
</html>
`;
}
