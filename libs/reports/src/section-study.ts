import { bytesWords, count, fixed, grouped, intervalWords } from '@concord/figures';
import { section, siteCode, table, type Context } from './blocks.js';
import { html, type Markup } from './html.js';
import { moment, number } from './numbers.js';
import type { ReportSite, StudyReport } from './study-report.js';

/** The locked model, its coefficients, and the proof that it learned nothing it should not have. */
export function modelSection(context: Context): Markup {
  const { report, records } = context;
  const { model, leakAudit } = report;
  if (!model) return section('model', 'The model', 'No model has been locked.');
  const selected = `${model.terms.length} of ${grouped(model.candidateCount)}`;
  const answer = `${model.kind} with ${selected} features, locked with its harmonization and cut-off${lockWords(report)}`;
  const rows = [...model.terms]
    .sort((a, b) => Math.abs(b.coefficient) - Math.abs(a.coefficient))
    .map((term) => [term.name, number(term.coefficient, 4), term.role === 'radiomic' ? 'radiomic' : 'clinical']);
  const columns = [{ title: 'predictor' }, { title: 'coefficient', isNumber: true }, { title: 'kind' }];
  return section(
    'model',
    'The model',
    answer,
    html`<p>
      Model ${records.mark(model.digest, 'model')}, lock ${records.mark(model.lockDigest, 'lock')} of
      ${moment(model.lockedAt)}.
    </p>`,
    table('Coefficients on harmonized features', columns, [['intercept', number(model.intercept, 4), ''], ...rows]),
    leakAudit
      ? html`<h3>Leak audit</h3>
          <p>
            ${leakWords(leakAudit.meanAuc, leakAudit.interval)} ${count(leakAudit.replicates, 'refit')}, seeds
            ${seedWords(leakAudit.seeds)} ${records.mark(leakAudit.digest, 'leak audit')}.
          </p>`
      : html`<h3>Leak audit</h3>
          <p>No leak audit is on record.</p>`,
  );
}

/** Whether the lock came before every external outcome, by the recorded times; says nothing where they are not recorded. */
function lockWords({ model, validation, sites }: StudyReport): string {
  const external = new Set(sites.filter((site) => site.role === 'externalValidation').map((site) => site.code));
  const opened = (validation?.perSite ?? []).filter((c) => external.has(c.site)).map((c) => c.outcomesOpenedAt);
  if (!model || opened.length === 0 || opened.includes(null)) return '.';
  const late = opened.some((time) => time === null || Date.parse(time) <= Date.parse(model.lockedAt));
  return late ? ', after outcomes of an external hospital were opened.' : ' before any external outcome was opened.';
}

/** Two seeds by name; of more the first and the last, all of them are in the record. */
function seedWords(seeds: readonly string[]): string {
  return seeds.length > 2 ? `${seeds[0]} to ${seeds.at(-1)}` : seeds.join(' and ');
}

function leakWords(meanAuc: number, interval: readonly [number, number]): string {
  const auc = `AUC ${fixed(meanAuc)} (${intervalWords(interval)})`;
  return interval[0] > 0.5
    ? `With outcomes shuffled the whole procedure still reaches ${auc}: information leaks.`
    : `With outcomes shuffled the whole procedure reaches ${auc}, no better than chance: no leak was found.`;
}

/** Who took part, with which scanners, and what left each site. */
export function sitesSection(context: Context): Markup {
  const { report, records } = context;
  const { sites, extraction } = report;
  const patients = sites.reduce((sum, site) => sum + site.patientCount, 0);
  const bytes = sites.reduce((sum, site) => sum + site.bytesReleased, 0);
  const answer = `${count(patients, 'patient')} at ${count(sites.length, 'hospital')}; ${bytesWords(bytes)} of feature tables left them, and no image.`;
  const titles = ['patients', 'events', 'released'];
  const areLedgersKnown = sites.some((site) => site.ledgerHead !== null);
  const ledger = areLedgersKnown ? [{ title: 'ledger' }] : [];
  const columns = [{ title: 'site' }, { title: 'role' }, { title: 'scanners' }, ...titles.map((title) => ({ title, isNumber: true })), { title: 'table' }, ...ledger]; // prettier-ignore
  const rows = sites.map((site) => [
    html`${siteCode(site.code)}<br /><span class="soft">${site.name}</span>`,
    site.role === 'development' ? 'development' : 'external validation',
    scanners(site),
    site.patientCount,
    site.eventCount ?? 'not opened',
    html`<span title="${grouped(site.bytesReleased)} bytes">${bytesWords(site.bytesReleased)}</span>`,
    records.mark(site.tableDigest, `feature table, ${site.code}`),
    ...(areLedgersKnown ? [site.ledgerHead === null ? 'not known to the hub' : records.mark(site.ledgerHead, `ledger head, ${site.code}`)] : []), // prettier-ignore
  ]);
  const settings = extraction
    ? html`<p>
        ${grouped(extraction.featureCount)} features by Concord
        ${extraction.engineVersion}${extraction.preset ? `, preset ${extraction.preset}` : ''}: extraction
        ${records.mark(extraction.digest, 'extraction run')}, settings
        ${records.mark(extraction.settingsDigest, 'extraction settings')}.
      </p>`
    : null;
  const kept = html`<p class="soft">
    Each site keeps its own ledger of what left it; the hub does not know the heads of these ledgers.
  </p>`;
  const list = table('Sites of the study', columns, rows);
  return section('sites', 'Hospitals', answer, list, areLedgersKnown ? null : kept, settings);
}

function scanners(site: ReportSite): Markup {
  const names = site.scanners.map(({ manufacturer, model, kernel }) => {
    const name = [manufacturer, model].filter((part) => part !== null).join(' ') || 'not recorded';
    return html`<div>${name}${kernel !== null ? `, ${kernel}` : ''}</div>`;
  });
  return html`${names.length > 0 ? names : 'not recorded'}`;
}

/** How to check all this without its makers. */
export function proofSection(context: Context): Markup {
  const { provenance, audit, study } = context.report;
  const { records } = context;
  const rows = [
    ['protocol', records.mark(study.protocolDigest, 'protocol')],
    ['run', records.mark(provenance.runDigest, 'run')],
    ['code', provenance.codeVersion],
    ['Node', provenance.nodeVersion],
    ['seed', provenance.seed],
    [
      'audit log',
      html`${count(audit.entryCount, 'entry', 'entries')}, head ${records.mark(audit.headHash, 'head of the audit log')}`,
    ],
    ['frozen', moment(study.frozenAt)],
  ];
  return section(
    'proof',
    'Check it yourself',
    'Every number on this page leads to the digest of its stored record; the bundle of the study holds the records.',
    table('Where this report comes from', [{ title: 'part' }, { title: 'value' }], rows),
    html`<p>
      Recompute digests and score from the bundle with <code>npx concord verify BUNDLE</code>; no account is needed.
    </p>`,
  );
}
