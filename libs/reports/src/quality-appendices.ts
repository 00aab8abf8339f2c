import { fixed } from '@concord/figures';
import type { Assessment, ChecklistAssessment } from '@concord/rqs';
import { section, table, type Context } from './blocks.js';
import { html, type Markup } from './html.js';
import { pointsWords, recordMarks, stateWords } from './quality-items.js';

/** Item by item, to open on a screen and always there on paper: RQS 2.0, METRICS, CLEAR, TRIPOD+AI. */
export function qualityAppendices(context: Context): Markup | null {
  const { rqs } = context.report;
  if (!rqs) return null;
  const { rqs2, metrics, clear, tripodAi } = rqs;
  return section(
    'appendices',
    'The other instruments, item by item',
    'RQS 2.0, METRICS, CLEAR and TRIPOD+AI, answered from the same records as the score above.',
    html`${appendix(
      'rqs2',
      `RQS 2.0 item by item: ${rqs2.total} of ${rqs2.maxPoints} points`,
      html`<p>
          Lambin and others, 2025. The source does not publish when a level of readiness counts as reached; shown is
          where points are.
        </p>
        ${levels(rqs2)} ${scored(context, 'RQS 2.0, strict reading', rqs2)}`,
    )}
    ${appendix(
      'metrics',
      `METRICS item by item: ${fixed(metrics.percent, 1)} %, ${metrics.band ?? ''}`,
      html`<p>Kocak and others, 2024. Points are weights; items that the protocol rules out leave the sum.</p>
        ${scored(context, 'METRICS, strict reading', metrics)}`,
    )}
    ${appendix('clear', `CLEAR checklist: ${shares(clear)}`, reported(context, 'CLEAR (Kocak and others, 2023)', clear))}
    ${appendix(
      'tripod-ai',
      `TRIPOD+AI checklist: ${shares(tripodAi)}`,
      reported(context, 'TRIPOD+AI (Collins and others, 2024)', tripodAi),
    )}`,
  );
}

function appendix(id: string, title: string, content: Markup): Markup {
  return html`<details class="appendix" id="${id}">
    <summary>${title}</summary>
    ${content}
  </details>`;
}

function levels({ readiness }: Assessment): Markup | null {
  if (!readiness) return null;
  const rows = readiness.levels.map(({ id, title, points, max }) => [
    `${id.replace('level ', '')} ${title}`,
    `${points} of ${max}`,
  ]);
  return table('Points by level of readiness', [{ title: 'level' }, { title: 'points', isNumber: true }], rows);
}

function scored(context: Context, caption: string, { items }: Assessment): Markup {
  const rows = items.map((item) => [
    `${item.number} ${item.title}`,
    stateWords(item.state),
    html`<span class="points">${item.state === 'NOT_APPLICABLE' ? '' : pointsWords(item)}</span>`,
    item.nextPoint && item.points === 0 ? `${item.reason} Next: ${item.nextPoint.action} (${item.nextPoint.by}).` : item.reason, // prettier-ignore
    recordMarks(context, item.evidence),
  ]);
  const columns = [
    { title: 'item' },
    { title: 'state' },
    { title: 'points', isNumber: true },
    { title: 'why' },
    { title: 'records' },
  ];
  return table(caption, columns, rows, 'stacked');
}

function shares({ reportedCount, applicableCount }: ChecklistAssessment): string {
  return `${reportedCount} of ${applicableCount} items reported`;
}

function reported(context: Context, caption: string, { items }: ChecklistAssessment): Markup {
  const words = { PROVEN: '✓ reported', CLAIMED: '… claimed', CONTESTED: '! contested', NOT_MET: '– not reported', NOT_APPLICABLE: '· not applicable' }; // prettier-ignore
  const rows = items.map((item) => [
    `${item.number} ${item.title}`,
    html`<span class="state">${words[item.state]}</span>`,
    item.reason,
    recordMarks(context, item.evidence),
  ]);
  const columns = [{ title: 'item' }, { title: 'state' }, { title: 'where' }, { title: 'records' }];
  return table(caption, columns, rows, 'stacked');
}
