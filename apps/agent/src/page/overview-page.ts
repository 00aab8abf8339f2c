import { isSumsKind, SUMS_KINDS, TABLE_KINDS, type ReleaseKind } from '@concord/contracts';

import type { Problem } from '../agent-errors.js';
import type { Agent } from '../agent.js';
import { sharingOf } from '../hub/orders.js';
import type { ReleaseRow, ReleaseState } from '../store/releases.js';
import { caseTable } from './cases-page.js';
import { html, type Html } from './html.js';
import { problemNote } from './layout.js';
import { bytesOf, durationOf, plural, timeOf } from './words.js';

/** What a state of a release means for the person who reads it, and how it looks. */
export const STATE_WORDS: Readonly<Record<ReleaseState, readonly [words: string, look: string]>> = {
  held: ['waits for your decision', 'wait'],
  approved: ['approved, leaves at the next contact', 'wait'],
  sealed: ['on its way', 'wait'],
  acknowledged: ['received by the hub', 'good'],
  refused: ['refused, stays here', 'bad'],
  superseded: ['replaced: the cases changed', 'quiet'],
  withdrawn: ['no longer wanted', 'quiet'],
};

export function overviewPage(agent: Agent): Html {
  const releases = agent.releases.list();
  const held = releases.filter(({ state }) => state === 'held');
  const keptBack = keptBackOf(agent).map(([, problem]) => problem);
  return html`<h1>${answer(agent, held)}</h1>
    ${mainAction(held)} ${connectionNote(agent)}
    ${keptBack.map((problem) => problemNote(problem, 'It stays here until then.', 'wait'))}
    <h2>What I hold</h2>
    ${holdings(agent)} ${finishedNote(agent)}
    <h2>What leaves</h2>
    ${sharingNote(agent)} ${releases.length === 0 ? html`<p>${nothingPrepared(agent)}</p>` : releaseTable(releases)}
    <h2>What has left</h2>
    ${traffic(agent)}`;
}

/** What a release holds, for a person. */
export const KIND_WORDS: Readonly<Record<ReleaseKind, string>> = {
  features: 'features',
  outcomes: 'outcomes',
  'harmonization-sums': 'sums for harmonisation',
};

/** What the rules keep here, and why. */
function keptBackOf(agent: Agent): (readonly [ReleaseKind, Problem])[] {
  return [...TABLE_KINDS, ...SUMS_KINDS].flatMap((kind) => {
    const problem = agent.preparation.keptBack(kind);
    return problem === null ? [] : [[kind, problem] as const];
  });
}

/** Which of the two ways this site shares, and who decided so. */
function sharingNote(agent: Agent): Html | null {
  const protocol = agent.accepted?.protocol;
  if (protocol === undefined || sharingOf(protocol, agent.parts.config.sharing) === 'vectors') return null;
  const by = protocol.sharing === 'sums' ? 'The protocol lets out' : 'This site lets out';
  return html`<p>
    <span class="state">Sums only.</span> ${by} no row of a patient: sums over all of them, when enough.
  </p>`;
}

function finishedNote(agent: Agent): Html | null {
  const { finished } = agent;
  if (finished === null) return null;
  return html`<p>
    <span class="state good">Harmonised here:</span> ${plural(finished.rowCount, 'patient')}, by the sums of all sites.
    Features and model, for this site only: <code>${finished.folder}</code>
  </p>`;
}

/** The page's one answer. */
function answer(agent: Agent, held: readonly ReleaseRow[]): string {
  const { problem, phase, caseCount, doneCount, refusedCount } = agent.parts.source.progress();
  if (held.length > 0)
    return `${held.length === 1 ? 'One release waits' : `${held.length} releases wait`} for your decision.`;
  if (problem) return 'The cases cannot be read.';
  if (phase === 'reading') return 'Reading: files were written a moment ago, more may come.';
  if (phase !== 'idle') return `Measuring: ${doneCount + refusedCount} of ${plural(caseCount, 'patient')} done.`;
  if (agent.connection.problem) return 'The hub does not answer; nothing is lost.';
  if (caseCount === 0) return 'There are no cases yet.';
  const [kept] = keptBackOf(agent);
  if (kept !== undefined) return `The ${KIND_WORDS[kept[0]]} stay here: a rule keeps them until this is mended.`;
  const sent = agent.releases.list().filter(({ state }) => state === 'acknowledged').length;
  if (sent > 0) return 'Nothing waits for you: the hub has what it asked for so far.';
  return agent.accepted === null ? 'Ready: waiting for the study to begin.' : 'Nothing waits for you.';
}

function mainAction(held: readonly ReleaseRow[]): Html | null {
  const [first] = held;
  if (first === undefined) return null;
  return html`<p>
      ${isSumsKind(first.kind) ? `Sums over ${plural(first.rowCount, 'patient')}` : plural(first.rowCount, 'patient')},
      ${plural(first.columnCount, isSumsKind(first.kind) ? 'feature' : 'column')}, ${bytesOf(first.tableByteCount)}.
      Nothing leaves before you have said so.
    </p>
    <p><a class="button" href="/releases/${first.id}">See what would leave</a></p>`;
}

function connectionNote(agent: Agent): Html {
  const { lastContactAt, problem } = agent.connection;
  const age =
    lastContactAt === null
      ? html`It has not answered yet.`
      : html`It last answered ${durationOf((agent.parts.now().getTime() - Date.parse(lastContactAt)) / 1000)} ago
        (${timeOf(lastContactAt)}).`;
  if (problem)
    return html`${problemNote(problem)}
      <p class="quiet">${age} What is approved is kept and sent then.</p>`;
  const look = lastContactAt === null ? 'wait' : 'good';
  return html`<p class="quiet">
    <span class="state ${look}">${lastContactAt === null ? 'Not connected yet.' : 'Connected.'}</span> Hub
    ${agent.parts.identity.hubUrl}. ${age}
  </p>`;
}

function holdings(agent: Agent): Html {
  const { source } = agent.parts;
  const progress = source.progress();
  if (progress.problem) return problemNote(progress.problem, 'What was sent before is not touched.');
  const { caseCount, doneCount, refusedCount, phase, secondsLeft } = progress;
  if (caseCount === 0) {
    return html`<p>
      ${
        phase === 'idle'
          ? 'Nothing yet. Put image folders, one a patient, into the source folder (or rows into the source table): they are found by themselves.'
          : 'Looking for cases…'
      }
    </p>`;
  }
  const toDo = caseCount - doneCount - refusedCount;
  const refused = source.cases().filter(({ state }) => state === 'refused');
  return html`<p>
      ${plural(caseCount, 'patient')}: <span class="state good">${doneCount} usable</span>,
      <span class="state ${refusedCount > 0 ? 'bad' : 'quiet'}">${refusedCount} refused</span>${
        toDo > 0 ? `, ${toDo} to be measured` : ''
      }.
      <a href="/cases">All cases</a>
    </p>
    ${
      phase === 'idle'
        ? null
        : html`<p role="status">
            <progress max="${caseCount}" value="${doneCount + refusedCount}">
              ${doneCount + refusedCount} of ${caseCount}
            </progress>
            ${secondsLeft === null ? null : html`about ${durationOf(secondsLeft)} left`}
          </p>`
    }
    ${
      refused.length === 0
        ? null
        : html`<h3>Refused, and why</h3>
            ${caseTable(refused.slice(0, 10))}
            ${refused.length > 10 ? html`<p><a href="/cases">All ${refused.length}</a></p>` : null}`
    }`;
}

function nothingPrepared(agent: Agent): string {
  if (agent.accepted === null) return 'Nothing: the study has no frozen protocol yet.';
  if (agent.parts.source.progress().phase !== 'idle')
    return 'Nothing yet: the table is made when every case is measured.';
  if (agent.parts.source.progress().doneCount === 0) return 'Nothing: no case can be used yet.';
  if (keptBackOf(agent).length > 0) return 'Nothing: what the study asks for is kept here, for the reason above.';
  return 'Nothing yet: a table is made when the hub asks for it and no file has changed for a few seconds.';
}

export function releaseTable(releases: readonly ReleaseRow[]): Html {
  const rows = releases.toReversed().map((release) => {
    const [words, look] = STATE_WORDS[release.state];
    return html`<tr>
      <td><a href="/releases/${release.id}">Release ${release.id}</a></td>
      <td>${KIND_WORDS[release.kind]}</td>
      <td>
        <span class="state ${look}">${words}</span>${release.problem ? html`<br />${release.problem.what}` : null}
      </td>
      <td class="number">${release.rowCount}</td>
      <td class="number">${release.columnCount}</td>
      <td class="number">${bytesOf(release.tableByteCount)}</td>
      <td>${timeOf(release.preparedAt)}</td>
    </tr>`;
  });
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Releases">
    <table>
      <thead>
        <tr>
          <th>Release</th>
          <th>Holds</th>
          <th>State</th>
          <th class="number">Patients</th>
          <th class="number">Columns</th>
          <th class="number">Size</th>
          <th>Prepared</th>
        </tr>
      </thead>
      <tbody>
        ${rows}
      </tbody>
    </table>
  </div>`;
}

const TRAFFIC_WORDS = {
  join: 'joining',
  poll: 'asking for orders',
  status: 'counts of cases',
  certificate: 'the conformance certificate',
  chunk: 'sealed tables',
  message: 'asking to take a table in',
};

function traffic(agent: Agent): Html {
  const rows = agent.traffic.rows();
  const total = rows.reduce((sum, { byteCount }) => sum + byteCount, 0);
  return html`<p>
      ${bytesOf(total)} in all, counted before they were sent. <a href="/ledger">The ledger says what and why.</a>
    </p>
    <div class="scroll" tabindex="0" role="region" aria-label="Bytes sent">
      <table>
        <thead>
          <tr>
            <th>For</th>
            <th class="number">Requests</th>
            <th class="number">Bytes</th>
          </tr>
        </thead>
        <tbody>
          ${rows.map(
            ({ kind, requestCount, byteCount }) =>
              html`<tr>
                <td>${TRAFFIC_WORDS[kind]}</td>
                <td class="number">${requestCount}</td>
                <td class="number">${byteCount}</td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>`;
}
