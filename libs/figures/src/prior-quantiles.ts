import { dot, frame, line, text } from '@observablehq/plot';
import { panelColumns, shortened } from './batch-densities.js';
import { draw, type Figure, type FigureOptions, widthOf } from './figure.js';
import { colours } from './palette.js';
import { fixed } from './words.js';

export interface QuantilePairs {
  readonly expected: readonly number[];
  readonly observed: readonly number[];
  /** Largest distance of the distribution functions. */
  readonly distance: number;
}

export interface PriorQuantilesData {
  readonly batches: readonly {
    readonly batch: string;
    readonly gamma: QuantilePairs;
    readonly delta: QuantilePairs | null;
  }[];
}

const FAR = 0.1;

/** Estimates of each batch against the quantiles of the prior that they are taken to come from. */
export function priorQuantilesFigure(data: PriorQuantilesData, options: FigureOptions): Figure {
  const { width, isNarrow } = widthOf(options);
  const columns = panelColumns(data.batches.length, isNarrow);
  const rowsOf = Math.ceil(data.batches.length / columns);
  const panels = data.batches.flatMap(({ batch, gamma, delta }, i) => {
    const at = { fx: i % columns, row: Math.floor(i / columns) };
    return [
      { batch, kind: 'shift', pairs: gamma, fx: at.fx, fy: at.row },
      ...(delta === null ? [] : [{ batch, kind: 'variance', pairs: delta, fx: at.fx, fy: rowsOf + at.row }]),
    ];
  });
  const hasDelta = data.batches.some(({ delta }) => delta !== null);
  // Each panel on its own scale, from 0 to 1: only the bend matters.
  const points = panels
    .flatMap(({ fx, fy, pairs }) => {
      const all = [...pairs.expected, ...pairs.observed].filter(Number.isFinite);
      const [low, high] = [Math.min(...all), Math.max(...all)];
      const unit = (value: number): number => (value - low) / (high - low || 1);
      return pairs.expected.map((value, k) => ({
        fx,
        fy,
        x: unit(value),
        y: unit(pairs.observed[k]),
        isFar: pairs.distance > FAR,
      }));
    })
    .filter(({ x, y }) => Number.isFinite(x) && Number.isFinite(y));
  const far = panels.filter(({ pairs }) => pairs.distance > FAR);
  const alternative =
    far.length === 0
      ? 'In every batch the estimates follow the prior.'
      : `Estimates leave the prior in ${far.map(({ batch, kind, pairs }) => `${batch} (${kind}, distance ${fixed(pairs.distance)})`).join(', ')}.`;
  const svg = draw(options.document, 'Fit of the priors', alternative, {
    width,
    height: rowsOf * (hasDelta ? 2 : 1) * (isNarrow ? 170 : 180) + 20,
    marginLeft: 8,
    marginRight: 8,
    marginTop: 24,
    marginBottom: 6,
    fx: { domain: Array.from({ length: columns }, (_, i) => i), axis: null, padding: 0.08 },
    fy: { domain: Array.from({ length: rowsOf * (hasDelta ? 2 : 1) }, (_, i) => i), axis: null, padding: 0.16 },
    x: { axis: null, domain: [-0.03, 1.03] },
    y: { axis: null, domain: [-0.03, 1.03] },
    marks: [
      frame({ stroke: 'currentColor', strokeOpacity: 0.25 }),
      line(
        panels.flatMap(({ fx, fy }) => [0, 1].map((x) => ({ fx, fy, x }))),
        {
          fx: 'fx',
          fy: 'fy',
          x: 'x',
          y: 'x',
          stroke: 'currentColor',
          strokeOpacity: 0.5,
          z: (d: { fx: number; fy: number }) => `${d.fx} ${d.fy}`,
        },
      ),
      dot(points, {
        fx: 'fx',
        fy: 'fy',
        x: 'x',
        y: 'y',
        r: 1.8,
        fill: (d: { isFar: boolean }) => (d.isFar ? colours.warning : '#0072B2'),
        symbol: 'circle',
      }),
      text(panels, {
        fx: 'fx',
        fy: 'fy',
        text: (p: (typeof panels)[number]) =>
          `${shortened(p.batch, isNarrow ? 10 : 12)}: ${p.kind} ${fixed(p.pairs.distance)}`,
        frameAnchor: 'top-left',
        lineAnchor: 'bottom',
        dy: -4,
        fontWeight: 600,
      }),
    ],
  });
  const caption = `Across: what the prior expects; up: what was estimated. Points on the line mean that empirical Bayes borrows from the right distribution. The number is the largest distance of the two distributions; above ${FAR} (reddish) the prior fits badly, and no or non-parametric empirical Bayes should be compared.`;
  const table = {
    columns: ['batch', 'quantity', 'expected', 'observed'],
    rows: panels.flatMap(({ batch, kind, pairs }) =>
      pairs.expected.map((value, k) => [batch, kind, Number.isFinite(value) ? value : null, pairs.observed[k]]),
    ),
  };
  return { svg, caption, alternative, table };
}
