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

/** Another number than the AUC over sites: its name, the value that means nothing, and how it is spread. */
export interface ForestMeasure {
  readonly name: string;
  /** `Calibration at each site`. */
  readonly title: string;
  /** Dashed: 1 for a ratio or a slope. */
  readonly reference: number;
  /** What the reference means: `as many events as predicted`. */
  readonly referenceWords: string;
  /** On a log scale lie ratios. */
  readonly isRatio: boolean;
}

export interface ForestData {
  /** Default: the AUC, whose reference is 0.5. */
  readonly measure?: ForestMeasure;
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

const AUC: ForestMeasure = {
  name: 'AUC',
  title: 'Discrimination at each site',
  reference: 0.5,
  referenceWords: 'no better than a coin',
  isRatio: false,
};

/** From where to where the axis runs: all intervals, but no farther than anybody reads. */
function domainOf(measure: ForestMeasure, known: readonly Line[]): [number, number] {
  const bounds = known.flatMap(({ auc }) => auc.interval ?? []);
  if (measure === AUC) return [Math.max(0, Math.floor(Math.min(0.4, ...bounds) * 10) / 10), 1];
  const [low, high] = [Math.min(measure.reference, ...bounds), Math.max(measure.reference, ...bounds)];
  if (measure.isRatio)
    return [Math.max(low / 1.1, measure.reference / 20), Math.min(high * 1.1, measure.reference * 20)];
  const reach = 6 * Math.max(1, Math.abs(measure.reference));
  const margin = (high - low) / 20 || 0.1;
  return [Math.max(low - margin, measure.reference - reach), Math.min(high + margin, measure.reference + reach)];
}

/** AUC (or another measure) with its interval, a row a site, and the pooled one as a diamond; its reference is marked. */
export function forestFigure(data: ForestData, options: FigureOptions): Figure {
  const { width, isNarrow } = widthOf(options);
  const lines = linesOf(data);
  const known = lines.filter((row) => row.auc.value !== null && row.auc.interval !== null);
  const unknown = lines.filter((row) => row.auc.value === null && row.kind !== 'prediction');
  const measure = data.measure ?? AUC;
  const domain = domainOf(measure, known);
  const within = (value: number) => Math.min(domain[1], Math.max(domain[0], value));
  const rowHeight = isNarrow ? 66 : 36;
  const low = (row: Line) => within(row.auc.interval?.[0] ?? 0);
  const high = (row: Line) => within(row.auc.interval?.[1] ?? 0);
  const words = (row: Line) =>
    row.kind === 'prediction' && row.auc.interval ? intervalWords(row.auc.interval) : estimateWords(row.auc);
  const alternative = lines
    .map((row) => `${row.label}: ${measure.name} ${words(row)}${row.size && `, ${row.size}`}.`)
    .join(' ');
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
  const svg = draw(options.document, measure.title, alternative, {
    width,
    height: lines.length * rowHeight + 52,
    marginLeft: isNarrow ? 10 : 150,
    marginRight: isNarrow ? 10 : 320,
    marginTop: 8,
    marginBottom: 44,
    x: {
      domain,
      ...(measure.isRatio && { type: 'log' as const, tickFormat: (value: number) => String(value) }),
      label: measure.name,
      labelAnchor: 'center',
      labelArrow: 'none',
      ticks: 6,
    },
    y: { domain: [lines.length + 0.5, 0.3], axis: null },
    marks: [
      ruleX([measure.reference], { stroke: 'currentColor', strokeDasharray: '4 3', strokeOpacity: 0.6 }),
      ruleY(known, {
        y: 'y',
        x1: low,
        x2: high,
        stroke: 'colour',
        strokeWidth: (r: Line) => (r.kind === 'prediction' ? 1.5 : 2.5),
      }),
      dot(
        known.filter((r) => r.kind === 'site'),
        { x: (r: Line) => within(r.auc.value ?? 0), y: 'y', fill: 'colour', symbol: 'square', r: 5 },
      ),
      ...known
        .filter((r) => r.kind === 'pooled')
        .map((r) => line(diamond(r, 8 / rowHeight, within), { fill: 'currentColor', x: '0', y: '1' })),
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
  const caption = `Square: ${measure.name} of the locked model at one site; line: its 95 % interval; diamond: all external patients together. Dashed: ${measure.reference}, ${measure.referenceWords}. ${count(data.rows.length, 'site')}.`;
  const table = {
    columns: ['site', 'patients', 'events', measure.name, 'lower', 'upper', 'reason'],
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

function diamond(row: Line, half: number, within: (x: number) => number): [number, number][] {
  const value = within(row.auc.value ?? 0);
  const [low, high] = (row.auc.interval ?? [value, value]).map(within);
  return [
    [low, row.y],
    [value, row.y - half],
    [high, row.y],
    [value, row.y + half],
    [low, row.y],
  ];
}
