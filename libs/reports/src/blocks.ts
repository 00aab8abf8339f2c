import type { Figure, FigureDocument, FigureTable } from '@concord/figures';
import { html, trusted, type Markup } from './html.js';
import type { Records } from './records.js';
import type { StudyReport } from './study-report.js';

/** What every section is given. */
export interface Context {
  readonly report: StudyReport;
  readonly records: Records;
  readonly document: FigureDocument;
}

export interface Column {
  readonly title: string;
  readonly isNumber?: boolean;
}

/** Tables up to this long are kept on one page of paper. */
const ROWS_OF_A_PAGE = 14;

/**
 * A table that scrolls on a narrow screen rather than being cut, and says so there; a stacked one, for much text,
 * becomes a list instead.
 */
export function table(
  caption: string,
  columns: readonly Column[],
  rows: readonly (readonly (Markup | string | number)[])[],
  kind: 'plain' | 'stacked' = 'plain',
): Markup {
  const align = (index: number) => (columns[index]?.isNumber ? html` class="number"` : '');
  const head = columns.map((column, index) => html`<th scope="col" ${align(index)}>${column.title}</th>`);
  const body = rows.map(
    (row) =>
      html`<tr>
        ${row.map((cell, index) => (index === 0 ? html`<th scope="row">${cell}</th>` : html`<td${align(index)}>${cell}</td>`))}
      </tr>`,
  );
  const size = rows.length <= ROWS_OF_A_PAGE ? ' short' : '';
  return html`<div class="scroll${size}" tabindex="0" role="region" aria-label="${caption}">
    <table class="${kind}">
      <caption>
        ${caption}<span class="hint" aria-hidden="true">slide for more →</span>
      </caption>
      <thead>
        <tr>
          ${head}
        </tr>
      </thead>
      <tbody>
        ${body}
      </tbody>
    </table>
  </div>`;
}

/** Wide and narrow drawing of one figure (the page shows one), its caption, its record, and its numbers to open. */
export function figure(draw: (width: number) => Figure, record: Markup, name: string): Markup {
  const [wide, narrow] = [draw(720), draw(350)];
  return html`<figure>
    <div class="wide">${trusted(wide.svg)}</div>
    <div class="narrow">${trusted(narrow.svg)}</div>
    <figcaption>${wide.caption} ${record}</figcaption>
    ${numbersBehind(wide.table, name)}
  </figure>`;
}

/** A figure that is drawn once, small enough for any screen; a lone one has a row for itself, its words beside it. */
export function smallFigure(drawn: Figure, record: Markup, name: string, isLone: boolean): Markup {
  return html`<figure class="${isLone ? 'lone' : 'small'}">
    ${trusted(drawn.svg)}
    <div>
      <figcaption><b>${name}.</b> ${drawn.caption} ${record}</figcaption>
      ${numbersBehind(drawn.table, name)}
    </div>
  </figure>`;
}

/** The code of a site, which no line may break. */
export function siteCode(code: string): Markup {
  return html`<span class="code">${code}</span>`;
}

function numbersBehind(data: FigureTable, name: string): Markup {
  const cells = data.rows.map((row) => row.map((cell) => (cell === null ? '' : short(cell))));
  const columns = data.columns.map((title, index) => ({
    title,
    isNumber: data.rows.some((row) => typeof row[index] === 'number'),
  }));
  return html`<details>
    <summary>The numbers behind it</summary>
    ${table(name, columns, cells)}
    <p>
      <a
        download="${name.toLowerCase().replace(/[^a-z0-9]+/g, '-')}.csv"
        href="data:text/csv;charset=utf-8,${encodeURIComponent(toCsv(data))}"
        >Download as CSV, all digits</a
      >
    </p>
  </details>`;
}

/** Four significant digits for reading; the download has them all. */
function short(cell: string | number): string {
  return typeof cell === 'number' && !Number.isInteger(cell) ? Number(cell.toPrecision(4)).toString() : String(cell);
}

function toCsv({ columns, rows }: FigureTable): string {
  const quote = (cell: string | number | null) => {
    const text = cell === null ? '' : String(cell);
    return /[",\r\n]/.test(text) ? `"${text.replace(/"/g, '""')}"` : text;
  };
  return [columns, ...rows].map((row) => row.map(quote).join(',')).join('\r\n') + '\r\n';
}

export function section(id: string, title: string, answer: string, ...content: readonly (Markup | null)[]): Markup {
  return html`<section aria-labelledby="${id}">
    <h2 id="${id}">${title}</h2>
    <p class="answer">${answer}</p>
    ${content}
  </section>`;
}
