import { featureEffectsFigure, fixed, grouped, pcaFigure } from '@concord/figures';
import { figure, section, siteCode, table, type Context } from './blocks.js';
import { html, type Markup } from './html.js';
import { listOf, moment, number } from './numbers.js';
import type { EffectSummary } from './study-report.js';

/** How much of the features was scanner rather than patient, before and after harmonization. */
export function scannerSection(context: Context): Markup {
  const { report, records, document } = context;
  const effect = report.scannerEffect;
  if (!effect) return section('scanners', 'Scanner effect', 'Differences between scanners were not measured.');
  const mark = records.mark(effect.digest, 'scanner-effect run');
  const { pca } = effect;
  const sites = report.sites.map((site) => site.code);
  const columns = [{ title: 'state' }, ...['features tested', 'affected', 'share', 'mean η² between sites'].map((title) => ({ title, isNumber: true })), { title: 'record' }]; // prettier-ignore
  const row = (name: string, s: EffectSummary) => [name, grouped(s.testedCount), grouped(s.affectedCount), s.share === null ? '–' : html`${number(100 * s.share, 0)} %`, number(s.meanEtaSquared), mark]; // prettier-ignore
  return section(
    'scanners',
    'Scanner effect',
    scannerAnswer(effect.before, effect.after),
    pca
      ? figure((width) => pcaFigure({ sites, ...pca }, { document, width }), mark, 'Sites on principal components')
      : null,
    figure((width) => featureEffectsFigure(effect, { document, width }), mark, 'Scanner effect by feature'),
    table(`Features that differ between sites (${effect.test})`, columns, [
      row('before', effect.before),
      row('after', effect.after),
    ]),
    harmonizationBlock(context),
  );
}

export function scannerAnswer(before: EffectSummary, after: EffectSummary): string {
  if (before.testedCount === 0) return 'No feature could be tested for differences between hospitals.';
  const tested = grouped(before.testedCount);
  const eta = before.meanEtaSquared === null || after.meanEtaSquared === null ? '' : ` The share of variance between hospitals went from ${fixed(before.meanEtaSquared)} to ${fixed(after.meanEtaSquared)} on average.`; // prettier-ignore
  return `Of ${tested} features, ${grouped(before.affectedCount)} differed between hospitals before harmonization and ${grouped(after.affectedCount)} after it.${eta}`;
}

function harmonizationBlock({ report, records }: Context): Markup | null {
  const { harmonization } = report;
  if (!harmonization) return null;
  const { method, fittedOn, patientCount, preservedCovariates, newSites, digest, isTransductive, warnings } =
    harmonization;
  const preserved =
    preservedCovariates.length > 0 ? `, preserving ${listOf(preservedCovariates)}` : ', preserving no covariate';
  const external = report.sites.filter((site) => site.role === 'externalValidation').map((site) => site.code);
  const leaked = fittedOn.filter((site) => external.includes(site));
  const kind = isTransductive
    ? 'It is transductive: fitted on the patients it was judged on.'
    : leaked.length > 0
      ? `Patients of ${listOf(leaked)}, meant for validation, took part in the fit.`
      : 'No patient of an external hospital took part in the fit.';
  const rows = newSites.map((site) => [
    siteCode(site.site),
    site.patientCount,
    moment(site.estimatedAt),
    site.warnings.length > 0 ? site.warnings.join(' ') : 'none',
    records.mark(site.digest, `batch parameters, ${site.site}`),
  ]);
  const columns = [
    { title: 'site' },
    { title: 'patients', isNumber: true },
    { title: 'estimated' },
    { title: 'warnings' },
    { title: 'record' },
  ];
  return html`<h3>Harmonization</h3>
    <p>
      ${method}, fitted on ${listOf(fittedOn)} (${patientCount} patients)${preserved}. ${kind}
      ${records.mark(digest, 'harmonization')}
    </p>
    ${warnings.map((warning) => html`<p>${warning}</p>`)}
    ${rows.length > 0 ? table('Sites that came after the fit: batch parameters from their own features, outcomes unseen', columns, rows) : null}`;
}
