import { count, fixed, scoreFigure } from '@concord/figures';
import type { AssessedItem, Assessment } from '@concord/rqs';
import { figure, section, table, type Context } from './blocks.js';
import { html, type Markup } from './html.js';

const STATES: Record<AssessedItem['state'], string> = {
  PROVEN: '✓ proven',
  CLAIMED: '… claimed',
  CONTESTED: '! contested',
  NOT_MET: '– not met',
  NOT_APPLICABLE: '· not applicable',
};

/** The quality score, item by item, with the records it stands on and what would earn more. */
export function qualitySection(context: Context): Markup {
  const { rqs } = context.report;
  if (!rqs) return section('quality', 'Radiomics quality', 'The study has not been scored.');
  const { strict, lenient } = rqs;
  const { records, document } = context;
  const mark = records.mark(rqs.digest, 'quality assessment');
  const name = 'Radiomics Quality Score 1.0';
  const cells = { title: name, total: strict.total, maxPoints: strict.maxPoints, items: strict.items };
  return section(
    'quality',
    'Radiomics quality',
    qualityAnswer(strict, lenient),
    strict.hardStops.length > 0
      ? html`<ul class="limits">
          ${strict.hardStops.map((stop) => html`<li>${stop}</li>`)}
        </ul>`
      : null,
    html`<p>
      The score (Lambin and others, 2017) asks 16 questions about how a radiomics study was done. More points make its
      results easier to trust and to repeat; they do not say that the model helps a patient.
    </p>`,
    figure((width) => scoreFigure(cells, { document, width }), mark, name),
    legend(strict),
    nextSteps(strict),
    itemTable(context, strict, lenient),
  );
}

export function qualityAnswer(strict: Assessment, lenient: Assessment): string {
  const points = `${strict.total} of ${strict.maxPoints} points (${fixed(strict.percent, 1)} %) on the Radiomics Quality Score 1.0, each shown by a stored record or an accepted statement.`;
  return strict.total === lenient.total
    ? `${points} The lenient reading gives the same.`
    : `${points} The lenient reading of disputed items gives ${lenient.total}.`;
}

const MEANINGS: Partial<Record<AssessedItem['state'], string>> = {
  PROVEN: 'proven: a stored record shows it, in full or in part',
  CLAIMED: 'claimed: somebody says so, no record shows it yet',
  CONTESTED: 'contested: readers of the score may judge it otherwise',
  NOT_MET: 'not met: nothing on record earns a point',
};

function legend({ items }: Assessment): Markup {
  const words = (Object.keys(MEANINGS) as AssessedItem['state'][])
    .filter((state) => items.some((item) => item.state === state))
    .map((state) => MEANINGS[state]);
  return html`<p class="soft">What the states mean: ${words.join('; ')}.</p>`;
}

function nextSteps({ items }: Assessment): Markup | null {
  const next = items
    .filter((item) => item.nextPoint)
    .sort((a, b) => (b.nextPoint?.gain ?? 0) - (a.nextPoint?.gain ?? 0) || a.number - b.number)
    .slice(0, 4);
  if (next.length === 0) return null;
  const steps = next.map(
    (item) =>
      html`<li>
        ${count(item.nextPoint?.gain ?? 0, 'point')}: ${item.nextPoint?.action} (item ${item.number}, ${item.title}).
      </li>`,
  );
  return html`<h3>What would earn most</h3>
    <ul class="limits">
      ${steps}
    </ul>`;
}

function itemTable({ records }: Context, strict: Assessment, lenient: Assessment): Markup {
  const rows = strict.items.map((item, index) => {
    const other = lenient.items[index]?.points ?? item.points;
    const marks = item.evidence.map((ref) => {
      const label = ref.id === ref.kind ? ref.kind : `${ref.kind}, ${ref.id}`;
      return html`${records.mark(ref.digest, label)} `;
    });
    return [
      html`${item.number} ${item.title}`,
      html`<span class="state">${STATES[item.state]}</span>`,
      html`<span class="points"
        >${points(item.points)} of ${item.maxPoints}${other === item.points ? '' : ` (lenient ${points(other)})`}</span
      >`,
      item.reason,
      marks.length > 0 ? html`${marks}` : html`<span class="missing">none</span>`,
    ];
  });
  const columns = [
    { title: 'item' },
    { title: 'state' },
    { title: 'points', isNumber: true },
    { title: 'why' },
    { title: 'records' },
  ];
  return table('Radiomics Quality Score 1.0, strict reading', columns, rows, 'stacked');
}

function points(value: number): string {
  return value < 0 ? `−${-value}` : String(value);
}
