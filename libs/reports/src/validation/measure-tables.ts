import { count, fixed, intervalWords } from '@concord/figures';
import type { Estimate, PooledMeasure } from '@concord/validation';
import { table } from '../blocks.js';
import { html, type Markup } from '../html.js';
import { BINARY_TABLES, competingTables, survivalTables, type MeasureRow, type MeasureTable } from './measure-rows.js';
import { pWords } from './validation-figures.js';
import type { ScoreResult } from './validation-report.js';

/** Value with interval, all digits and the method on hover; or why there is none. */
export function cell({ value, interval, method, reason }: Estimate, digits = 2): Markup {
  if (value === null) return html`<span class="none" title="${method}">– ${reason ?? 'no reason recorded'}</span>`;
  const title = `${value}${interval ? `, interval ${interval[0]} to ${interval[1]}` : ''}; ${method}${reason === null ? '' : `; ${reason}`}`;
  const words = interval ? ` (${intervalWords(interval, digits)})` : '';
  return html`<data value="${value}" title="${title}">${fixed(value, digits)}${words}</data>`;
}

/** A p-value as it is read, its statistic on hover. */
export function pCell(one: Estimate): Markup {
  if (one.value === null) return cell(one);
  return html`<data value="${one.value}" title="${one.value}; ${one.method}">${pWords(one.value)}</data>`;
}

interface Named {
  readonly n: number;
  readonly events: number;
}

/** Rows are measures, columns the cohorts. */
function oneTable<Cohort extends Named>(
  { caption, rows }: MeasureTable<Cohort>,
  cohorts: readonly (readonly [string, Cohort])[],
): Markup {
  const columns = [
    { title: 'measure' },
    ...cohorts.map(([name, { n, events }]) => ({
      title: `${name}: ${count(n, 'patient')}, ${count(events, 'event')}`,
      isNumber: true,
    })),
  ];
  const body = rows.map((row: MeasureRow<Cohort>) => [
    row.name,
    ...cohorts.map(([, cohort]) => (row.isP ? pCell(row.of(cohort)) : cell(row.of(cohort), row.digits))),
  ]);
  return table(caption, columns, body);
}

function cohortsOf<Cohort>(result: {
  readonly pooled: Cohort;
  readonly sites: readonly (Cohort & { readonly site: string })[];
}): (readonly [string, Cohort])[] {
  return [['all patients', result.pooled], ...result.sites.map((site) => [site.site, site] as const)];
}

/** The tables of a validated score, the discrimination first. */
export function measureTables(result: ScoreResult, timeUnit: string): Markup[] {
  switch (result.format) {
    case 'concord.validation.binary/1':
      return BINARY_TABLES.map((one) => oneTable(one, cohortsOf(result)));
    case 'concord.validation.survival/1':
      return survivalTables(timesOf(result, timeUnit)).map((one) => oneTable(one, cohortsOf(result)));
    case 'concord.validation.competing/1':
      return competingTables(timesOf(result, timeUnit)).map((one) => oneTable(one, cohortsOf(result)));
  }
}

function timesOf(
  result: { readonly pooled: { readonly horizons: readonly { readonly time: number }[] } },
  unit: string,
): string[] {
  return result.pooled.horizons.map(({ time }) => `${time} ${unit}`);
}

/** Means over sites, who makes them, and whether sites differ. */
export function acrossSitesTables(result: ScoreResult): Markup {
  if (result.sites.length === 0) return html`<p>No sites were given.</p>`;
  const measures = pooledMeasures(result);
  const titles = ['mean of sites', 'a new site (95 %)', 'variance between sites', 'I², %', 'sites'];
  const columns = [{ title: 'measure' }, ...titles.map((title) => ({ title, isNumber: true }))];
  const rows = measures.map(([name, pooled]) => [
    name,
    cell(pooled.mean),
    cell(pooled.prediction),
    cell(pooled.tau2, 3),
    cell(pooled.i2, 0),
    pooled.k,
  ]);
  const sites = result.sites.map(({ site }) => site);
  const without = measures.filter(([, { leaveOneOut }]) => leaveOneOut.length > 0);
  const left = without.map(([name, { leaveOneOut }]) => [
    name,
    ...sites.map((site) => {
      const found = leaveOneOut.find((one) => one.site === site);
      return found ? cell(found.mean) : 'not in it';
    }),
  ]);
  const leftColumns = [{ title: 'mean without' }, ...sites.map((title) => ({ title, isNumber: true }))];
  const excluded = measures.flatMap(([name, pooled]) =>
    pooled.excluded.map(({ site, reason }) => html`<li>${site} is not in the mean of ${name}: ${reason}.</li>`),
  );
  return html`${table('Means over sites (REML, Hartung-Knapp)', columns, rows)}
  ${left.length > 0 && table('The mean without each site in turn', leftColumns, left)}
  ${
    excluded.length > 0 &&
    html`<ul class="limits">
      ${excluded}
    </ul>`
  }
  ${differencesTable(result)}`;
}

function pooledMeasures(result: ScoreResult): (readonly [string, PooledMeasure])[] {
  switch (result.format) {
    case 'concord.validation.binary/1': {
      const { auc, observedExpected, inTheLarge, slope, netBenefit } = result.acrossSites;
      return [
        ['AUC', auc],
        ['observed / expected', observedExpected],
        ['calibration in the large', inTheLarge],
        ['calibration slope', slope],
        ['net benefit at the threshold', netBenefit],
      ];
    }
    case 'concord.validation.survival/1': {
      const { c, slope, observedExpected } = result.acrossSites;
      const times = result.pooled.horizons.map(({ time }) => time);
      return [
        ['C', c],
        ['slope', slope],
        ...observedExpected.map((one, h) => [`observed / expected at ${times[h] ?? ''}`, one] as const),
      ];
    }
    case 'concord.validation.competing/1': {
      const times = result.pooled.horizons.map(({ time }) => time);
      const at = (list: readonly PooledMeasure[], name: string) =>
        list.map((one, h) => [`${name} at ${times[h] ?? ''}`, one] as const);
      return [...at(result.acrossSites.auc, 'AUC'), ...at(result.acrossSites.observedExpected, 'observed / expected')];
    }
  }
}

function differencesTable(result: ScoreResult): Markup | null {
  if (result.format !== 'concord.validation.binary/1') {
    if (result.format === 'concord.validation.competing/1') return null;
    return html`<p>C over pairs of patients of one site: ${cell(result.withinSiteC, 3)}.</p>`;
  }
  const { differences } = result.acrossSites;
  const within = html`<p>AUC over pairs of patients of one site: ${cell(result.withinSiteAuc, 3)}.</p>`;
  if (differences === null) return within;
  const { intercepts, slopes, randomIntercept, membership } = differences;
  const rows = membership.map(({ site, auc, difference }) => [site, cell(auc), cell(difference)]);
  const titles = ['AUC of telling its patients from the others', 'difference of the linear predictor, SD'];
  return html`${within}
    <p>
      Do sites need a level of their own? p ${pCell(intercepts)}. A slope of their own? p ${pCell(slopes)}. Model with a
      random intercept a site: slope ${cell(randomIntercept.slope)}, SD of the intercepts
      ${cell(randomIntercept.siteSd)}.
    </p>
    ${table(
      'Are the patients of a site other patients? (membership model; 0.5: the same kind)',
      [{ title: 'site' }, ...titles.map((title) => ({ title, isNumber: true }))],
      rows,
    )}`;
}

/** Performance by scanner, sex, age … with tests for a difference. */
export function subgroupTables(result: ScoreResult): Markup | null {
  if (result.format === 'concord.validation.competing/1' || result.subgroups.length === 0) return null;
  const tables =
    result.format === 'concord.validation.binary/1'
      ? result.subgroups.map(({ name, groups, homogeneity, interactionHolm }) => {
          const titles = [
            'AUC',
            'observed / expected',
            'true positive rate',
            'false positive rate',
            'PPV',
            'net benefit',
          ];
          const rows = groups.map((one) => [
            one.label,
            one.n,
            one.events,
            cell(one.auc),
            cell(one.observedExpected),
            cell(one.truePositiveRate),
            cell(one.falsePositiveRate),
            cell(one.ppv),
            cell(one.netBenefit, 3),
          ]);
          return html`${table(`By ${name}`, groupColumns(titles), rows)}
            <p>Equal AUCs: p ${pCell(homogeneity)}. Equal slopes, after Holm: p ${pCell(interactionHolm)}.</p>`;
        })
      : result.subgroups.map(({ name, groups, interactionHolm }) => {
          const rows = groups.map((one) => [one.label, one.n, one.events, cell(one.harrell), cell(one.slope)]);
          return html`${table(`By ${name}`, groupColumns(['Harrell’s C', 'slope']), rows)}
            <p>Equal slopes, after Holm: p ${pCell(interactionHolm)}.</p>`;
        });
  return html`<h3>Does it serve all groups alike?</h3>
    <p>
      Groups with fewer than ten events (or ten others) are counted, not judged. Looking at many groups finds
      differences by chance: the p-values of slopes are adjusted over all properties.
    </p>
    ${tables}`;
}

function groupColumns(titles: readonly string[]) {
  return [{ title: 'group' }, ...['patients', 'events', ...titles].map((title) => ({ title, isNumber: true }))];
}
