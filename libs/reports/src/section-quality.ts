import { count, fixed, scoreFigure } from '@concord/figures';
import { literatureLevels, shareAboveHalf, type AssessedItem, type Assessment } from '@concord/rqs';
import { figure, section, table, type Context } from './blocks.js';
import { html, type Markup } from './html.js';
import { pointsWords, recordMarks, stateWords } from './quality-items.js';
import type { StudyReport } from './study-report.js';

const NAME = 'Radiomics Quality Score 1.0';

/** The quality score, item by item, with the records it stands on and what would earn more. */
export function qualitySection(context: Context): Markup {
  const { rqs } = context.report;
  if (!rqs) return section('quality', 'Radiomics quality', 'The study has not been scored.');
  const { strict, lenient } = rqs;
  const { records, document } = context;
  const mark = records.mark(rqs.digest, 'quality assessment');
  const cells = { title: NAME, total: strict.total, maxPoints: strict.maxPoints, items: strict.items };
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
    literature(strict),
    figure((width) => scoreFigure(cells, { document, width }), mark, NAME),
    legend(strict),
    itemTable(context, strict, lenient),
    nextSteps(strict),
    scoresTable(rqs),
  );
}

export function qualityAnswer(strict: Assessment, lenient: Assessment): string {
  const points = `${strict.total} of ${strict.maxPoints} points (${fixed(strict.percent, 1)} %) on the Radiomics Quality Score 1.0, each shown by a stored record or an accepted statement.`;
  return strict.total === lenient.total
    ? `${points} The lenient reading gives the same.`
    : `${points} The lenient reading of disputed items gives ${lenient.total}.`;
}

function literature({ percent }: Assessment): Markup {
  const levels = literatureLevels.map(
    (level) => html`<li>${fixed(level.percent, 1)} %: ${level.what} <span class="soft">(${level.source})</span></li>`,
  );
  return html`<p>
      Beside it, what published studies were given by their readers; this study has ${fixed(percent, 1)} %:
    </p>
    <ul class="limits">
      ${levels}
      <li>${fixed(shareAboveHalf, 1)} % of those 3,258 scores reach half of the points.</li>
    </ul>`;
}

const MEANINGS: Partial<Record<AssessedItem['state'], string>> = {
  PROVEN: 'proven: a stored record shows it, in full or in part',
  CLAIMED: 'claimed: somebody says so, and nobody else has accepted it yet; it earns nothing',
  CONTESTED: 'contested: a reviewer objects, and it earns nothing until that is answered',
  NOT_MET: 'not met: nothing on record earns a point',
};

function legend({ items }: Assessment): Markup {
  const words = (Object.keys(MEANINGS) as AssessedItem['state'][])
    .filter((state) => items.some((item) => item.state === state))
    .map((state) => MEANINGS[state]);
  return html`<p class="soft">What the states mean: ${words.join('; ')}.</p>`;
}

/** Every point that is missing: what it brings, what to do, who can do it. Most points first. */
function nextSteps({ items }: Assessment): Markup | null {
  const next = items
    .flatMap(({ number, title, id, nextPoint }) => (nextPoint ? [{ number, title, id, ...nextPoint }] : []))
    .sort((a, b) => b.gain - a.gain || a.number - b.number);
  const [best] = next;
  if (!best) return null;
  const rows = next.map(({ number, title, id, gain, action, by }) => [
    html`<a href="#item-${id}">${number} ${title}</a>`,
    html`<span class="points">+${gain}</span>`,
    action,
    by,
  ]);
  const columns = [
    { title: 'item' },
    { title: 'points', isNumber: true },
    { title: 'what is missing' },
    { title: 'who can supply it' },
  ];
  return html`<h3>What would earn most</h3>
    <p>
      ${count(best.gain, 'point')}: ${best.action} (item ${best.number}, ${best.title}). Cheaper points stand further
      down.
    </p>
    ${table('Points that are missing', columns, rows, 'stacked')}`;
}

function itemTable(context: Context, strict: Assessment, lenient: Assessment): Markup {
  const rows = strict.items.map((item, index) => {
    const other = lenient.items[index]?.points ?? item.points;
    return [
      html`<span id="item-${item.id}">${item.number} ${item.title}</span>`,
      stateWords(item.state),
      html`<span class="points"
        >${pointsWords(item)}${other === item.points ? '' : ` (lenient ${pointsWords({ points: other })})`}</span
      >`,
      item.reason,
      recordMarks(context, item.evidence),
    ];
  });
  const columns = [
    { title: 'item' },
    { title: 'state' },
    { title: 'points', isNumber: true },
    { title: 'why' },
    { title: 'records' },
  ];
  return table(`${NAME}, strict reading`, columns, rows, 'stacked');
}

/** Points as they are, weights to three digits. */
function short(value: number): string {
  return String(Number(value.toPrecision(3)));
}

/** All scores and guidelines in one look. */
function scoresTable({ strict, lenient, rqs2, metrics, clear, tripodAi }: NonNullable<StudyReport['rqs']>): Markup {
  const waiting = (a: Assessment): string => {
    const more = Math.round((a.totalWithClaims - a.total) * 1e4) / 1e4;
    return more > 0 ? `+${more} if statements that wait were accepted` : '';
  };
  const score = (name: string, a: Assessment, says: string) => [
    name,
    html`<span class="points">${short(a.total)} of ${short(a.maxPoints)}</span>`,
    html`<span class="points">${fixed(a.percent, 1)} %</span>`,
    [says, waiting(a)].filter((text) => text !== '').join('; '),
  ];
  const reported = (name: string, { reportedCount, applicableCount }: typeof clear) => [
    name,
    html`<span class="points">${reportedCount} of ${applicableCount}</span>`,
    html`<span class="points">${fixed((100 * reportedCount) / applicableCount, 1)} %</span>`,
    'items that records or accepted statements report',
  ];
  const level = rqs2.readiness?.completeThrough ?? 0;
  const rows = [
    score('RQS 1.0, strict', strict, 'what the wording demands'),
    score('RQS 1.0, lenient', lenient, 'what many raters accept'),
    score('RQS 2.0, strict', rqs2, level === 0 ? 'no level of readiness has a point on every item' : `every item has a point up to level ${level}`), // prettier-ignore
    score('METRICS, strict', metrics, `${metrics.band ?? ''}; points are weights`),
    reported('CLEAR', clear),
    reported('TRIPOD+AI', tripodAi),
  ];
  const columns = [{ title: 'instrument' }, { title: 'points', isNumber: true }, { title: 'share', isNumber: true }, { title: 'note' }]; // prettier-ignore
  return html`<h3>The other instruments, from the same records</h3>
    ${table('Quality scores and reporting guidelines', columns, rows, 'stacked')}`;
}
