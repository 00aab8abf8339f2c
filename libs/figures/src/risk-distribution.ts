import { frame, rectY, ruleX, ruleY, text } from '@observablehq/plot';
import { draw, GROUND, widthOf, type Figure, type FigureOptions } from './figure.js';
import { colours } from './palette.js';
import { count, fixed } from './words.js';

export interface RiskDistributionData {
  readonly label: string;
  /** Bin k spans edges[k] to edges[k + 1]. */
  readonly histogram: {
    readonly edges: readonly number[];
    readonly events: readonly number[];
    readonly nonEvents: readonly number[];
  };
  /** Drawn as a line; null where the model was locked without one. */
  readonly threshold: number | null;
  /** `Predicted risk`, or `Score`. */
  readonly axis: string;
}

/** How the score spreads among patients with and without the event: shares of each class, events above the line. */
export function riskDistributionFigure(data: RiskDistributionData, options: FigureOptions): Figure {
  const { width, isNarrow } = widthOf(options);
  const { edges, events, nonEvents } = data.histogram;
  const [eventCount, otherCount] = [sum(events), sum(nonEvents)];
  const bins = events.map((up, k) => ({
    x1: edges[k],
    x2: edges[k + 1],
    up: eventCount > 0 ? up / eventCount : 0,
    down: otherCount > 0 ? -(nonEvents[k] ?? 0) / otherCount : 0,
  }));
  const most = Math.max(0.05, ...bins.map(({ up, down }) => Math.max(up, -down)));
  const size = `${count(eventCount, 'patient')} with the event, ${count(otherCount, 'patient')} without`;
  const alternative = `Distribution of the score at ${data.label}: ${size}.`;
  const label = { stroke: GROUND, strokeWidth: 4, fill: 'currentColor', frameAnchor: 'right', dx: -8 } as const;
  const svg = draw(options.document, `Distribution of the score at ${data.label}`, alternative, {
    width,
    height: isNarrow ? 240 : 260,
    marginLeft: 56,
    marginRight: 12,
    marginTop: 12,
    marginBottom: 44,
    x: { label: data.axis, labelAnchor: 'center', labelArrow: 'none', ticks: 6 },
    y: {
      domain: [-most * 1.1, most * 1.1],
      label: 'Share of the class',
      labelAnchor: 'center',
      labelArrow: 'none',
      ticks: 5,
      tickFormat: (value: number) => `${Math.round(100 * Math.abs(value))} %`,
    },
    marks: [
      frame({ stroke: 'currentColor', strokeOpacity: 0.25 }),
      rectY(bins, { x1: 'x1', x2: 'x2', y: 'up', fill: colours.warning, insetLeft: 0.5, insetRight: 0.5 }),
      rectY(bins, {
        x1: 'x1',
        x2: 'x2',
        y: 'down',
        fill: 'currentColor',
        fillOpacity: 0.45,
        insetLeft: 0.5,
        insetRight: 0.5,
      }),
      ruleY([0], { stroke: 'currentColor' }),
      ruleX(data.threshold === null ? [] : [data.threshold], { stroke: 'currentColor', strokeDasharray: '4 3' }),
      text(['up'], { ...label, text: ['with the event'], y: [most * 0.95] }),
      text(['down'], { ...label, text: ['without'], y: [-most * 0.95] }),
    ],
  });
  const dashed = data.threshold === null ? '' : ` Dashed: the locked threshold, ${fixed(data.threshold)}.`;
  const caption = `Above the line patients with the event, below those without, each as shares of their class at ${data.label}; the less the two overlap, the better the score tells them apart.${dashed} ${size}.`;
  const table = {
    columns: ['from', 'to', 'events', 'others'],
    rows: events.map((up, k) => [edges[k] ?? null, edges[k + 1] ?? null, up, nonEvents[k] ?? null]),
  };
  return { svg, caption, alternative, table };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
