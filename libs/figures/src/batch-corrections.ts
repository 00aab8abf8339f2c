import { areaY, dot, frame, line, rect, ruleY, text } from '@observablehq/plot';
import { panelColumns, shortened } from './batch-densities.js';
import { draw, type Figure, type FigureOptions, widthOf } from './figure.js';
import { fixed, grouped } from './words.js';

/** One quantity of every feature of a batch, with its interval. */
export interface CorrectionColumn {
  readonly values: ArrayLike<number>;
  readonly lower: ArrayLike<number>;
  readonly upper: ArrayLike<number>;
}

export interface BatchCorrectionsData {
  readonly features: readonly string[];
  readonly batches: readonly {
    readonly batch: string;
    /** gamma*: what is taken off, in SD of the feature. */
    readonly shift: CorrectionColumn;
    /** Root of delta*: by what the spread is divided; null where locations alone are adjusted. */
    readonly scale: CorrectionColumn | null;
    /** 95 % of the features lie here by the prior; null without one. */
    readonly shiftPrior: readonly [number, number] | null;
    readonly scalePrior: readonly [number, number] | null;
  }[];
}

const MOST = 160;
const QUANTITIES = ['shift', 'scale'] as const;

/** What a model takes off each batch: all its features in order of size with their intervals, and the prior behind. */
export function batchCorrectionsFigure(data: BatchCorrectionsData, options: FigureOptions): Figure {
  const { width, isNarrow } = widthOf(options);
  const shown = data.batches.flatMap((own) =>
    QUANTITIES.flatMap((quantity) => {
      const column = own[quantity];
      if (column === null) return [];
      const prior = quantity === 'shift' ? own.shiftPrior : own.scalePrior;
      return [
        {
          batch: own.batch,
          quantity,
          points: ordered(column, quantity === 'shift' ? (value) => value : Math.log2),
          prior: quantity === 'shift' || prior === null ? prior : ([Math.log2(prior[0]), Math.log2(prior[1])] as const),
        },
      ];
    }),
  );
  const columns = panelColumns(data.batches.length, isNarrow);
  const quantities = QUANTITIES.filter((quantity) => shown.some((panel) => panel.quantity === quantity));
  const rowsOf = Math.ceil(data.batches.length / columns);
  const place = (batch: string, quantity: string) => {
    const i = data.batches.findIndex((own) => own.batch === batch);
    return { fx: i % columns, fy: quantities.indexOf(quantity as 'shift') * rowsOf + Math.floor(i / columns) };
  };
  const panels = shown.map((panel) => ({ ...panel, ...place(panel.batch, panel.quantity) }));
  const all = panels.flatMap(({ fx, fy, points: own }) => own.map((point) => ({ fx, fy, ...point })));
  const bounds = all.flatMap(({ y, low, high }) => [y, low, high].filter(Number.isFinite));
  const domain = [Math.max(-4, Math.min(-0.25, ...bounds)), Math.min(4, Math.max(0.25, ...bounds))];
  const inside = (value: number): number => Math.min(domain[1], Math.max(domain[0], value));
  const points = all.map(({ y, low, high, ...at }) => ({ ...at, y: inside(y), low: inside(low), high: inside(high) }));
  const alternative = panels
    .map(
      (p) =>
        `${p.batch}: ${p.quantity === 'shift' ? 'shift' : 'log₂ spread'} ${fixed(p.points[0]?.y ?? NaN)} to ${fixed(p.points.at(-1)?.y ?? NaN)}.`,
    )
    .join(' ');
  const channels = { fx: 'fx', fy: 'fy' } as const;
  const name = (p: (typeof panels)[number]): string =>
    `${shortened(p.batch, isNarrow ? 7 : 8)}: ${p.quantity === 'shift' ? 'shift γ*' : 'spread, log₂ √δ*'}`;
  const svg = draw(options.document, 'Corrections by batch', alternative, {
    width,
    height: rowsOf * quantities.length * 150 + 36,
    marginLeft: 36,
    marginRight: 6,
    marginTop: 24,
    marginBottom: 8,
    fx: { domain: Array.from({ length: columns }, (_, i) => i), axis: null, padding: 0.06 },
    fy: { domain: Array.from({ length: rowsOf * quantities.length }, (_, i) => i), axis: null, padding: 0.2 },
    x: { axis: null, domain: [0, 1] },
    y: { label: null, domain, ticks: 5 },
    marks: [
      rect(
        panels.flatMap(({ fx, fy, prior }) =>
          prior === null ? [] : [{ fx, fy, x1: 0, x2: 1, y1: inside(prior[0]), y2: inside(prior[1]) }],
        ),
        { ...channels, x1: 'x1', x2: 'x2', y1: 'y1', y2: 'y2', fill: '#E69F00', fillOpacity: 0.22 },
      ),
      areaY(points, {
        ...channels,
        x: 'x',
        y1: 'low',
        y2: 'high',
        fill: '#0072B2',
        fillOpacity: 0.28,
        z: (d: { fx: number; fy: number }) => `${d.fx} ${d.fy}`,
      }),
      ruleY(panels, {
        ...channels,
        y: () => 0,
        stroke: 'currentColor',
        strokeOpacity: 0.5,
      }),
      line(points, {
        ...channels,
        x: 'x',
        y: 'y',
        stroke: '#0072B2',
        strokeWidth: 1.8,
        z: (d: { fx: number; fy: number }) => `${d.fx} ${d.fy}`,
      }),
      dot(
        points.filter((p) => data.features.length <= 40 && Number.isFinite(p.y)),
        { ...channels, x: 'x', y: 'y', r: 2, fill: '#0072B2' },
      ),
      frame({ stroke: 'currentColor', strokeOpacity: 0.25 }),
      text(panels, { ...channels, text: name, frameAnchor: 'top-left', lineAnchor: 'bottom', dy: -4, fontWeight: 600 }),
    ],
  });
  const caption = `Line: what is taken off each of the ${grouped(data.features.length)} features, in order of size; blue band: its 95 % interval; yellow: where the prior expects 95 % of them. Shifts are in SD of the feature; spreads are doublings of it (1 is twice as wide, −1 half). 0 is no correction.`;
  const table = {
    columns: ['batch', 'feature', 'shift', 'shift low', 'shift high', 'spread', 'spread low', 'spread high'],
    rows: data.batches.flatMap(({ batch, shift, scale }) =>
      data.features.map((feature, g) => [batch, feature, ...triple(shift, g), ...triple(scale, g)]),
    ),
  };
  return { svg, caption, alternative, table };
}

const finite = (value: number): number | null => (Number.isFinite(value) ? value : null);

function triple(column: CorrectionColumn | null, g: number): (number | null)[] {
  return column === null ? [null, null, null] : [column.values[g], column.lower[g], column.upper[g]].map(finite);
}

/** Points in order of size, at most `MOST` of them, evenly picked; x from 0 to 1. */
function ordered({ values, lower, upper }: CorrectionColumn, scale: (value: number) => number) {
  const order = Array.from({ length: values.length }, (_, g) => g)
    .filter((g) => Number.isFinite(values[g]))
    .sort((a, b) => values[a] - values[b] || a - b);
  const count = Math.min(MOST, order.length);
  return Array.from({ length: count }, (_, k) => {
    const at = count < 2 ? 0 : Math.round((k * (order.length - 1)) / (count - 1));
    const g = order[at];
    return { x: count < 2 ? 0.5 : k / (count - 1), y: scale(values[g]), low: scale(lower[g]), high: scale(upper[g]) };
  });
}
