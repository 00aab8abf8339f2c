import {
  calibrationFigure,
  count,
  decisionCurveFigure,
  fixed,
  forestFigure,
  type CalibrationData,
} from '@concord/figures';
import { figure, section, siteCode, smallFigure, table, type Context } from './blocks.js';
import { html, type Markup } from './html.js';
import { estimate, moment, number } from './numbers.js';
import type { ReportCohort, ReportValidation } from './study-report.js';
import type { CohortValidation } from '@concord/validation';
import { acrossSitesTables, measureTables, subgroupTables } from './validation/measure-tables.js';
import { adequacyTable, drawnFigures, itemsSection } from './validation/report-parts.js';
import { calibrationData, validationFigures } from './validation/validation-figures.js';
import { verdictsOf } from './validation/validation-facts.js';
import { externalCohorts } from './verdict.js';

/** Up to this many sites the report says why the interval of their mean is wide. */
const FEW_SITES = 4;

/** What the locked model did at hospitals that never saw it: ranking, calibration, cut-off, utility. */
export function validationSection(context: Context): Markup {
  const { report } = context;
  const { validation } = report;
  const cohorts = externalCohorts(report);
  if (!validation || cohorts.length === 0) {
    return section('validation', 'External validation', 'No external hospital has been validated yet.');
  }
  const all = [...cohorts, ...(validation.pooled ? [validation.pooled] : [])];
  return section(
    'validation',
    'External validation',
    rankingAnswer(validation),
    verdictList(validation),
    forest(context, validation, cohorts),
    performanceTable(context, validation, all),
    droppedNote(validation),
    html`<h3>Are its risks right?</h3>`,
    calibrations(context, cohorts, validation.pooled),
    calibrationTable(context, all),
    html`<h3>What its cut-off does</h3>`,
    cutoffTable(context, all),
    html`<h3>Would acting on it do good?</h3>`,
    utility(context, validation),
    bootstrapNote(context, validation),
    everything(context, validation),
  );
}

export function rankingAnswer({ withinSiteAuc, pooled }: ReportValidation): string {
  const within = withinSiteAuc.value;
  const across = pooled?.auc.value ?? null;
  if (within === null) {
    return `Among patients of the same hospital its ranking could not be estimated: ${withinSiteAuc.reason ?? 'no reason recorded'}.`;
  }
  const over = across === null ? '' : `, against ${fixed(100 * across, 0)} over all pairs`;
  const isHelped = across !== null && across - within > 0.05;
  const reading = isHelped ? ': differences between hospitals make part of the pooled result' : '';
  return `Among patients of the same hospital it ranks ${fixed(100 * within, 0)} of 100 pairs in the right order${over}${reading}.`;
}

/** Who is missing from every number of the section, and why. */
export function droppedNote({ dropped }: ReportValidation): Markup | null {
  const { missingScore, missingOutcome } = dropped;
  const count = missingScore + missingOutcome;
  if (count === 0) return null;
  const reasons = [
    ...(missingScore > 0 ? [`${missingScore} without a feature that the model needs`] : []),
    ...(missingOutcome > 0 ? [`${missingOutcome} without an outcome`] : []),
  ];
  return html`<p>
    ${count} more ${count === 1 ? 'patient is' : 'patients are'} left out of all this: ${reasons.join(', ')}.
  </p>`;
}

function nameOf(cohort: ReportCohort): string {
  return cohort.site === 'pooled' ? 'all external' : cohort.site;
}

function recordOf({ records }: Context, cohort: ReportCohort): Markup {
  return records.mark(cohort.digest, `validation run, ${nameOf(cohort)}`);
}

function forest(context: Context, validation: ReportValidation, cohorts: readonly ReportCohort[]): Markup {
  const { pooled, meta } = validation;
  const data = {
    sites: context.report.sites.map((site) => site.code),
    rows: cohorts,
    pooled: pooled && {
      label: 'all external',
      patientCount: pooled.patientCount,
      eventCount: pooled.eventCount,
      auc: pooled.auc,
    },
    prediction: meta?.prediction ?? null,
  };
  const drawn = [...cohorts, ...(pooled ? [pooled] : [])];
  const distinct = drawn.filter(
    (cohort, index) => drawn.findIndex((other) => other.digest === cohort.digest) === index,
  );
  const marks = distinct.map((cohort) => html`${recordOf(context, cohort)} `);
  return figure((width) => forestFigure(data, { document: context.document, width }), html`${marks}`, 'AUC by site');
}

function performanceTable(context: Context, validation: ReportValidation, cohorts: readonly ReportCohort[]): Markup {
  const columns = [{ title: 'cohort' }, { title: 'patients', isNumber: true }, { title: 'events', isNumber: true }, { title: 'AUC (95 % interval)', isNumber: true }, { title: 'outcomes opened' }, { title: 'record' }]; // prettier-ignore
  const rows = cohorts.map((cohort) => [
    siteCode(nameOf(cohort)),
    cohort.patientCount,
    cohort.eventCount,
    estimate(cohort.auc),
    cohort.outcomesOpenedAt ? moment(cohort.outcomesOpenedAt) : '–',
    recordOf(context, cohort),
  ]);
  const { meta, withinSiteAuc } = validation;
  const judged = cohorts.filter((cohort) => cohort.site !== 'pooled' && cohort.auc.value !== null).length;
  const cannotTell = judged === 2 && meta?.tauSquared.value !== null ? 'two sites cannot tell' : null;
  const metaRows = meta
    ? [
        ['AUC, mean of the sites', estimate(meta.auc), context.records.mark(meta.digest, 'meta-analysis')],
        ['AUC of one more site (95 %)', estimate(meta.prediction), context.records.mark(meta.digest, 'meta-analysis')],
        [
          'τ² between sites, logit of AUC',
          html`${estimate(meta.tauSquared, 3)}${cannotTell && html` <span class="none">${cannotTell}</span>`}`,
          context.records.mark(meta.digest, 'meta-analysis'),
        ],
      ]
    : [];
  const digest = validation.pooled?.digest ?? cohorts[0]?.digest ?? '';
  const within = ['AUC within sites', estimate(withinSiteAuc), context.records.mark(digest, 'validation run')];
  const across = table('How alike the sites are', [{ title: 'measure' }, { title: 'estimate (95 % interval)', isNumber: true }, { title: 'record' }], [within, ...metaRows]); // prettier-ignore
  return html`${table('Discrimination of the locked model', columns, rows)}${across}${wideNote(validation, judged)}`;
}

/** Why the mean of few sites is that uncertain, for whom the interval would look like a mistake. */
function wideNote({ meta, withinSiteAuc }: ReportValidation, judged: number): Markup | null {
  if (meta?.auc.interval == null || judged < 2 || judged > FEW_SITES) return null;
  const within =
    withinSiteAuc.value === null ? '' : ' For the patients of these hospitals alone read AUC within sites.';
  const reason =
    judged === 2
      ? 'Two sites cannot tell how much hospitals differ: with one degree of freedom almost any spread fits. The intervals of the mean over sites and of τ² say so; they are meant for hospitals in general.'
      : `${judged} sites tell little about how much hospitals differ; the intervals of the mean over sites and of τ², meant for hospitals in general, allow for that.`;
  return html`<p>Why so wide? ${reason}${within}</p>`;
}

/** All together first, its words beside it; then the sites in pairs, an odd last one in a row of its own too. */
function calibrations(context: Context, sites: readonly ReportCohort[], pooled: ReportCohort | null): Markup {
  const isLone = (index: number) => index === sites.length - 1 && sites.length % 2 === 1;
  return html`<div class="grid">
    ${pooled ? calibration(context, pooled, true) : null}
    ${sites.map((cohort, index) => calibration(context, cohort, isLone(index)))}
  </div>`;
}

function calibration(context: Context, cohort: ReportCohort, isLone: boolean): Markup {
  const whole = wholeOf(context, cohort);
  const label = cohort.site === 'pooled' ? 'all external sites' : cohort.site;
  const data: CalibrationData = whole?.n
    ? calibrationData(label, whole)
    : {
        label: cohort.site === 'pooled' ? 'all external sites' : cohort.site,
        patientCount: cohort.patientCount,
        eventCount: cohort.eventCount,
        groups: cohort.calibrationGroups,
        histogram: cohort.riskHistogram,
        observedOverExpected: cohort.observedOverExpected,
        slope: cohort.calibrationSlope,
        inTheLarge: cohort.calibrationInTheLarge,
      };
  const drawn = calibrationFigure(data, { document: context.document, width: 350 });
  return smallFigure(drawn, recordOf(context, cohort), `Calibration at ${data.label}`, isLone);
}

/** The cohort with every measure, where the report holds it. */
function wholeOf({ report }: Context, { site }: ReportCohort): CohortValidation | undefined {
  const whole = report.validation?.whole;
  return site === 'pooled' ? whole?.pooled : whole?.sites.find((one) => one.site === site);
}

/** A sentence for each site, as a clinician would want it told. */
function verdictList({ whole }: ReportValidation): Markup | null {
  if (!whole) return null;
  const sites = verdictsOf([{ score: '', ...whole }]).filter(({ cohort }) => cohort !== 'all patients');
  return html`<ul class="limits">
    ${sites.map(({ cohort, words }) => html`<li><b>${siteCode(cohort)}</b>: ${words}</li>`)}
  </ul>`;
}

/** Figures and tables that stand in the detail of the study's report, all from the one record of the validation. */
const DETAIL_FIGURES = ['risk-distribution', 'forest-observed-expected', 'forest-slope'];

function everything(context: Context, { whole, pooled }: ReportValidation): Markup | null {
  if (!whole) return null;
  const figures = validationFigures(whole, { document: context.document, timeUnit: '' });
  const mark = pooled && context.records.mark(pooled.digest, 'validation run');
  return html`<h3>Everything that was measured</h3>
    <p class="soft">All of it from the validation run ${mark}; method and all digits on hover.</p>
    ${drawnFigures(figures.filter(({ name }) => DETAIL_FIGURES.includes(name)))} ${measureTables(whole, '')}
    <h3>How alike are the sites, and do their patients differ?</h3>
    ${acrossSitesTables(whole)} ${subgroupTables(whole)} ${adequacyTable(whole)}`;
}

/** What TRIPOD+AI and PROBAST+AI ask of an evaluation, told or visibly missing: an appendix, for it is long. */
export function evaluationAppendix({ report }: Context): Markup | null {
  const items = report.validation?.items;
  return items ? itemsSection(items) : null;
}

function calibrationTable(context: Context, cohorts: readonly ReportCohort[]): Markup {
  const titles = ['observed : expected', 'calibration slope', 'in the large', 'Brier score'];
  const columns = [{ title: 'cohort' }, ...titles.map((title) => ({ title, isNumber: true })), { title: 'record' }];
  const rows = cohorts.map((cohort) => [
    siteCode(nameOf(cohort)),
    estimate(cohort.observedOverExpected),
    estimate(cohort.calibrationSlope),
    estimate(cohort.calibrationInTheLarge),
    estimate(cohort.brier, 3),
    recordOf(context, cohort),
  ]);
  return table('Calibration of the locked model (ideal: 1, 1, 0)', columns, rows);
}

function cutoffTable(context: Context, cohorts: readonly ReportCohort[]): Markup {
  const { model } = context.report;
  const titles = ['sensitivity', 'specificity', 'positive predictive value', 'negative predictive value'];
  const columns = [{ title: 'cohort' }, ...titles.map((title) => ({ title, isNumber: true })), { title: 'record' }];
  const rows = cohorts.map((cohort) => [
    siteCode(nameOf(cohort)),
    estimate(cohort.sensitivity),
    estimate(cohort.specificity),
    estimate(cohort.ppv),
    estimate(cohort.npv),
    recordOf(context, cohort),
  ]);
  const rule = model
    ? html`<p>
        A risk of ${number(model.threshold)} or more counts as positive (${model.thresholdRule}), locked
        ${moment(model.lockedAt)} ${context.records.mark(model.lockDigest, 'lock')}.
      </p>`
    : null;
  return html`${rule}${table('At the locked cut-off', columns, rows)}`;
}

function utility(context: Context, { decisionCurve }: ReportValidation): Markup {
  if (!decisionCurve) return html`<p>No decision curve is on record.</p>`;
  const mark = context.records.mark(decisionCurve.digest, 'decision curve');
  return figure(
    (width) => decisionCurveFigure(decisionCurve, { document: context.document, width }),
    mark,
    'Decision curve',
  );
}

function bootstrapNote({ records }: Context, { bootstrap, pooled, perSite }: ReportValidation): Markup | null {
  if (!bootstrap) return null;
  const digest = pooled?.digest ?? perSite[0]?.digest;
  return html`<p class="soft">
    Resampling: ${count(bootstrap.replicates, 'replicate')}, seed ${bootstrap.seed}.
    ${digest !== undefined && records.mark(digest, 'validation run')}
  </p>`;
}
