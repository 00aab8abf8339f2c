import { fixed } from '@concord/figures';
import type { ScoreComparison } from '@concord/validation';
import { table } from '../blocks.js';
import { html, type Markup } from '../html.js';
import { cell } from './measure-tables.js';

/** Two scores of the same patients beside each other. */
export function comparisonSection(comparisons: readonly ScoreComparison[]): Markup {
  const columns = [
    { title: 'scores' },
    ...[
      'patients',
      'AUC, difference',
      'p (DeLong)',
      'p, sensitivity',
      'p, specificity',
      'continuous NRI',
      'NRI at the threshold',
      'IDI',
    ].map((title) => ({ title, isNumber: true })),
  ];
  const rows = comparisons.map((one) => [
    `${one.a} less ${one.b}`,
    one.n,
    cell(one.aucDifference, 3),
    cell(one.aucP, 4),
    cell(one.sensitivityP, 3),
    cell(one.specificityP, 3),
    cell(one.reclassification.continuousNri),
    cell(one.reclassification.categoricalNri),
    cell(one.reclassification.idi, 3),
  ]);
  return html`<section aria-labelledby="comparison">
    <h2 id="comparison">The scores compared</h2>
    <p>
      On the patients who have both. NRI and IDI reward risks that are wrong: read them beside the net benefit, never
      alone.
    </p>
    ${table('Paired comparison', columns, rows)} ${comparisons.map(netBenefit)}
  </section>`;
}

/** A dozen thresholds are read; all are in report.json. */
function netBenefit({ a, b, netBenefit: points }: ScoreComparison): Markup | null {
  if (points.length === 0) return null;
  const step = Math.max(1, Math.round(points.length / 12));
  const rows = points
    .filter((_, i) => i % step === 0)
    .map(({ threshold, difference }) => [fixed(threshold), cell(difference, 4)]);
  return table(
    `Net benefit of ${a} less that of ${b}`,
    [{ title: 'threshold' }, { title: 'difference (95 % interval)', isNumber: true }],
    rows,
  );
}
