import type { Agent } from '../agent.js';
import type { CaseView } from '../ingest/case-source.js';
import { html, type Html } from './html.js';
import { plural } from './words.js';

export function casesPage(agent: Agent): Html {
  const cases = agent.parts.source.cases();
  const refused = cases.filter(({ state }) => state === 'refused');
  if (cases.length === 0) {
    return html`<h1>There are no cases yet.</h1>
      <p>Cases are found by themselves in the source that CONCORD_AGENT_SOURCE names.</p>`;
  }
  const ordered = [...refused, ...cases.filter(({ state }) => state !== 'refused')];
  return html`<h1>
      ${refused.length === 0 ? 'Every case can be used.' : `${plural(refused.length, 'case')} of ${cases.length} cannot be used.`}
    </h1>
    <p>A refused case never stops the others. Mend it at its place: it is looked at again by itself.</p>
    ${caseTable(ordered)}`;
}

export function caseTable(cases: readonly CaseView[]): Html {
  const rows = cases.map(
    ({ place, state, problem, warnings }) =>
      html`<tr>
        <td>${place}</td>
        <td>
          <span class="state ${state === 'ok' ? 'good' : state === 'refused' ? 'bad' : 'wait'}"
            >${state === 'ok' ? 'usable' : state === 'refused' ? 'refused' : 'to be measured'}</span
          >
        </td>
        <td>
          ${
            problem &&
            html`${problem.what}${problem.where === place ? null : html` (${problem.where})`}. ${problem.fix}
              <span class="quiet">${problem.code}</span>`
          }
          ${warnings.map((warning) => html`<span class="quiet">${warning}</span><br />`)}
        </td>
      </tr>`,
  );
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Cases">
    <table class="stack">
      <thead>
        <tr>
          <th>Case</th>
          <th>State</th>
          <th>Why, and how to mend it</th>
        </tr>
      </thead>
      <tbody>
        ${rows}
      </tbody>
    </table>
  </div>`;
}
