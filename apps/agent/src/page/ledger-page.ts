import type { Agent } from '../agent.js';
import { firstBrokenEntry, type LedgerEntry } from '../store/ledger.js';
import { html, type Html } from './html.js';
import { plural, timeOf } from './words.js';

export function ledgerPage(agent: Agent): Html {
  const entries = agent.ledger.entries();
  const broken = firstBrokenEntry(entries);
  const chain =
    broken < 0
      ? html`<p><span class="state good">The chain holds:</span> no entry was changed, taken out or moved.</p>`
      : html`<div class="note bad">
          <p class="state">Entry ${broken + 1} does not fit the one before it.</p>
          <p>Somebody changed this file. Keep a copy of the data folder and tell the data protection officer.</p>
        </div>`;
  return html`<h1>
      ${plural(entries.length, 'entry').replace('entrys', 'entries')}: all that left this site, and why.
    </h1>
    ${chain}
    <p><a href="/ledger.json">As JSON</a>, or <code>concord agent ledger --json</code></p>
    <div class="scroll" tabindex="0" role="region" aria-label="Ledger">
      <table class="stack">
        <thead>
          <tr>
            <th class="number">No.</th>
            <th>When</th>
            <th>What</th>
            <th>Of</th>
            <th>Details</th>
            <th>Hash</th>
          </tr>
        </thead>
        <tbody>
          ${entries.toReversed().map(row)}
        </tbody>
      </table>
    </div>`;
}

function row(entry: LedgerEntry): Html {
  const details = Object.entries(entry.details)
    .filter(([, value]) => value !== null)
    .map(([name, value]) => html`<span class="quiet">${name}</span> ${textOf(value)}<br />`);
  return html`<tr>
    <td class="number">${entry.sequence}</td>
    <td>${timeOf(entry.at)}</td>
    <td><span class="state">${entry.action}</span></td>
    <td>${shortened(entry.subject)}</td>
    <td>${details}</td>
    <td><code title="${entry.hash}">${entry.hash.slice(0, 8)}</code></td>
  </tr>`;
}

function textOf(value: unknown): string {
  if (Array.isArray(value)) return value.map(String).join('; ');
  return shortened(typeof value === 'string' ? value : JSON.stringify(value));
}

/** Digests to sixteen digits: the JSON has them whole. */
function shortened(text: string): string {
  return text.replace(/\b([0-9a-f]{16})[0-9a-f]{48}\b/g, '$1…');
}
