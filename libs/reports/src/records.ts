import { html, type Markup } from './html.js';

const SHORT = 10;

/** Collects the stored records that a report's numbers come from, and prints the link from a number to its record. */
export class Records {
  private readonly labels = new Map<string, Set<string>>();

  /** A short digest that shows all of it on hover and leads to the table of records. */
  mark(digest: string, label: string): Markup {
    const labels = this.labels.get(digest) ?? new Set<string>();
    this.labels.set(digest, labels.add(label));
    const short = digest.slice(0, SHORT);
    return html`<a class="digest" href="#record-${digest}" title="${label}: ${digest}"
      ><span class="hidden">record </span>${short}</a
    >`;
  }

  /** Every record named so far, in the order of appearance. */
  table(): Markup {
    const rows = [...this.labels].map(
      ([digest, labels]) =>
        html`<tr id="record-${digest}">
          <th scope="row">${shortened([...labels]).join('; ')}</th>
          <td><code>${digest}</code></td>
        </tr>`,
    );
    return html`<div class="scroll">
      <table class="records stacked">
        <caption>
          Records that the numbers above come from. In the bundle each lies in objects/ by its SHA-256; protocol, run,
          settings and audit log stand in bundle.json.
        </caption>
        <thead>
          <tr>
            <th scope="col">record</th>
            <th scope="col">SHA-256</th>
          </tr>
        </thead>
        <tbody>
          ${rows}
        </tbody>
      </table>
    </div>`;
  }
}

/** Labels without those that another one says more exactly: `validation run` beside `validation run, site-d`. */
function shortened(labels: readonly string[]): readonly string[] {
  return labels.filter((label) => !labels.some((other) => other.startsWith(`${label}, `)));
}
