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
  const all = points.filter((p) => p.all >= lowest);
  const declared = data.points.filter((p) => p.threshold >= from && p.threshold <= to);
  const better = declared.filter((p) => p.model > Math.max(0, p.all));
  const alternative = `Net benefit of the model is above treating all and treating none at ${better.length} of ${count(declared.length, 'threshold')} between ${fixed(from)} and ${fixed(to)}.`;
  // Labels where the curves have room: the model's on its highest stretch in the declared range, "all" where it falls.
  const modelAt = points[Math.floor(points.length * 0.55)] ?? points[0];
  const allAt = all[Math.floor(all.length * 0.5)] ?? all[0];
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
      line(all, { x: 'threshold', y: 'all', stroke: colours.warning, strokeWidth: 2, strokeDasharray: '6 3' }),
      line(points, {
        x: 'threshold',
        y: (p: { model: number }) => cut(p.model),
        stroke: colours.model,
        strokeWidth: 2.5,
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
  const caption = `Above both other lines, acting on the model does more good than treating all or none. Shaded: the thresholds declared before the analysis (${fixed(from)}–${fixed(to)}); band: 95 % interval. ${count(data.patientCount, 'external patient')}.`;
  const table = {
    columns: ['threshold', 'model', 'treat all', 'lower', 'upper'],
    rows: data.points.map((p) => [p.threshold, p.model, p.all, p.interval?.[0] ?? null, p.interval?.[1] ?? null]),
  };
  return { svg, caption, alternative, table };
}
