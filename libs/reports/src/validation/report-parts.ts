import type { BinaryValidation } from '@concord/validation';
import { figure, smallFigure, table } from '../blocks.js';
import { html, type Markup } from '../html.js';
import type { EvaluationItem } from './evaluation-items.js';
import { cell } from './measure-tables.js';
import type { NamedFigure } from './validation-figures.js';

/** Small figures stand in a grid, others one below the other. */
export function drawnFigures(figures: readonly NamedFigure[]): Markup {
  const none = html``;
  const small = figures.filter(({ isSmall }) => isSmall);
  return html`${figures.filter(({ isSmall }) => !isSmall).map((one) => figure(one.draw, none, one.title))}
  ${
    small.length > 0 &&
    html`<div class="grid">
      ${small.map((one, i) => smallFigure(one.draw(350), none, one.title, small.length % 2 === 1 && i === 0))}
    </div>`
  }`;
}

/** Patients needed and precision reached, cohort by cohort. */
export function adequacyTable(score: BinaryValidation): Markup {
  const cohorts = [{ site: 'all patients', ...score.pooled }, ...score.sites];
  const columns = [
    { title: 'cohort' },
    { title: 'patients', isNumber: true },
    ...score.pooled.adequacy.map(({ measure, wishedWidth }) => ({
      title: `${measure}: needed for a width of ${wishedWidth}; reached`,
      isNumber: true,
    })),
  ];
  const rows = cohorts.map(({ site, n, adequacy }) => [
    site,
    n,
    ...adequacy.map(({ needed, reachedWidth, isMet }) => {
      const state = isMet === null ? 'not estimable' : isMet ? 'enough' : 'too few';
      return html`${cell(needed, 0)}; ${cell(reachedWidth)} <span class="state">${state}</span>`;
    }),
  ]);
  return html`<h3>Were there enough patients?</h3>
    ${table('Sample size by Riley’s criteria, needed and reached', columns, rows)}`;
}

const STATES = { filled: 'told', 'not-applicable': 'not applicable', missing: 'MISSING' } as const;

/** What readers will ask for, told or visibly missing. */
export function itemsSection(items: readonly EvaluationItem[]): Markup {
  const missing = items.filter(({ state }) => state === 'missing').length;
  const tables = (['TRIPOD+AI', 'PROBAST+AI'] as const).map((checklist) =>
    table(
      `${checklist}, evaluation of a model`,
      [{ title: 'item' }, { title: 'state' }, { title: 'what is told' }],
      items
        .filter((item) => item.checklist === checklist)
        .map(({ topic, state, text }) => [topic, html`<span class="state">${STATES[state]}</span>`, text]),
      'stacked',
    ),
  );
  return html`<section aria-labelledby="items">
    <h2 id="items">What readers will ask for</h2>
    <p class="answer">
      ${missing} of ${items.length} items of TRIPOD+AI and PROBAST+AI on evaluation are missing: only the authors can
      tell them.
    </p>
    ${tables}
  </section>`;
}
