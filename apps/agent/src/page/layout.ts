import type { Problem } from '../agent-errors.js';
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
    <p class="quiet">${problem.where} · ${problem.code}</p>
  </div>`;
}

function sentence(text: string): string {
  const trimmed = text.trim();
  const capital = trimmed.charAt(0).toUpperCase() + trimmed.slice(1);
  return /[.!?]$/.test(capital) ? capital : `${capital}.`;
}
