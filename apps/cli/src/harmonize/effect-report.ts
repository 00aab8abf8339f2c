import type { Figure, FigureDocument } from '@concord/figures';
import type { FeatureColumn } from '@concord/harmonization';
import {
  compareScannerEffects,
  measureScannerEffect,
  type ScannerEffect,
  type ScannerEffectComparison,
} from '@concord/scanner-effects';

/** What the report of `scanner-effects` and of `harmonize --report` is made of. */
export interface EffectReportInput {
  readonly title: string;
  readonly batchColumn: string;
  readonly batch: readonly (string | null)[];
  readonly before: readonly FeatureColumn[];
  readonly after: readonly FeatureColumn[] | null;
  readonly notes: readonly string[];
  /** Goes into report.json as it is. */
  readonly details: Readonly<Record<string, unknown>>;
  readonly version: string;
}

/**
 * Contents of the report's files by name: `report.json`, `report.html`, and with two states each figure as SVG. The same
 * input gives the same bytes. Figures show batches, not patients.
 */
export async function effectReport(input: EffectReportInput): Promise<Map<string, string>> {
  const { before, after, batch } = input;
  const comparison = after && compareScannerEffects({ before, after, batch });
  const effect = comparison ? comparison.before : measureScannerEffect({ features: before, batch });
  const document = {
    format: 'concord.scanner-effects-report/1',
    version: input.version,
    title: input.title,
    batchColumn: input.batchColumn,
    notes: input.notes,
    ...input.details,
    before: withoutScores(effect),
    after: comparison && withoutScores(comparison.after),
  };
  const figures = comparison ? await effectFigures(comparison) : new Map<string, Figure>();
  return new Map([
    ['report.json', `${JSON.stringify(document, null, 2)}\n`],
    ['report.html', html(input, effect, comparison, [...figures.values()])],
    ...[...figures].map(([name, { svg }]): [string, string] => [`${name}.svg`, `${svg}\n`]),
  ]);
}

async function effectFigures(comparison: ScannerEffectComparison): Promise<Map<string, Figure>> {
  // Loaded here because only reports need them.
  const { featureEffectsFigure, pcaFigure } = await import('@concord/figures');
  const { parseHTML } = await import('linkedom');
  // linkedom's own types want a DOM library.
  const page = parseHTML('<!doctype html><html><body></body></html>') as unknown as { document: FigureDocument };
  const { features, test, plane, before } = comparison;
  const figures = new Map([['features', featureEffectsFigure({ features, test }, page)]]);
  if (plane !== null) {
    const clouds = (state: typeof plane.before) =>
      state.map(({ batch, ...cloud }) => ({ ...cloud, site: batch, points: null }));
    const data = {
      sites: before.batches,
      explained: plane.explained,
      before: clouds(plane.before),
      after: clouds(plane.after),
    };
    figures.set('components', pcaFigure(data, page));
  }
  return figures;
}

/** The effect without anything of single patients. */
export function withoutScores({ pca, ...effect }: ScannerEffect) {
  return {
    ...effect,
    pca: pca && { featureCount: pca.featureNames.length, explained: pca.explained, etaSquared: pca.etaSquared },
  };
}

const escape = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
const digits = (value: number | null | undefined): string =>
  value == null ? '–' : Number(value.toPrecision(3)).toString();
const percent = (value: number | null | undefined): string => (value == null ? '–' : `${(100 * value).toFixed(0)} %`);

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[], tag: 'th' | 'td'): string =>
    `<tr>${cells.map((cell, j) => (tag === 'th' || j === 0 ? `<th scope="${tag === 'th' ? 'col' : 'row'}">` : '<td>') + escape(cell) + (tag === 'th' || j === 0 ? '</th>' : '</td>')).join('')}</tr>`;
  return `<div class="wide"><table><thead>${line(head, 'th')}</thead><tbody>${rows.map((row) => line(row, 'td')).join('\n')}</tbody></table></div>`;
}

function summaryTable(before: ScannerEffect, after: ScannerEffect | null): string {
  const states = after ? [before, after] : [before];
  const row = (name: string, of: (effect: ScannerEffect) => string): string[] => [name, ...states.map(of)];
  const affected = (key: 'anova' | 'kruskalWallis' | 'brownForsythe') => (effect: ScannerEffect) =>
    `${effect.summary[key].count} (${percent(effect.summary[key].share)})`;
  return table(
    ['', ...(after ? ['before', 'after'] : ['found'])],
    [
      row('features tested', ({ summary }) => `${summary.testedCount} of ${summary.featureCount}`),
      row('different in location: analysis of variance', affected('anova')),
      row('different in location: Kruskal–Wallis', affected('kruskalWallis')),
      row('different in spread: Brown–Forsythe', affected('brownForsythe')),
      row('mean share of variance between batches (eta²)', ({ summary }) => percent(summary.meanEtaSquared)),
      row("mean |Cohen's d| of pairs", ({ summary }) => digits(summary.meanAbsCohenD)),
      row('eta² of the first component', ({ pca }) => percent(pca?.etaSquared[0])),
    ],
  );
}

const SHOWN = 100;

function featureTable(effect: ScannerEffect, comparison: ScannerEffectComparison | null): string {
  const order = [...effect.features.keys()].sort(
    (a, b) => (effect.features[b].etaSquared ?? -1) - (effect.features[a].etaSquared ?? -1) || a - b,
  );
  const rows = order.slice(0, SHOWN).map((g) => {
    const feature = effect.features[g];
    const cells = [
      feature.name,
      percent(feature.etaSquared),
      digits(feature.maxAbsCohenD),
      digits(feature.anova?.adjustedP),
    ];
    if (!comparison) return [...cells, feature.reason ?? ''];
    const after = comparison.after.features[g];
    return [
      ...cells,
      percent(after.etaSquared),
      digits(after.maxAbsCohenD),
      digits(after.anova?.adjustedP),
      after.reason ?? '',
    ];
  });
  const columns = (state: string): string[] => [`eta²${state}`, `largest |d|${state}`, `adjusted p${state}`];
  const head = ['feature', ...columns(comparison ? ' before' : ''), ...(comparison ? columns(' after') : []), 'note'];
  const more = effect.features.length > SHOWN ? `<p>The ${SHOWN} largest; all are in report.json.</p>` : '';
  return table(head, rows) + more;
}

function html(
  input: EffectReportInput,
  effect: ScannerEffect,
  comparison: ScannerEffectComparison | null,
  figures: readonly Figure[],
): string {
  const batches = effect.batches.map((label, i) => [label, String(effect.batchCounts[i])]);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escape(input.title)}</title>
<style>
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #1a1a1a; background: #fff; }
table { border-collapse: collapse; } th, td { padding: 0.2rem 0.8rem 0.2rem 0; border-bottom: 1px solid #ddd; text-align: right; }
th:first-child { text-align: left; font-weight: normal; } thead th { font-weight: 600; } .wide { overflow-x: auto; } figure { margin: 2rem 0; } svg { max-width: 100%; height: auto; } figcaption { color: #555; }
</style>
</head>
<body>
<main>
<h1>${escape(input.title)}</h1>
${input.notes.map((note) => `<p>${escape(note)}</p>`).join('\n')}
<h2>Summary</h2>
<p>A feature counts as different when its p-value, adjusted over features by Benjamini and Hochberg, is below ${effect.summary.level}.</p>
${summaryTable(effect, comparison && comparison.after)}
${figures.map(({ svg, caption }) => `<figure>${svg}<figcaption>${escape(caption)}</figcaption></figure>`).join('\n')}
<h2>Batches</h2>
${table([input.batchColumn, 'patients'], batches)}
<h2>Features, by share of variance between batches</h2>
${featureTable(effect, comparison)}
<footer><p>Concord ${escape(input.version)}. Definitions and every number are in report.json.</p></footer>
</main>
</body>
</html>
`;
}
