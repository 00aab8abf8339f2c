import { count, type FigureDocument } from '@concord/figures';
import { table } from '../blocks.js';
import { html, type Markup } from '../html.js';
import { moment } from '../numbers.js';
import { wholePage } from '../page.js';
import { adequacyTable, drawnFigures, itemsSection } from './report-parts.js';
import { comparisonSection } from './section-comparison.js';
import { acrossSitesTables, cell, measureTables, pCell, subgroupTables } from './measure-tables.js';
import { validationFigures, type NamedFigure } from './validation-figures.js';
import type { ScoreValidation, ValidationReport } from './validation-report.js';

/**
 * Prints a validation as one HTML page that stands alone. The same report gives the same bytes.
 *
 * @param options.document what figures are drawn with: the browser's `document`, or linkedom's
 */
export function renderValidationReport(
  report: ValidationReport,
  options: { readonly document: FigureDocument },
): string {
  const title = `Validation against ${report.outcome}`;
  const body = html`<header>
      <h1>${title}</h1>
      <p class="kicker">${lockWords(report)}</p>
    </header>
    <main>
      ${verdicts(report)} ${deviations(report)} ${navigation(report)}
      ${report.scores.map((score) => scoreSection(score, report, options.document))}
      ${report.comparisons.length > 0 ? comparisonSection(report.comparisons) : null} ${itemsSection(report.items)}
    </main>
    <footer class="soft">
      Concord ${report.version}. Every number, with its method, is in report.json. Not a medical device: for research,
      not for decisions about a patient.
    </footer>`;
  return wholePage(title, body);
}

function lockWords({ provenance: { lock, inputDigest } }: ValidationReport): Markup {
  const input = inputDigest === null ? null : html` · predictions <code>${inputDigest.slice(0, 10)}</code>`;
  if (lock === null) return html`No lock was given: nothing shows that model and threshold were fixed before.${input}`;
  const when = lock.lockedAt === null ? null : html`, ${moment(lock.lockedAt)}`;
  return html`Held against lock <code title="${lock.digest}">${lock.digest.slice(0, 10)}</code>${when}${input}`;
}

/** The answer before everything else: a sentence for each cohort. */
function verdicts({ verdicts: all, scores }: ValidationReport): Markup {
  const lead = (score: string) => (scores.length > 1 ? html`<b>${score}</b> ` : null);
  const pooled = all.filter(({ cohort }) => cohort === 'all patients');
  const others = all.filter(({ cohort }) => cohort !== 'all patients');
  const upper = (words: string) => words.slice(0, 1).toUpperCase() + words.slice(1);
  return html`${pooled.map(({ score, words }) => html`<p class="answer">${lead(score)}${upper(words)}</p>`)}
  ${
    others.length > 0 &&
    html`<ul class="limits">
      ${others.map(({ score, cohort, words }) => html`<li>${lead(score)}<b>${cohort}</b>: ${words}</li>`)}
    </ul>`
  }`;
}

function deviations({ deviations: all }: ValidationReport): Markup | null {
  if (all.length === 0) return null;
  return html`<h2 id="deviations">Departures from what was locked</h2>
    ${table(
      'Departures from the lock',
      [{ title: 'part' }, { title: 'locked' }, { title: 'used' }, { title: 'reason' }],
      all.map(({ part, locked, used, reason }) => [part, locked, used, reason]),
    )}`;
}

function navigation({ scores, comparisons }: ValidationReport): Markup {
  const entries = [
    ...scores.map(({ score }, i) => [`score-${i}`, scores.length > 1 ? score : 'Results'] as const),
    ...(comparisons.length > 0 ? [['comparison', 'Comparison'] as const] : []),
    ['items', 'TRIPOD+AI and PROBAST+AI'] as const,
  ];
  return html`<nav aria-label="Sections">
    <ul>
      ${entries.map(([id, name]) => html`<li><a href="#${id}">${name}</a></li>`)}
    </ul>
  </nav>`;
}

function scoreSection(score: ScoreValidation, report: ValidationReport, document: FigureDocument): Markup {
  const at = report.scores.indexOf(score);
  const timeUnit = report.timeUnit ?? 'time';
  const figures = validationFigures(score, { document, timeUnit });
  const part = (section: NamedFigure['section'], title: string, ...more: (Markup | null)[]) =>
    html`<h3>${title}</h3>
      ${drawnFigures(figures.filter((one) => one.section === section))} ${more}`;
  const tables = measureTables(score, timeUnit);
  const [first = null, ...rest] = tables;
  const hasUtility = figures.some(({ section }) => section === 'utility');
  const hasGroups = figures.some(({ section }) => section === 'groups');
  return html`<section aria-labelledby="score-${at}">
    <h2 id="score-${at}">${score.score}</h2>
    <p>${scopeWords(score, report)}</p>
    ${part('discrimination', 'Does it tell patients apart?', first)}
    ${part('calibration', 'Are its risks right?', html`${rest}`)}
    ${hasUtility ? part('utility', 'Would acting on it do good?') : null}
    ${hasGroups ? part('groups', 'What became of the risk groups?') : null} ${groupTable(score)}
    <h3>How alike are the sites?</h3>
    ${acrossSitesTables(score)} ${subgroupTables(score)}
    ${score.format === 'concord.validation.binary/1' ? adequacyTable(score) : null}
  </section>`;
}

function scopeWords(score: ScoreValidation, { timeUnit, provenance: { bootstrap } }: ValidationReport): string {
  const level = `Intervals at ${100 * score.level} %.`;
  const resampled = bootstrap ? ` Bootstrap: ${count(bootstrap.replicates, 'sample')}, seed ${bootstrap.seed}.` : '';
  if (score.format !== 'concord.validation.binary/1') {
    return `${count(score.dropped, 'patient')} left out for a missing value. Times in ${timeUnit ?? 'their own unit'}. ${level}`;
  }
  const { threshold, dropped } = score;
  const rule =
    threshold === null
      ? 'No threshold was given, so nothing is said of positives.'
      : `Positive at a score of ${Number(threshold.toPrecision(6))} or more.`;
  return `${rule} Left out: ${dropped.missingScore} without a score, ${dropped.missingOutcome} without an outcome. ${level}${resampled}`;
}

function groupTable(score: ScoreValidation): Markup | null {
  if (score.format !== 'concord.validation.survival/1' || score.pooled.riskGroups === null) return null;
  const { groups, trend, pairwise, tau } = score.pooled.riskGroups;
  const titles = ['median survival', 'hazard ratio', 'restricted mean', 'difference to the first'];
  const columns = [
    { title: 'group' },
    ...['patients', 'events', ...titles].map((title) => ({ title, isNumber: true })),
  ];
  const rows = groups.map((one) => [
    one.label,
    one.n,
    one.events,
    cell(one.medianSurvival, 1),
    cell(one.hazardRatio),
    cell(one.restrictedMean, 1),
    cell(one.restrictedMeanDifference, 1),
  ]);
  const pairs = pairwise.map(({ a, b, holmP }) => `${a} and ${b} ${holmP.toPrecision(2)}`).join('; ');
  return html`${table(`Locked risk groups; restricted means up to ${tau ?? 'no time'}`, columns, rows)}
    <p>p of a trend over the groups: ${pCell(trend)}. ${pairs === '' ? null : `Pairs, p after Holm: ${pairs}.`}</p>`;
}
