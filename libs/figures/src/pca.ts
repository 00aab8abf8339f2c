import { dot, frame, line, text } from '@observablehq/plot';
import { draw, GROUND, widthOf, type Figure, type FigureOptions } from './figure.js';
import { siteStyles, type SiteStyle } from './palette.js';
import { count, fixed, type GroupNoun, pluralOf } from './words.js';

/** One site in the plane of two principal components. */
export interface SiteCloud {
  readonly site: string;
  readonly patientCount: number;
  readonly centre: readonly [number, number];
  /** xx, xy, yy. */
  readonly covariance: readonly [number, number, number];
  readonly points: readonly (readonly [number, number])[] | null;
}

export interface PcaData {
  /** Every site of the study, in its order: colours follow it. */
  readonly sites: readonly string[];
  /** Share of variance of each component, 0 to 1. */
  readonly explained: readonly [number, number];
  readonly before: readonly SiteCloud[];
  readonly after: readonly SiteCloud[];
  /** What clouds are of: sites unless told. */
  readonly noun?: GroupNoun;
}

const LEFT = 56;
const KEY_ROW = 20;
/** Of the bold words in the picture, at most. */
const PIXELS_PER_LETTER = 8.5;
const STATES = ['Before harmonization', 'After harmonization'] as const;

/**
 * Sites in the plane of the first two principal components, before and after, side by side on one scale: a dot a
 * patient where given, an ellipse of one standard deviation a site, its code in the middle.
 */
export function pcaFigure(data: PcaData, options: FigureOptions): Figure {
  const { width, isNarrow } = widthOf(options);
  const { noun = 'site' } = data;
  const styles = siteStyles(data.sites);
  const clouds = [data.before, data.after].flatMap((list, index) =>
    list.map((cloud) => ({ ...cloud, state: STATES[index] ?? STATES[0], style: styles.get(cloud.site) })),
  );
  const outline = clouds.map((cloud) => ellipse(cloud).map(([x, y]) => ({ x, y, state: cloud.state, cloud })));
  const points = clouds.flatMap((cloud) => (cloud.points ?? []).map(([x, y]) => ({ x, y, ...cloud })));
  const facet = isNarrow ? 'fy' : 'fx';
  const channel = { [facet]: 'state' };
  const first = { [facet]: [STATES[0]] };
  const everything = [...outline.flat(), ...points];
  const domain = { x: extent(everything.map((p) => p.x)), y: extent(everything.map((p) => p.y)) };
  const panel = isNarrow ? { width: width - 68, height: width * 0.75 } : { width: (width - 74) / 2, height: width / 2 };
  // Names stand in their ellipses where they have room; in a panel without, marks do, and a key above explains them.
  const crowded = STATES.filter((state) =>
    areCrowded(
      clouds.filter((cloud) => cloud.state === state),
      panel.width / span(domain.x),
      panel.height / span(domain.y),
    ),
  );
  const legend = crowded.length > 0 ? keyOf([...styles], width - LEFT) : [];
  const marked = clouds.filter((cloud) => crowded.includes(cloud.state));
  const named = clouds.filter((cloud) => !crowded.includes(cloud.state));
  const top = 30 + KEY_ROW * (1 + Math.max(-1, ...legend.map((entry) => entry.row)));
  const height = Math.round(isNarrow ? width * 1.8 : width / 2) + 20 + top;
  const table = {
    columns: ['state', noun, 'patients', 'centre on component 1', 'centre on component 2'],
    rows: clouds.map((c) => [c.state, c.site, c.patientCount, ...c.centre]),
  };
  const [share1, share2] = data.explained.map((share) => `${fixed(100 * share, 0)} %`);
  const alternative = `Distance between the centres of the ${pluralOf(noun)}, root mean square: ${fixed(spread(data.before), 1)} before and ${fixed(spread(data.after), 1)} after harmonization.`;
  const svg = draw(
    options.document,
    `${noun === 'site' ? 'Sites' : 'Batches'} on the first two principal components`,
    alternative,
    {
      width,
      height,
      marginLeft: LEFT,
      marginRight: isNarrow ? 12 : 8,
      marginTop: top,
      marginBottom: 44,
      [facet]: { domain: STATES, label: null, padding: isNarrow ? 0.13 : 0.06, axis: null },
      x: {
        label: `Component 1 (${share1} of variance)`,
        labelAnchor: 'center',
        labelArrow: 'none',
        ticks: 5,
        domain: domain.x,
      },
      y: { label: `Component 2 (${share2})`, labelAnchor: 'center', labelArrow: 'none', ticks: 5, domain: domain.y },
      marks: [
        frame({ stroke: 'currentColor', strokeOpacity: 0.25 }),
        ...STATES.map((state) =>
          text([state], {
            text: [state],
            frameAnchor: 'top',
            dy: -8,
            fontWeight: 600,
            lineAnchor: 'bottom',
            ...(isNarrow ? { fy: [state] } : { fx: [state] }),
          }),
        ),
        ...outline.map((path) =>
          line(path, {
            x: 'x',
            y: 'y',
            ...channel,
            stroke: path[0]?.cloud.style?.colour ?? 'currentColor',
            strokeWidth: 2,
          }),
        ),
        ...[...styles].map(([site, { colour, symbol }]) =>
          dot(
            points.filter((p) => p.site === site),
            { x: 'x', y: 'y', ...channel, symbol, r: 2.5, stroke: colour, strokeOpacity: 0.8 },
          ),
        ),
        ...[...styles].map(([site, { colour, symbol }]) =>
          dot(
            marked.filter((cloud) => cloud.site === site),
            {
              x: (c: SiteCloud) => c.centre[0],
              y: (c: SiteCloud) => c.centre[1],
              ...channel,
              symbol,
              r: 4.5,
              fill: colour,
              stroke: colour,
            },
          ),
        ),
        ...legend.flatMap(({ site, style, left, row }) => {
          const place = { ...first, frameAnchor: 'top-left', dy: KEY_ROW * row + 12 - top } as const;
          return [
            dot([site], {
              ...place,
              symbol: style.symbol,
              r: 4.5,
              fill: style.colour,
              stroke: style.colour,
              dx: left + 6,
            }),
            text([site], { ...place, text: [site], lineAnchor: 'middle', dx: left + 17, fontWeight: 600 }),
          ];
        }),
        text(named, {
          x: (c: SiteCloud) => c.centre[0],
          y: (c: SiteCloud) => c.centre[1],
          ...channel,
          text: 'site',
          fill: 'currentColor',
          stroke: GROUND,
          strokeWidth: 4,
          fontWeight: 600,
        }),
      ],
    },
  );
  const patients = data.before.reduce((sum, cloud) => sum + cloud.patientCount, 0);
  const caption = `Each ellipse is one ${noun} (one standard deviation${marked.length > 0 ? ', marked at its centre' : ''}${points.length > 0 ? ', a small mark for each patient' : ''}); the more they overlap, the less the scanner shows. Both panels share one plane and one scale. ${count(data.before.length, noun, pluralOf(noun))}, ${count(patients, 'patient')}.`;
  return { svg, caption, alternative, table };
}

function extent(values: readonly number[]): [number, number] {
  const [low, high] = [Math.min(0, ...values), Math.max(0, ...values)];
  const margin = Math.max(0.05 * (high - low), 1e-9);
  return [low - margin, high + margin];
}

function span([low, high]: readonly [number, number]): number {
  return high - low;
}

/** Whether the names of two sites, at their centres, would lie on one another. */
function areCrowded(clouds: readonly SiteCloud[], pixelsPerX: number, pixelsPerY: number): boolean {
  return clouds.some(({ site, centre }, index) =>
    clouds.slice(index + 1).some((other) => {
      const room = (PIXELS_PER_LETTER * (site.length + other.site.length)) / 2 + 6;
      return (
        Math.abs(centre[0] - other.centre[0]) * pixelsPerX < room &&
        Math.abs(centre[1] - other.centre[1]) * pixelsPerY < 17
      );
    }),
  );
}

interface KeyEntry {
  readonly site: string;
  readonly style: SiteStyle;
  /** From the left edge of the panels, px. */
  readonly left: number;
  readonly row: number;
}

/** Places of the key's entries, in rows no wider than `width`. */
function keyOf(styles: readonly (readonly [string, SiteStyle])[], width: number): KeyEntry[] {
  let [left, row] = [0, 0];
  return styles.map(([site, style]) => {
    const size = PIXELS_PER_LETTER * site.length + 34;
    if (left > 0 && left + size > width) [left, row] = [0, row + 1];
    const entry = { site, style, left, row };
    left += size;
    return entry;
  });
}

/** Outline of one standard deviation, closed, 60 steps. */
function ellipse({ centre, covariance }: SiteCloud): [number, number][] {
  const [xx, xy, yy] = covariance;
  // Cholesky factor of the covariance: maps the unit circle on the ellipse.
  const a = Math.sqrt(Math.max(xx, 0));
  const b = a > 0 ? xy / a : 0;
  const c = Math.sqrt(Math.max(yy - b * b, 0));
  return Array.from({ length: 61 }, (_, step) => {
    const [cos, sin] = [Math.cos((step * Math.PI) / 30), Math.sin((step * Math.PI) / 30)];
    return [centre[0] + a * cos, centre[1] + b * cos + c * sin];
  });
}

/** Root mean square distance of the sites' centres from their mean. */
function spread(clouds: readonly SiteCloud[]): number {
  if (clouds.length === 0) return 0;
  const mean = (axis: 0 | 1) => clouds.reduce((sum, cloud) => sum + cloud.centre[axis], 0) / clouds.length;
  const [x, y] = [mean(0), mean(1)];
  return Math.sqrt(
    clouds.reduce((sum, { centre }) => sum + (centre[0] - x) ** 2 + (centre[1] - y) ** 2, 0) / clouds.length,
  );
}
