import { areaY, frame, line, ruleX, text } from '@observablehq/plot';
import { draw, GROUND, widthOf, type Figure, type FigureOptions } from './figure.js';
import { siteStyles } from './palette.js';
import { count, listOf } from './words.js';

/** One curve; `CurvePoints` of libs/validation fits. */
export interface SurvivalFigureCurve {
  readonly label: string;
  readonly n: number;
  readonly events: number;
  readonly steps: readonly {
    readonly time: number;
    readonly value: number;
    readonly low: number | null;
    readonly high: number | null;
  }[];
  readonly atRisk: readonly { readonly time: number; readonly count: number }[];
  readonly lastTime: number;
}

export interface SurvivalFigureData {
  readonly label: string;
  /** In the order of the groups. */
  readonly curves: readonly SurvivalFigureCurve[];
  /** Curves of survival begin at 1, of incidence at 0. */
  readonly kind: 'survival' | 'incidence';
  readonly timeUnit: string;
  /** Dashed: the locked horizons. */
  readonly horizons: readonly number[];
  /** What is said under it: `log-rank test p 0.003`. */
  readonly remark: string;
}

const ROW = 18;

/** Kaplan-Meier (or cumulative incidence) with bands, curves labelled at their end, numbers at risk under the axis. */
export function survivalFigure(data: SurvivalFigureData, options: FigureOptions): Figure {
  const { width, isNarrow } = widthOf(options);
  const curves = data.curves.filter(({ n }) => n > 0);
  const styles = siteStyles(data.curves.map(({ label }) => label));
  const colourOf = (label: string) => styles.get(label)?.colour ?? 'currentColor';
  const first = data.kind === 'survival' ? 1 : 0;
  const longest = Math.max(1e-9, ...curves.map(({ lastTime }) => lastTime));
  const highest = Math.max(0.05, ...curves.flatMap(({ steps }) => steps.map(({ value, high }) => high ?? value)));
  const top = data.kind === 'survival' ? 1 : Math.min(1, highest * 1.1);
  const name = data.kind === 'survival' ? 'Survival' : 'Cumulative incidence';
  const size = curves.map(({ label, n, events }) => `${label}: ${count(n, 'patient')}, ${count(events, 'event')}`);
  const alternative = `${name} at ${data.label}. ${size.join('; ')}. ${data.remark}`;
  const tableHeight = ROW * (data.curves.length + 1);
  // Every other column of numbers at risk on a phone, where five digits would run together.
  const ticks = (curves[0]?.atRisk ?? []).map(({ time }) => time).filter((_, i) => !isNarrow || i % 2 === 0);
  const widest = Math.max(...data.curves.map(({ label }) => label.length), 7);
  const marginLeft = Math.min(150, Math.max(isNarrow ? 76 : 100, 8 * widest + 26));
  const svg = draw(options.document, `${name} at ${data.label}`, alternative, {
    width,
    height: (isNarrow ? 280 : 340) + tableHeight,
    marginLeft,
    marginRight: isNarrow ? 16 : 24,
    marginTop: 12,
    marginBottom: 52 + tableHeight,
    x: { domain: [0, longest], label: null, ticks },
    y: { domain: [0, top], label: name, labelAnchor: 'center', labelArrow: 'none', ticks: 5, tickFormat: '.1f' },
    marks: [
      frame({ stroke: 'currentColor', strokeOpacity: 0.25 }),
      ruleX(
        data.horizons.filter((time) => time <= longest),
        { stroke: 'currentColor', strokeDasharray: '4 3', strokeOpacity: 0.5 },
      ),
      ...curves.flatMap((curve) => {
        const points = pathOf(curve, first);
        const colour = colourOf(curve.label);
        const step = { x: 'time', curve: 'step-after' } as const;
        return [
          areaY(points, { ...step, y1: 'low', y2: 'high', fill: colour, fillOpacity: 0.14 }),
          line(points, { ...step, y: 'value', stroke: colour, strokeWidth: 2.2 }),
        ];
      }),
      ...endLabels(curves, first, top),
      text([`Time (${data.timeUnit})`], { text: (d: string) => d, frameAnchor: 'bottom', lineAnchor: 'top', dy: 26 }),
      ...atRiskMarks(data, ticks, colourOf, marginLeft),
    ],
  });
  const dashed = data.horizons.length > 0 ? ` Dashed: ${listOf(data.horizons.map(String))} ${data.timeUnit}.` : '';
  const caption = `${name} of the locked groups at ${data.label}, bands 95 %; below, the patients still at risk.${dashed} ${data.remark} ${size.join('; ')}.`;
  const table = {
    columns: ['group', 'time', name.toLowerCase(), 'lower', 'upper'],
    rows: curves.flatMap(({ label, steps }) =>
      steps.map(({ time, value, low, high }) => [label, time, value, low, high]),
    ),
  };
  return { svg, caption, alternative, table };
}

function pathOf({ steps, lastTime }: SurvivalFigureCurve, first: number) {
  const begin = { time: 0, value: first, low: first as number | null, high: first as number | null };
  const last = steps.at(-1) ?? begin;
  // Without a band the area is closed on the line, rather than broken.
  return [begin, ...steps, { ...last, time: Math.max(lastTime, last.time) }].map(({ time, value, low, high }) => ({
    time,
    value,
    low: low ?? value,
    high: high ?? value,
  }));
}

/** Each curve's name by its end, moved apart where two would meet. */
function endLabels(curves: readonly SurvivalFigureCurve[], first: number, top: number) {
  if (curves.length < 2) return [];
  const ends = curves
    .map((curve) => ({ label: curve.label, time: curve.lastTime, value: curve.steps.at(-1)?.value ?? first }))
    .sort((a, b) => a.value - b.value);
  let below = -Infinity;
  const placed = ends.map((end) => {
    below = Math.max(end.value, below + top / 14);
    return { ...end, y: below };
  });
  return [
    text(placed, {
      x: 'time',
      y: 'y',
      text: 'label',
      textAnchor: 'end',
      dx: -4,
      dy: -9,
      fontWeight: 600,
      fill: 'currentColor',
      stroke: GROUND,
      strokeWidth: 4,
    }),
  ];
}

function atRiskMarks(
  { curves }: SurvivalFigureData,
  ticks: readonly number[],
  colourOf: (label: string) => string,
  marginLeft: number,
) {
  const place = { frameAnchor: 'bottom', lineAnchor: 'top' } as const;
  const head = { ...place, frameAnchor: 'bottom-left', textAnchor: 'start', dx: 8 - marginLeft } as const;
  return [
    text(['at risk'], { ...head, text: ['At risk'], dy: 48, fontWeight: 600 }),
    ...curves.flatMap(({ label, atRisk }, row) => [
      text([label], { ...head, text: [label], dy: 48 + ROW * (row + 1), fill: colourOf(label), fontWeight: 600 }),
      text(
        atRisk.filter(({ time }) => ticks.includes(time)),
        { ...place, x: 'time', text: (d: { count: number }) => String(d.count), dy: 48 + ROW * (row + 1) },
      ),
    ]),
  ];
}
