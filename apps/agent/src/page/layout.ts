import type { Finding, Problem } from '../agent-errors.js';
import { html, type Html } from './html.js';

export interface PageFrame {
  readonly title: string;
  readonly path: string;
  readonly siteName: string;
  readonly studyTitle: string;
  /** Seconds after which the page looks again, while something moves. */
  readonly refreshSeconds: number | null;
}

const LINKS = [
  ['/', 'Overview'],
  ['/cases', 'Cases'],
  ['/releases', 'Releases'],
  ['/ledger', 'Ledger'],
] as const;

export function layout(frame: PageFrame, content: Html): Html {
  const links = LINKS.map(([path, text]) =>
    path === frame.path
      ? html`<li><a href="${path}" aria-current="page">${text}</a></li>`
      : html`<li><a href="${path}">${text}</a></li>`,
  );
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        ${frame.refreshSeconds === null ? null : html`<meta http-equiv="refresh" content="${frame.refreshSeconds}" />`}
        <title>${frame.title} – ${frame.siteName}</title>
        <link rel="icon" href="data:," />
        <link rel="stylesheet" href="/style.css" />
      </head>
      <body>
        <header>
          <nav aria-label="Pages">
            <ul>
              ${links}
            </ul>
          </nav>
          <p>${frame.siteName} in the study “${frame.studyTitle}”</p>
        </header>
        <main>${content}</main>
        <footer>This page is served on this computer only. Images and patient names stay here.</footer>
      </body>
    </html>`;
}

/** What went wrong: what, where, how to mend it. */
export function problemNote(problem: Problem, kept: string | null = null, look: 'bad' | 'wait' = 'bad'): Html {
  return html`<div class="note ${look}">
      <p><span class="state">${sentence(problem.what)}</span></p>
      <p>${sentence(problem.fix)}${kept === null ? null : html` ${kept}`}</p>
      <p class="quiet">
        ${problem.where} ·
        ${problem.findings?.[0] === undefined ? problem.code : `${problem.code}, rule ${problem.findings[0].rule}`}
      </p>
    </div>
    ${problem.findings === undefined || problem.findings.length < 2 ? null : findingsTable(problem.findings)}`;
}

const SHOWN_FINDINGS = 20;

/** Every rule that says no: of which cell, why, and what would mend it. */
function findingsTable(findings: readonly Finding[]): Html {
  const rows = findings.slice(0, SHOWN_FINDINGS).map(
    ({ rule, cell, what, fix }) =>
      html`<tr>
        <td>${cell}</td>
        <td>${sentence(what)} <span class="quiet">${rule}</span></td>
        <td>${sentence(fix)}</td>
      </tr>`,
  );
  const more = findings.length - rows.length;
  return html`<div class="scroll" tabindex="0" role="region" aria-label="What keeps it here">
      <table class="stack">
        <thead>
          <tr>
            <th>Cell</th>
            <th>Why it stays</th>
            <th>What would mend it</th>
          </tr>
        </thead>
        <tbody>
          ${rows}
        </tbody>
      </table>
    </div>
    ${more > 0 ? html`<p class="quiet">And ${more} more of the same kind; the ledger has all.</p>` : null}`;
}

function sentence(text: string): string {
  const trimmed = text.trim();
  const capital = trimmed.charAt(0).toUpperCase() + trimmed.slice(1);
  return /[.!?]$/.test(capital) ? capital : `${capital}.`;
}
