import { count, type FigureDocument, fixed, grouped, listOf } from '@concord/figures';
import { figure, section } from '../blocks.js';
import { html, type Markup } from '../html.js';
import { wholePage } from '../page.js';
import { scannerFigures } from './scanner-figures.js';
import type { ScannerReport } from './scanner-report.js';
import * as tables from './scanner-tables.js';

/**
 * Prints a report of scanner effects as one HTML page that stands alone, verdict first. The same report gives the same bytes.
 *
 * @param options.document what figures are drawn with: the browser's `document`, or linkedom's
 */
export function renderScannerReport(report: ScannerReport, options: { readonly document: FigureDocument }): string {
  const drawn = new Map(
    scannerFigures(report, options.document).map(({ name, title, draw }) => [name, figure(draw, html``, title)]),
  );
  const picture = (name: Parameters<typeof drawn.get>[0]): Markup | null => drawn.get(name) ?? null;
  const { effect, verdict } = report;
  const patients = effect.batchCounts.reduce((sum, n) => sum + n, 0);
  const batches = effect.batches.map((batch, i) => `${batch} ${effect.batchCounts[i]}`);
  const body = html`<header>
      <h1>${report.title}</h1>
      <p class="kicker">
        ${count(patients, 'patient')}, ${count(effect.summary.featureCount, 'feature')}, batches by
        ${report.batchColumn}: ${batches.join(', ')} · Concord ${report.version}
      </p>
    </header>
    <main>
      <p class="verdict">${verdict.sentences[2]}</p>
      <p class="answer">${verdict.sentences[0]} ${verdict.sentences[1]}</p>
      ${list([...verdict.reasons.slice(1), ...report.notes])} ${facts(report)}
      ${section('differ', 'How batches differ', differAnswer(report), picture('components'), picture('features'), tables.testTable(report), picture('distributions'), picture('heat-map'))}
      ${section('together', 'Can the batch be told?', toldAnswer(report), tables.classifierTable(report), tables.separationTable(report), tables.pairTable(report), tables.varianceTable(report))}
      ${section('correction', 'What is corrected', correctionAnswer(report), picture('corrections'), picture('priors'), leftAlone(report))}
      ${section('biology', 'What must stay', biologyAnswer(report), tables.biologyTable(report))}
      ${section('balance', 'Batch and patients', balanceAnswer(report), list(report.identifiability?.findings ?? []), tables.balanceTable(report), flags(report))}
      ${report.repeatability && section('repeatability', 'Repeatability', 'How far the same subject gives the same value.', tables.repeatabilityTable(report))}
      ${section('features', 'Feature by feature', 'The strongest effects first.', tables.featureTable(report))}
      ${report.notDone.length > 0 && section('not-done', 'What was not measured', 'And why.', list(report.notDone))}
    </main>
    <footer class="soft">
      Definitions and every number are in report.json beside this page. Not a medical device: for research, not for
      decisions about a patient.
    </footer>`;
  return wholePage(report.title, body);
}

function list(items: readonly string[]): Markup | null {
  if (items.length === 0) return null;
  return html`<ul class="limits">
    ${items.map((item) => html`<li>${sentence(item)}</li>`)}
  </ul>`;
}

/** Reasons are written to stand behind a colon: here they stand alone. */
function sentence(text: string): string {
  const end = /[.!?]$/.test(text) ? '' : '.';
  return text.charAt(0).toUpperCase() + text.slice(1) + end;
}

function facts({ effect, comparison, classifier }: ScannerReport): Markup {
  const after = comparison?.after.summary;
  const arrow = (was: number, is: number | undefined): string =>
    is === undefined ? grouped(was) : `${grouped(was)} → ${grouped(is)}`;
  const percent = (share: number): string => `${fixed(100 * share, 0)}\u00a0%`;
  const { summary } = effect;
  const states = after === undefined ? '' : ', before → after';
  // Where covariates differ between batches, what is left of the difference is theirs and meant to stay.
  const test = after !== undefined && after.partial.count < after.anova.count ? 'partial' : 'anova';
  const beside = test === 'partial' ? ' beside covariates' : '';
  const of = (key: 'partial' | 'anova' | 'brownForsythe') => arrow(summary[key].count, after?.[key].count);
  const entries: [string, string][] = [
    [of(test), `of ${grouped(summary.testedCount)} features differ in mean${beside}${states}`],
    [of('brownForsythe'), `differ in spread${states}`],
  ];
  if (classifier !== null) {
    const { raw, harmonized } = classifier;
    const told = (key: 'discriminant' | 'forest') =>
      `${fixed(100 * raw[key].balancedAccuracy, 0)} → ${percent(harmonized[key].balancedAccuracy)}`;
    const chance = percent(1 / raw.forest.batches.length);
    entries.push([
      told('discriminant'),
      `of new patients: batch told by a linear rule, without → with harmonization (chance ${chance})`,
    ]);
    entries.push([told('forest'), `batch told by a random forest, likewise (chance ${chance})`]);
  }
  return html`<ul class="facts">
    ${entries.map(([value, words]) => html`<li><b>${value}</b>${words}</li>`)}
  </ul>`;
}

function differAnswer({ effect, comparison }: ScannerReport): string {
  const { summary } = effect;
  const eta = (share: number | null): string => (share === null ? 'unknown' : `${fixed(100 * share, 1)} %`);
  const later = comparison === null ? '' : `, after harmonization ${eta(comparison.after.summary.meanEtaSquared)}`;
  return `On average ${eta(summary.meanEtaSquared)} of a feature’s variance lies between batches${later}.`;
}

function toldAnswer({ classifier }: ScannerReport): string {
  if (classifier === null) return 'A rule that tells batches could not be learned here.';
  const { discriminant, forest } = classifier.harmonized;
  const p = discriminant.permutationP;
  const isTold = p !== null && p <= 0.05;
  const linear = isTold
    ? 'A linear rule still tells batches apart'
    : 'A linear rule does no better than chance once features are harmonized';
  const chance = 1 / forest.batches.length;
  const isForestTold = forest.balancedAccuracy >= chance + 0.15;
  return `${linear}${p === null ? '' : ` (p = ${fixed(p)})`}; a random forest ${isForestTold ? 'still tells them: do not take the batch for removed' : 'does not tell them either'}.`;
}

function correctionAnswer({ corrections }: ScannerReport): string {
  if (corrections === null) return 'No ComBat could be fitted or was given, so there is no correction to show.';
  return corrections.isOwnFit
    ? 'What ComBat, fitted to this table with the covariates named, takes off each batch.'
    : 'What the model takes off each batch.';
}

function leftAlone({ passedThrough, negativeFeatures }: ScannerReport): Markup {
  const some = (names: readonly string[]): string => listOf(names.slice(0, 8)) + (names.length > 8 ? ' and more' : '');
  const kept =
    passedThrough.length === 0
      ? 'Every feature was adjusted.'
      : `${count(passedThrough.length, 'feature')} stay as they are: ${some(passedThrough.map(({ feature, reason }) => `${feature} (${reason})`))}.`;
  const below =
    negativeFeatures.length === 0
      ? 'No feature that was never negative became so.'
      : `${count(negativeFeatures.length, 'feature')} never negative before are now: ${some(negativeFeatures)}. A transform prevents it.`;
  return html`<p>${kept} ${below}</p>`;
}

function biologyAnswer({ biology, comparison }: ScannerReport): string {
  if (comparison === null) return 'Shown once there is a table after harmonization to compare with.';
  if (biology === null || (biology.covariates.length === 0 && biology.outcome === null)) {
    return 'No covariate and no outcome of two values was named, so whether biology was kept cannot be said.';
  }
  const turned = biology.covariates.reduce((sum, { signChanges }) => sum + signChanges, 0);
  return turned === 0
    ? 'No effect of a covariate that was found before turned round.'
    : `${count(turned, 'effect')} of covariates that were found before turned round.`;
}

function balanceAnswer({ identifiability }: ScannerReport): string {
  if (identifiability === null) return 'Whether batch and covariates can be told apart could not be computed.';
  return identifiability.findings.length === 0
    ? 'Nothing speaks against telling batches from the patients in them.'
    : 'Harmonization cannot tell a batch from the patients in it where these differ.';
}

function flags({ flags: found, effect }: ScannerReport): Markup {
  const words: readonly (readonly [keyof typeof found, string])[] = [
    ['constant', 'never vary'],
    ['constantInBatch', 'are constant inside a batch'],
    ['twoValued', 'have two values only'],
    ['zeroInflated', 'are mostly zero'],
    ['skewed', 'are skewed (beyond 2)'],
    ['outlier', 'have a value beyond 10 SD'],
  ];
  const parts = words
    .filter(([key]) => found[key].length > 0)
    .map(([key, text]) => `${grouped(found[key].length)} ${text}`);
  const total = grouped(effect.summary.featureCount);
  return html`<p>
    ${parts.length === 0 ? `None of ${total} features has a shape that shift and scale cannot handle.` : `Of ${total} features, ${listOf(parts)}; shift and scale fit such features badly.`}
  </p>`;
}
