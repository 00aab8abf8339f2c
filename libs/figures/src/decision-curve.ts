import { areaY, frame, line, rect, ruleY, text } from '@observablehq/plot';
import { draw, GROUND, widthOf, type Figure, type FigureOptions } from './figure.js';
import { colours } from './palette.js';
import { count, fixed } from './words.js';

export interface DecisionCurveData {
  readonly patientCount: number;
  /** Thresholds that the protocol declared before the analysis. */
  readonly declaredRange: readonly [number, number];
  /** By threshold, ascending; net benefit per patient. */
  readonly points: readonly {
    readonly threshold: number;
    readonly model: number;
    readonly all: number;
    readonly interval: readonly [number, number] | null;
  }[];
}

/** Net benefit of acting on the model against treating all and none; the declared range is shaded. */
export function decisionCurveFigure(data: DecisionCurveData, options: FigureOptions): Figure {
  const { width, isNarrow } = widthOf(options);
  const [from, to] = data.declaredRange;
  const highest = Math.max(0.05, ...data.points.flatMap((p) => [p.model, p.all, p.interval?.[1] ?? 0]));
  const lowest = -highest / 4;
  const cut = (value: number) => Math.max(lowest, value);
  const points = data.points.map((p) => ({
    ...p,
    low: cut(p.interval?.[0] ?? p.model),
    high: cut(p.interval?.[1] ?? p.model),
  }));
  const isSeen = (value: number) => value >= lowest;
  const declared = data.points.filter((p) => p.threshold >= from && p.threshold <= to);
  const better = declared.filter((p) => p.model > Math.max(0, p.all));
  const alternative = `Net benefit of the model is above treating all and treating none at ${better.length} of ${count(declared.length, 'threshold')} between ${fixed(from)} and ${fixed(to)}.`;
  // Labels where the curves have room: where they lie farthest apart, the model's above and that of "all" below.
  const gap = (p: { model: number; all: number }) => p.model - p.all;
  const [modelAt, allAt] = [
    widest(
      points.filter((p) => isSeen(p.model)),
      (p) => p.model - Math.max(0, p.all),
    ),
    widest(
      points.filter((p) => p.all > 0),
      gap,
    ),
  ];
  const label = { stroke: GROUND, strokeWidth: 4, fontWeight: 600 } as const;
  const svg = draw(options.document, 'Decision curve', alternative, {
    width,
    height: isNarrow ? 300 : 340,
    marginLeft: 60,
    marginRight: 12,
    marginTop: 20,
    marginBottom: 44,
    x: {
      domain: [0, Math.max(...data.points.map((p) => p.threshold), to)],
      label: 'Threshold: risk at which one would act',
      labelAnchor: 'center',
      labelArrow: 'none',
      ticks: 6,
    },
    y: { domain: [lowest, highest * 1.08], label: 'Net benefit', labelAnchor: 'center', labelArrow: 'none', ticks: 5 },
    marks: [
      rect([0], { x1: from, x2: to, fill: 'currentColor', fillOpacity: 0.06 }),
      frame({ stroke: 'currentColor', strokeOpacity: 0.25 }),
      areaY(points, { x: 'threshold', y1: 'low', y2: 'high', fill: colours.model, fillOpacity: 0.18 }),
      ruleY([0], { stroke: 'currentColor', strokeWidth: 1.5 }),
      line(above(points, 'model', lowest), { x: 'threshold', y: 'value', stroke: colours.model, strokeWidth: 2.5 }),
      // Over the model's line, which shows between the dashes where both are the same.
      line(above(points, 'all', lowest), {
        x: 'threshold',
        y: 'value',
        stroke: colours.warning,
        strokeWidth: 2,
        strokeDasharray: '6 4',
      }),
      text(modelAt ? [modelAt] : [], {
        ...label,
        x: 'threshold',
        y: 'model',
        text: ['model'],
        dy: -14,
        fill: 'currentColor',
      }),
      text(allAt ? [allAt] : [], {
        ...label,
        x: 'threshold',
        y: 'all',
        text: ['treat all'],
        dx: -34,
        dy: 14,
        fill: 'currentColor',
      }),
      text(['none'], {
        ...label,
        frameAnchor: 'left',
        y: [0],
        text: ['treat none'],
        dx: 6,
        dy: 11,
        fill: 'currentColor',
      }),
    ],
  });
  const hasBand = data.points.some(({ interval }) => interval !== null);
  const caption = `Above both other lines, acting on the model does more good than treating all or none; it lies there at ${better.length} of the ${count(declared.length, 'threshold')} declared before the analysis (shaded, ${fixed(from)}–${fixed(to)}).${hasBand ? ' Band: 95 % interval.' : ''} ${count(data.patientCount, 'external patient')}.`;
  const table = {
    columns: ['threshold', 'model', 'treat all', 'lower', 'upper'],
    rows: data.points.map((p) => [p.threshold, p.model, p.all, p.interval?.[0] ?? null, p.interval?.[1] ?? null]),
  };
  return { svg, caption, alternative, table };
}

/** Where a gap is widest. */
function widest<T>(points: readonly T[], gap: (point: T) => number): T | undefined {
  const middle = points[Math.floor(points.length / 2)];
  // Rounding is no difference: curves that are the same have their label in the middle.
  return points.reduce((best, p) => (best === undefined || gap(p) > gap(best) + 1e-6 ? p : best), middle);
}

/** A curve as far as it lies above the floor of the plot, ending on the floor; NaN where it lies below, which breaks the line. */
function above<K extends 'model' | 'all'>(
  points: readonly ({ threshold: number } & Record<K, number>)[],
  key: K,
  floor: number,
): { threshold: number; value: number }[] {
  return points.flatMap((p, index) => {
    const here = { threshold: p.threshold, value: p[key] >= floor ? p[key] : NaN };
    const before = points[index - 1];
    if (before === undefined || before[key] >= floor === p[key] >= floor) return [here];
    const share = (floor - before[key]) / (p[key] - before[key]);
    return [{ threshold: before.threshold + share * (p.threshold - before.threshold), value: floor }, here];
  });
}
