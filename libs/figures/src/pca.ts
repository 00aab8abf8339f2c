import { dot, frame, line, text } from '@observablehq/plot';
import { draw, GROUND, widthOf, type Figure, type FigureOptions } from './figure.js';
import { siteStyles } from './palette.js';
import { count, fixed } from './words.js';

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
}

const STATES = ['Before harmonization', 'After harmonization'] as const;

/**
 * Sites in the plane of the first two principal components, before and after, side by side on one scale: a dot a
 * patient where given, an ellipse of one standard deviation a site, its code in the middle.
 */
export function pcaFigure(data: PcaData, options: FigureOptions): Figure {
  const { width, isNarrow } = widthOf(options);
  const styles = siteStyles(data.sites);
  const clouds = [data.before, data.after].flatMap((list, index) =>
    list.map((cloud) => ({ ...cloud, state: STATES[index] ?? '', style: styles.get(cloud.site) })),
  );
  const outline = clouds.map((cloud) => ellipse(cloud).map(([x, y]) => ({ x, y, state: cloud.state, cloud })));
  const points = clouds.flatMap((cloud) => (cloud.points ?? []).map(([x, y]) => ({ x, y, ...cloud })));
  const facet = isNarrow ? 'fy' : 'fx';
  const channel = { [facet]: 'state' };
  const height = isNarrow ? Math.round(width * 1.75) : Math.round(width / 2) + 50;
  const everything = [...outline.flat(), ...points];
  const domain = { x: extent(everything.map((p) => p.x)), y: extent(everything.map((p) => p.y)) };
  const panel = isNarrow
    ? { width: width - 68, height: (height - 84) / 2 }
    : { width: (width - 74) / 2, height: height - 74 };
  const centres = STATES.flatMap((state) =>
    labels(
      clouds.filter((cloud) => cloud.state === state),
      panel.width / span(domain.x),
      panel.height / span(domain.y),
    ),
  );
  const table = {
    columns: ['state', 'site', 'patients', 'centre on component 1', 'centre on component 2'],
    rows: clouds.map((c) => [c.state, c.site, c.patientCount, ...c.centre]),
  };
  const [first, second] = data.explained.map((share) => `${fixed(100 * share, 0)} %`);
  const alternative = `Distance between the centres of the sites, root mean square: ${fixed(spread(data.before), 1)} before and ${fixed(spread(data.after), 1)} after harmonization.`;
  const svg = draw(options.document, 'Sites on the first two principal components', alternative, {
    width,
    height,
    marginLeft: 56,
    marginRight: isNarrow ? 12 : 8,
    marginTop: 30,
    marginBottom: 44,
    [facet]: { domain: STATES, label: null, padding: 0.06, axis: null },
    x: {
      label: `Component 1 (${first} of variance)`,
      labelAnchor: 'center',
      labelArrow: 'none',
      ticks: 5,
      domain: domain.x,
    },
    y: { label: `Component 2 (${second})`, labelAnchor: 'center', labelArrow: 'none', ticks: 5, domain: domain.y },
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
      text(centres, {
        x: 'x',
        y: 'y',
        ...channel,
        text: 'site',
        fill: 'currentColor',
        stroke: GROUND,
        strokeWidth: 4,
        fontWeight: 600,
      }),
    ],
  });
  const patients = data.before.reduce((sum, cloud) => sum + cloud.patientCount, 0);
  const caption = `Each ellipse is one site (one standard deviation${points.length > 0 ? ', a mark for each patient' : ''}); the more they overlap, the less the scanner shows. Both panels share one plane and one scale. ${count(data.before.length, 'site')}, ${count(patients, 'patient')}.`;
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

/** Positions of the sites' codes: at their centres, pushed down where two would lie on one another. */
function labels<T extends SiteCloud>(
  clouds: readonly T[],
  pixelsPerX: number,
  pixelsPerY: number,
): (T & { x: number; y: number })[] {
  const placed: (T & { x: number; y: number })[] = [];
  for (const cloud of [...clouds].sort((a, b) => b.centre[1] - a.centre[1])) {
    const [x] = cloud.centre;
    const near = placed
      .filter((other) => Math.abs(other.x - x) * pixelsPerX < 60)
      .map((other) => other.y - 17 / pixelsPerY);
    placed.push({ ...cloud, x, y: Math.min(cloud.centre[1], ...near) });
  }
  return placed;
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
