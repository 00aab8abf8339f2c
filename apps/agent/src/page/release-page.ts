import { isSumsKind } from '@concord/contracts';
import type { Column, FeatureTable } from '@concord/tables';

import type { Agent } from '../agent.js';
import type { ReleaseRow } from '../store/releases.js';
import { histogram } from './histogram.js';
import { html, type Html } from './html.js';
import { problemNote } from './layout.js';
import { leavingTable } from './leaving.js';
import { releaseTable, STATE_WORDS } from './overview-page.js';
import { bytesOf, numberOf, plural, timeOf } from './words.js';

const SHOWN_ROWS = 50;

export function releasesPage(agent: Agent): Html {
  const releases = agent.releases.list();
  if (releases.length === 0)
    return html`<h1>No table has been prepared yet.</h1>
      <p>The study has to ask for one first.</p>`;
  const held = releases.filter(({ state }) => state === 'held').length;
  return html`<h1>
      ${held > 0 ? `${plural(held, 'table')} of ${releases.length} wait for a decision.` : `${plural(releases.length, 'table')}; none waits for a decision.`}
    </h1>
    ${releaseTable(releases)}`;
}

/** What exactly would leave, for whom, under which protocol, and what changed. */
export function releasePage(agent: Agent, release: ReleaseRow, formToken: string, mistake: string | null): Html {
  const table = leavingTable(agent, release);
  const isSums = isSumsKind(release.kind);
  const [words, look] = STATE_WORDS[release.state];
  const isHeld = release.state === 'held';
  const { identity } = agent.parts;
  return html`<h1>
      Release ${release.id}:
      ${isSums ? 'sums over ' : ''}${plural(release.rowCount, 'patient')}${isSums ? '' : `, ${release.kind}`}
    </h1>
    <p class="lead">
      <span class="state ${look}">${capital(words)}.</span>
      ${isSums ? `${plural(table.rowCount * (table.columns.length - 1), 'number')} and no row of a patient` : `${plural(release.columnCount, 'column')} and ${plural(release.rowCount, 'row')}`},
      ${bytesOf(release.tableByteCount)},
      ${isHeld ? 'would go' : release.state === 'acknowledged' ? 'went' : 'for the hub'}
      ${isHeld || release.state === 'acknowledged' ? `to the hub at ${identity.hubUrl}` : `at ${identity.hubUrl}`}.
      <a href="/releases/${release.id}.csv">CSV of exactly these ${isSums ? 'numbers' : 'cells'}</a>
    </p>
    ${release.problem && problemNote(release.problem, 'The agent tries again by itself.')}
    ${mistake === null ? null : html`<div class="note bad" role="alert"><p class="state">${mistake}</p></div>`}
    ${facts(agent, release)} ${isHeld ? decision(agent, release, formToken) : null}
    ${isSums ? sumsView(table, release) : tableView(table)}`;
}

function tableView(table: FeatureTable): Html {
  return html`<h2>The columns</h2>
    ${columnFigures(table)}
    <h2>The rows</h2>
    ${valueTable(table)}`;
}

/** Words first: what the numbers are, what they are for, and what cannot be read from them. */
function sumsView(table: FeatureTable, { rowCount }: ReleaseRow): Html {
  return html`<h2>What the numbers say</h2>
    <p>
      For each feature: how many patients have it, the sum of their values, the sum of squares about their mean, and how
      it moves with each covariate. So the hub learns this site’s means and spreads over ${plural(rowCount, 'patient')};
      it learns no patient’s value, no name, no least and no greatest value.
    </p>
    <p>
      With the sums of the other sites it computes the scanner effect that they share, and sends the result back. This
      site’s own patients are harmonised here.
    </p>
    <h2>The numbers</h2>
    ${valueTable(table)}`;
}

function facts(agent: Agent, release: ReleaseRow): Html {
  const { accepted } = agent;
  return html`<dl class="facts">
    <dt>Changed since the last release</dt>
    <dd>${changes(agent.releases.list(), release)}</dd>
    <dt>Protocol</dt>
    <dd>
      “${accepted?.protocol.title ?? ''}”
      <code title="${release.protocolDigest}">${release.protocolDigest.slice(0, 16)}…</code>
    </dd>
    ${
      release.lockDigest &&
      html`<dt>Opened under the lock</dt>
        <dd><code>${release.lockDigest.slice(0, 16)}…</code></dd>`
    }
    <dt>Rule</dt>
    <dd>${release.rule}: ${release.checks.join('; ')}</dd>
    <dt>Who can read it</dt>
    <dd>
      The hub of this study; on the way nobody, it is sealed.
      ${isSumsKind(release.kind) ? 'No pseudonym is in it' : 'Only this site can tell which patient a pseudonym is'}.
    </dd>
    <dt>Prepared</dt>
    <dd>${timeOf(release.preparedAt)}</dd>
    ${
      release.decidedBy && release.decidedAt
        ? html`<dt>Decided</dt>
            <dd>by ${release.decidedBy}, ${timeOf(release.decidedAt)}</dd>`
        : null
    }
    ${
      release.acknowledgedAt &&
      html`<dt>Received</dt>
        <dd>${timeOf(release.acknowledgedAt)} as message ${release.sequence ?? 0}</dd>`
    }
    <dt>Digest</dt>
    <dd><code>${release.tableDigest}</code></dd>
  </dl>`;
}

function changes(all: readonly ReleaseRow[], release: ReleaseRow): string {
  const last = all.findLast((other) => other.id < release.id && other.kind === release.kind && other.sequence !== null);
  if (last === undefined)
    return isSumsKind(release.kind) ? 'These are the first sums.' : `This is the first table of ${release.kind}.`;
  const before = new Set(last.members);
  const now = new Set(release.members);
  const come = release.members.filter((member) => !before.has(member)).length;
  const left = last.members.filter((member) => !now.has(member)).length;
  const members = come + left === 0 ? 'the same patients' : `${plural(come, 'patient')} more, ${left} fewer`;
  const columns = last.columnCount === release.columnCount ? 'the same number of columns' : 'other columns';
  return `${members}, ${columns}; compared with release ${last.id}.`;
}

function decision(agent: Agent, release: ReleaseRow, formToken: string): Html {
  const hidden = html`<input type="hidden" name="formToken" value="${formToken}" /><input
      type="hidden"
      name="tableDigest"
      value="${release.tableDigest}"
    />`;
  const name = html`<label
    >Your name<span>kept in this site’s ledger</span><input name="by" required maxlength="100" autocomplete="name"
  /></label>`;
  return html`<h2>Decide</h2>
    <div class="forms">
      <form method="post" action="/releases/${release.id}/approve">
        <h3>Let it leave</h3>
        <p>
          It cannot be called back. The study’s coordinator and its computations see every
          ${isSumsKind(release.kind) ? 'number below; no row of a patient is among them' : 'cell below, by pseudonym'}.
        </p>
        ${hidden} ${name}
        <label
          >Name of the study<span>to be sure: type “${agent.parts.identity.studyTitle}”</span>
          <input name="study" required autocomplete="off"
        /></label>
        <button>
          Approve: send ${isSumsKind(release.kind) ? 'the sums over ' : ''}${plural(release.rowCount, 'patient')}
        </button>
      </form>
      <form method="post" action="/releases/${release.id}/refuse">
        <h3>Keep it here</h3>
        <p>Nothing leaves. Only other cases bring a table back to this desk.</p>
        ${hidden} ${name}
        <label>Reason<span>stays in this site’s ledger</span><input name="reason" required maxlength="300" /></label>
        <button class="second">Refuse</button>
      </form>
    </div>`;
}

function columnFigures(table: FeatureTable): Html {
  const texts = table.columns.filter((column) => column.kind === 'text').slice(1);
  const numbers = table.columns.filter((column) => column.kind === 'number');
  return html`<p>The first names the rows by pseudonym. Each picture counts patients by value, least to greatest.</p>
    ${texts.map((column) => html`<p><span class="state">${column.name}</span>: ${levels(column.values)}</p>`)}
    <div class="columns">${numbers.map((column) => histogram(column.name, column.values))}</div>`;
}

function levels(values: readonly (string | null)[]): string {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value ?? 'missing', (counts.get(value ?? 'missing') ?? 0) + 1);
  return [...counts].map(([value, count]) => `${value} (${count})`).join(', ');
}

function valueTable(table: FeatureTable): Html {
  const shown = Math.min(SHOWN_ROWS, table.rowCount);
  const rows = Array.from(
    { length: shown },
    (_, row) =>
      html`<tr>
        ${table.columns.map((column) => cell(column, row))}
      </tr>`,
  );
  return html`<p class="quiet">
      ${shown < table.rowCount ? `The first ${shown} of ${table.rowCount} rows; the CSV has all.` : `All ${table.rowCount} rows.`}
    </p>
    <div class="scroll" tabindex="0" role="region" aria-label="Rows that would leave">
      <table class="values">
        <thead>
          <tr>
            ${table.columns.map(({ name, kind }) => html`<th class="${kind}">${name}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${rows}
        </tbody>
      </table>
    </div>`;
}

function cell(column: Column, row: number): Html {
  if (column.kind === 'text') return html`<td>${column.values[row] ?? ''}</td>`;
  return html`<td class="number">${numberOf(column.values[row])}</td>`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
