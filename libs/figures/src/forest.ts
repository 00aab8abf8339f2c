import { dot, line, ruleX, ruleY, text } from '@observablehq/plot';
import { draw, GROUND, widthOf, type Figure, type FigureEstimate, type FigureOptions } from './figure.js';
import { siteStyles } from './palette.js';
import { count, estimateWords, intervalWords } from './words.js';

export interface ForestRow {
  /** Site code. */
  readonly site: string;
  readonly patientCount: number;
  readonly eventCount: number;
  readonly auc: FigureEstimate;
}

export interface ForestData {
  readonly sites: readonly string[];
  readonly rows: readonly ForestRow[];
  /** All rows together, drawn as a diamond; null when not pooled. */
  readonly pooled: (Omit<ForestRow, 'site'> & { readonly label: string }) | null;
  /** Where the AUC of one more site would lie. */
  readonly prediction: FigureEstimate | null;
}

interface Line {
  readonly y: number;
  readonly label: string;
  readonly size: string;
  readonly auc: FigureEstimate;
  readonly kind: 'site' | 'pooled' | 'prediction';
  readonly colour: string;
}

/** AUC with its interval, a row a site, and the pooled one as a diamond; 0.5, a coin toss, is marked. */
export function forestFigure(data: ForestData, options: FigureOptions): Figure {
  const { width, isNarrow } = widthOf(options);
  const lines = linesOf(data);
  const known = lines.filter((row) => row.auc.value !== null && row.auc.interval !== null);
  const unknown = lines.filter((row) => row.auc.value === null && row.kind !== 'prediction');
  const lowest = Math.min(0.4, ...known.map((row) => row.auc.interval?.[0] ?? 1));
  const rowHeight = isNarrow ? 66 : 36;
  const low = (row: Line) => row.auc.interval?.[0] ?? 0;
  const high = (row: Line) => row.auc.interval?.[1] ?? 0;
  const words = (row: Line) =>
    row.kind === 'prediction' && row.auc.interval ? intervalWords(row.auc.interval) : estimateWords(row.auc);
  const alternative = lines.map((row) => `${row.label}: AUC ${words(row)}${row.size && `, ${row.size}`}.`).join(' ');
  const wide = { dy: 0, lineAnchor: 'middle', fill: 'currentColor' } as const;
  // On a phone the words stand above their line, across the mark of a coin toss.
  const halo = { fill: 'currentColor', stroke: GROUND, strokeWidth: 4 } as const;
  const labels = isNarrow
    ? [
        text(lines, {
          y: 'y',
          text: (r: Line) => `${r.label} ${words(r)}`,
          frameAnchor: 'left',
          dy: -32,
          fontWeight: 600,
          ...halo,
        }),
      ]
    : [
        text(lines, {
          ...wide,
          y: 'y',
          text: 'label',
          frameAnchor: 'left',
          dx: -144,
          fontWeight: 600,
          textAnchor: 'start',
        }),
        text(lines, { ...wide, y: 'y', text: words, frameAnchor: 'right', dx: 12, textAnchor: 'start' }),
      ];
  const sizes = isNarrow
    ? text(lines, { y: 'y', text: 'size', frameAnchor: 'left', dy: -14, ...halo })
    : text(lines, { ...wide, y: 'y', text: 'size', frameAnchor: 'right', dx: 140, textAnchor: 'start' });
  const svg = draw(options.document, 'Discrimination at each site', alternative, {
    width,
    height: lines.length * rowHeight + 52,
    marginLeft: isNarrow ? 10 : 150,
    marginRight: isNarrow ? 10 : 290,
    marginTop: 8,
    marginBottom: 44,
    x: {
      domain: [Math.max(0, Math.floor(lowest * 10) / 10), 1],
      label: 'AUC',
      labelAnchor: 'center',
      labelArrow: 'none',
      ticks: 6,
    },
    y: { domain: [lines.length + 0.5, 0.3], axis: null },
    marks: [
      ruleX([0.5], { stroke: 'currentColor', strokeDasharray: '4 3', strokeOpacity: 0.6 }),
      ruleY(known, {
        y: 'y',
        x1: low,
        x2: high,
        stroke: 'colour',
        strokeWidth: (r: Line) => (r.kind === 'prediction' ? 1.5 : 2.5),
      }),
      dot(
        known.filter((r) => r.kind === 'site'),
        { x: (r: Line) => r.auc.value, y: 'y', fill: 'colour', symbol: 'square', r: 5 },
      ),
      ...known
        .filter((r) => r.kind === 'pooled')
        .map((r) => line(diamond(r, 8 / rowHeight), { fill: 'currentColor', x: '0', y: '1' })),
      text(unknown, {
        y: 'y',
        text: (r: Line) => r.auc.reason ?? 'not estimable',
        frameAnchor: 'middle',
        fontStyle: 'italic',
      }),
      ...labels,
      sizes,
    ],
  });
  const caption = `Square: AUC of the locked model at one site; line: its 95 % interval; diamond: all external patients together. Dashed: 0.5, no better than a coin. ${count(data.rows.length, 'site')}.`;
  const table = {
    columns: ['site', 'patients', 'events', 'AUC', 'lower', 'upper', 'reason'],
    rows: [...data.rows, ...(data.pooled ? [{ ...data.pooled, site: data.pooled.label }] : [])].map((row) => [
      row.site,
      row.patientCount,
      row.eventCount,
      row.auc.value,
      row.auc.interval?.[0] ?? null,
      row.auc.interval?.[1] ?? null,
      row.auc.reason,
    ]),
  };
  return { svg, caption, alternative, table };
}

function linesOf(data: ForestData): Line[] {
  const styles = siteStyles(data.sites);
  const size = (row: { patientCount: number; eventCount: number }) =>
    `${count(row.patientCount, 'patient')}, ${count(row.eventCount, 'event')}`;
  const entries: Omit<Line, 'y'>[] = data.rows.map((row) => ({
    label: row.site,
    size: size(row),
    auc: row.auc,
    kind: 'site',
    colour: styles.get(row.site)?.colour ?? 'currentColor',
  }));
  const { pooled, prediction } = data;
  if (pooled)
    entries.push({ label: pooled.label, size: size(pooled), auc: pooled.auc, kind: 'pooled', colour: 'currentColor' });
  if (prediction?.interval) {
    entries.push({
      label: 'one more site (95 %)',
      size: '',
      auc: prediction,
      kind: 'prediction',
      colour: 'currentColor',
    });
  }
  return entries.map((entry, index) => ({ ...entry, y: index + 1 }));
}

function diamond(row: Line, half: number): [number, number][] {
  const value = row.auc.value ?? 0;
  const [low, high] = row.auc.interval ?? [value, value];
  return [
    [low, row.y],
    [value, row.y - half],
    [high, row.y],
    [value, row.y + half],
    [low, row.y],
  ];
}
