import { areaY, dot, frame, line, link, rect, ruleX, ruleY, text } from '@observablehq/plot';
import { draw, GROUND, widthOf, type Figure, type FigureEstimate, type FigureOptions } from './figure.js';
import { colours } from './palette.js';
import { count, estimateWords } from './words.js';

export interface CalibrationData {
  /** `site-d`, or `all external sites`. */
  readonly label: string;
  readonly patientCount: number;
  readonly eventCount: number;
  /** Groups of patients by predicted risk, ascending. */
  readonly groups: readonly {
    readonly predicted: number;
    readonly observed: number;
    readonly interval: readonly [number, number] | null;
    readonly patientCount: number;
  }[];
  /** A smooth curve through single patients, with its pointwise band where there is one. */
  readonly curve?: readonly {
    readonly predicted: number;
    readonly observed: number;
    readonly low?: number | null;
    readonly high?: number | null;
  }[];
  /** What the band is: `1,000 bootstrap samples`. */
  readonly bandWords?: string;
  readonly histogram: {
    readonly edges: readonly number[];
    readonly events: readonly number[];
    readonly nonEvents: readonly number[];
  } | null;
  readonly observedOverExpected: FigureEstimate;
  /** Left out where the outcome has no such number, as at a horizon of survival. */
  readonly slope?: FigureEstimate;
  readonly inTheLarge?: FigureEstimate;
  /** Further numbers below the plot. */
  readonly measures?: readonly { readonly name: string; readonly estimate: FigureEstimate }[];
}

/** Height of a line of words below the plot, px. */
const LINE = 18;
/** Half the height of the histogram below the curve, in units of risk. */
const BAR = 0.1;
const BASE = -0.17;

/**
 * Observed against predicted risk by group, with intervals, the diagonal, and below it how many patients (events up,
 * the others down) have which risk. O:E, slope and calibration-in-the-large stand below, where no curve can run.
 */
export function calibrationFigure(data: CalibrationData, options: FigureOptions): Figure {
  const { width: full, isNarrow } = widthOf(options);
  const width = Math.min(full, 480);
  const points = data.groups.map((g) => ({ ...g, low: g.interval?.[0], high: g.interval?.[1] }));
  const measures = [
    `O:E ${estimateWords(data.observedOverExpected)}`,
    ...(data.slope ? [`slope ${estimateWords(data.slope)}`] : []),
    ...(data.inTheLarge ? [`in the large ${estimateWords(data.inTheLarge)}`] : []),
    ...(data.measures ?? []).map(({ name, estimate }) => `${name} ${estimateWords(estimate)}`),
  ];
  const size = `${count(data.patientCount, 'patient')}, ${count(data.eventCount, 'event')}`;
  const alternative = `Calibration at ${data.label}, ${size}: ${measures.join('; ')}. ${points
    .map(
      (p) =>
        `Predicted ${p.predicted.toFixed(2)}, observed ${p.observed.toFixed(2)} (${count(p.patientCount, 'patient')}).`,
    )
    .join(' ')}`;
  const svg = draw(options.document, `Calibration at ${data.label}`, alternative, {
    width,
    height: Math.round(width * 1.12) + LINE * measures.length,
    marginLeft: 56,
    marginRight: 12,
    marginTop: 12,
    marginBottom: 44 + LINE * measures.length,
    x: { domain: [0, 1], label: null, ticks: 5 },
    y: {
      domain: [data.histogram ? BASE - BAR - 0.01 : 0, 1],
      label: 'Observed share',
      labelAnchor: 'center',
      labelArrow: 'none',
      ticks: [0, 0.2, 0.4, 0.6, 0.8, 1],
      tickFormat: '.1f',
    },
    marks: [
      frame({ stroke: 'currentColor', strokeOpacity: 0.25 }),
      ruleY([0], { stroke: 'currentColor', strokeOpacity: 0.25 }),
      link([0], { x1: 0, y1: 0, x2: 1, y2: 1, stroke: 'currentColor', strokeDasharray: '4 3', strokeOpacity: 0.7 }),
      ...bars(data),
      ...smooth(data),
      ruleX(
        points.filter((p) => p.interval),
        { x: 'predicted', y1: 'low', y2: 'high', stroke: colours.model, strokeWidth: 1.5 },
      ),
      ...(data.curve?.length
        ? []
        : [line(points, { x: 'predicted', y: 'observed', stroke: colours.model, strokeWidth: 2 })]),
      dot(points, { x: 'predicted', y: 'observed', fill: colours.model, r: 4.5, stroke: GROUND }),
      text(['Predicted risk'], { text: ['Predicted risk'], frameAnchor: 'bottom', lineAnchor: 'top', dy: 27 }),
      ...measures.map((words, index) =>
        text([words], { text: [words], frameAnchor: 'bottom-left', lineAnchor: 'top', dy: 30 + LINE * (index + 1) }),
      ),
      ...(data.histogram ? classLabels() : []),
    ],
  });
  const words = isNarrow ? 'Dots' : 'Dots with intervals';
  const band = data.curve?.length
    ? ` Line: smooth curve${data.bandWords === undefined ? '' : ` with its 95 % band by ${data.bandWords}`}.`
    : '';
  const caption = `${readingOf(data)}${words}: observed share of events in groups of predicted risk at ${data.label}; on the dashed line prediction and observation agree.${data.histogram ? ' Bars: patients by predicted risk, those with the event above.' : ''}${band} ${size}.`;
  const table = {
    columns: ['predicted risk', 'observed share', 'lower', 'upper', 'patients'],
    rows: data.groups.map((g) => [
      g.predicted,
      g.observed,
      g.interval?.[0] ?? null,
      g.interval?.[1] ?? null,
      g.patientCount,
    ]),
  };
  return { svg, caption, alternative, table };
}

/** What the curve shows, where its interval shows it; what could not be estimated, and why. */
function readingOf({ observedOverExpected: ratio, slope, inTheLarge }: CalibrationData): string {
  const seen: string[] = [];
  if (ratio.interval && ratio.interval[1] < 1) seen.push('Fewer events than predicted.');
  if (ratio.interval && ratio.interval[0] > 1) seen.push('More events than predicted.');
  if (slope?.interval && slope.interval[0] > 1) {
    seen.push('The curve is steeper than the dashed line: the risks lie too close together.');
  }
  if (slope?.interval && slope.interval[1] < 1) {
    seen.push('The curve is flatter than the dashed line: the risks are too extreme.');
  }
  const missing = [['O:E', ratio] as const, ['slope', slope] as const, ['in the large', inTheLarge] as const]
    .filter(([, one]) => one?.value === null)
    .map(([name, one]) => `${name} is not estimable: ${one?.reason ?? 'no reason recorded'}.`);
  return [...seen, ...missing].map((sentence) => `${sentence} `).join('');
}

/** Which bars are whose, left of them. */
function classLabels() {
  const place = { x: [0], textAnchor: 'end', dx: -6, fillOpacity: 0.8 } as const;
  return [
    text(['events'], { ...place, y: [BASE + BAR * 0.5], text: ['events'] }),
    text(['others'], { ...place, y: [BASE - BAR * 0.5], text: ['others'] }),
  ];
}

function smooth({ curve = [] }: CalibrationData) {
  const cut = (value: number) => Math.min(1, Math.max(0, value));
  const banded = curve.flatMap(({ predicted, low, high }) =>
    low == null || high == null ? [] : [{ predicted, low: cut(low), high: cut(high) }],
  );
  return [
    areaY(banded, { x: 'predicted', y1: 'low', y2: 'high', fill: colours.model, fillOpacity: 0.16 }),
    line(curve, {
      x: 'predicted',
      y: (point: { observed: number }) => cut(point.observed),
      stroke: colours.model,
      strokeWidth: 2,
    }),
  ];
}

function bars({ histogram }: CalibrationData) {
  if (!histogram) return [];
  const { edges, events, nonEvents } = histogram;
  const most = Math.max(1, ...events, ...nonEvents);
  const bins = events.map((up, k) => ({ x1: edges[k], x2: edges[k + 1], up, down: nonEvents[k] ?? 0 }));
  const common = { x1: 'x1', x2: 'x2', insetLeft: 0.5, insetRight: 0.5 } as const;
  return [
    rect(bins, {
      ...common,
      y1: BASE,
      y2: (bin: { up: number }) => BASE + (BAR * bin.up) / most,
      fill: colours.warning,
    }),
    rect(bins, {
      ...common,
      y1: BASE,
      y2: (bin: { down: number }) => BASE - (BAR * bin.down) / most,
      fill: 'currentColor',
      fillOpacity: 0.45,
    }),
  ];
}
