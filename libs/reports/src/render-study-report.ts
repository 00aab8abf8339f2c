import { bytesWords, count, fixed, type FigureDocument } from '@concord/figures';
import type { Context } from './blocks.js';
import { html, type Markup } from './html.js';
import { moment } from './numbers.js';
import { wholePage } from './page.js';
import { Records } from './records.js';
import { qualityAppendices } from './quality-appendices.js';
import { qualitySection } from './section-quality.js';
import { scannerSection } from './section-scanner.js';
import { modelSection, proofSection, sitesSection } from './section-study.js';
import { evaluationAppendix, validationSection } from './section-validation.js';
import type { StudyReport } from './study-report.js';
import { externalCohorts, verdictOf } from './verdict.js';

/**
 * Prints a study's report as one HTML page that stands alone: no network, no script, figures inside, for screens from
 * 360 px, the dark scheme and A4. The same report gives the same bytes.
 *
 * @param options.document what figures are drawn with: the browser's `document`, or linkedom's
 * @returns a whole HTML document in UTF-8
 */
export function renderStudyReport(report: StudyReport, options: { readonly document: FigureDocument }): string {
  const context: Context = { report, records: new Records(), document: options.document };
  const { study } = report;
  const title = `${study.title}: report`;
  const body = html`<header>
      <h1>${study.title}</h1>
      <p class="kicker">
        Predicts ${study.outcome}${study.modality ? ` from ${study.modality}` : ''} · study ${study.id} · protocol
        ${context.records.mark(study.protocolDigest, 'protocol')} · frozen ${moment(study.frozenAt)}
      </p>
    </header>
    <main>
      ${firstScreen(context)} ${validationSection(context)} ${scannerSection(context)} ${modelSection(context)}
      ${qualitySection(context)} ${sitesSection(context)} ${proofSection(context)} ${evaluationAppendix(context)}
      ${qualityAppendices(context)} ${context.records.table()}
    </main>
    <footer class="soft">
      Concord ${report.provenance.codeVersion}. Not a medical device: for research, not for decisions about a patient.
    </footer>`;
  return wholePage(title, body);
}

function firstScreen(context: Context): Markup {
  const { report } = context;
  const verdict = verdictOf(report);
  const cohort = report.validation?.pooled ?? externalCohorts(report)[0];
  const name = cohort?.site === 'pooled' ? 'all external' : (cohort?.site ?? '');
  const mark = cohort ? context.records.mark(cohort.digest, `validation run, ${name}`) : null;
  const sections = [
    ['validation', 'External validation'],
    ['scanners', 'Scanner effect'],
    ['model', 'The model'],
    ['quality', 'Quality'],
    ['sites', 'Hospitals'],
    ['proof', 'Check it yourself'],
    ...(report.validation?.items ? [['items', 'TRIPOD+AI, PROBAST+AI']] : []),
    ...(report.rqs ? [['appendices', 'RQS 2.0, METRICS, checklists']] : []),
  ];
  return html`<p class="verdict">${verdict.headline}</p>
    ${verdict.calibration !== '' && html`<p class="answer">${verdict.calibration}</p>`}
    ${mark && html`<p class="soft">From validation run ${mark}</p>`}
    ${
      verdict.limits.length > 0
        ? html`<ul class="limits">
            ${verdict.limits.map((limit) => html`<li>${limit}</li>`)}
          </ul>`
        : null
    }
    ${facts(context)}
    <nav aria-label="Sections">
      <ul>
        ${sections.map(([id, title]) => html`<li><a href="#${id}">${title}</a></li>`)}
      </ul>
    </nav>`;
}

/** A few numbers at a glance, each with its record. */
function facts({ report, records }: Context): Markup {
  const { scannerEffect, rqs, sites, leakAudit } = report;
  const bytes = sites.reduce((sum, site) => sum + site.bytesReleased, 0);
  const entries: (Markup | null)[] = [
    scannerEffect &&
      fact(`${scannerEffect.before.affectedCount} → ${scannerEffect.after.affectedCount}`, `of ${count(scannerEffect.before.testedCount, 'feature')} differ between hospitals, before → after harmonization`, records.mark(scannerEffect.digest, 'scanner-effect run')), // prettier-ignore
    rqs && fact(`${rqs.strict.total} of ${rqs.strict.maxPoints}`, 'points of the Radiomics Quality Score, by records', records.mark(rqs.digest, 'quality assessment')), // prettier-ignore
    leakAudit && fact(fixed(leakAudit.meanAuc), 'mean AUC with outcomes shuffled; 0.50 means no leak', records.mark(leakAudit.digest, 'leak audit')), // prettier-ignore
    fact(
      bytesWords(bytes),
      `left ${count(sites.length, 'hospital')} in all, no image among them`,
      records.mark(report.provenance.runDigest, 'run'),
    ),
  ];
  return html`<ul class="facts">
    ${entries}
  </ul>`;
}

function fact(value: string, words: string, mark: Markup): Markup {
  return html`<li><b>${value}</b>${words} ${mark}</li>`;
}
