import { areaY, frame, line, text } from '@observablehq/plot';
import { draw, type Figure, type FigureOptions, widthOf } from './figure.js';
import { siteStyles } from './palette.js';
import { fixed } from './words.js';

/** The distribution of one feature in each batch. */
export interface DensityCurve {
  readonly batch: string;
  readonly x: readonly number[];
  readonly density: readonly number[];
}

export interface BatchDensitiesData {
  /** Every batch, in the study's order: colours follow it. */
  readonly batches: readonly string[];
  readonly features: readonly {
    readonly name: string;
    readonly etaSquaredBefore: number | null;
    readonly etaSquaredAfter: number | null;
    readonly before: readonly DensityCurve[];
    /** null where nothing was harmonised. */
    readonly after: readonly DensityCurve[] | null;
  }[];
}

const ROW = 120;

/** A few features: their distribution in each batch, before and after side by side, each row on one scale. */
export function batchDensitiesFigure(data: BatchDensitiesData, options: FigureOptions): Figure {
  const { width, isNarrow } = widthOf(options);
  const styles = siteStyles(data.batches);
  const hasAfter = data.features.some(({ after }) => after !== null);
  const states = hasAfter ? ['Before', 'After'] : ['Before'];
  const curves = data.features.flatMap(({ name, before, after }) => {
    // Each feature has a scale of its own, shared by both states: names of features are long, units differ.
    const all = [...before, ...(after ?? [])];
    const [low, high] = [Math.min(...all.flatMap(({ x }) => x)), Math.max(...all.flatMap(({ x }) => x))];
    const top = Math.max(...all.flatMap(({ density }) => density));
    const points = (state: string, list: readonly DensityCurve[]) =>
      list.flatMap(({ batch, x, density }) =>
        x.map((value, k) => ({ name, state, batch, x: (value - low) / (high - low || 1), y: density[k] / (top || 1) })),
      );
    return [...points('Before', before), ...points('After', after ?? [])];
  });
  const words = (state: string, eta: number | null): string => `${state}${eta === null ? '' : `: η² ${fixed(eta)}`}`;
  const titles = data.features.flatMap(({ name, etaSquaredBefore, etaSquaredAfter }) => [
    { name, state: 'Before', text: words('Before', etaSquaredBefore) },
    ...(hasAfter ? [{ name, state: 'After', text: words('After', etaSquaredAfter) }] : []),
  ]);
  const perLetter = isNarrow ? 6.4 : 6.8;
  const room = Math.floor((hasAfter ? width / states.length : width) / perLetter) * states.length;
  const names = data.features.map(({ name }) => ({ name, state: 'Before', text: shortened(name, room - 4) }));
  const drawn = data.batches.filter((batch) => curves.some((point) => point.batch === batch));
  const key = drawn.length > 8 ? [] : drawn;
  const out = data.batches.filter((batch) => !drawn.includes(batch));
  const alternative = data.features
    .map(
      (f) =>
        `${f.name}: share of variance between batches ${share(f.etaSquaredBefore)} before${hasAfter ? `, ${share(f.etaSquaredAfter)} after` : ''}.`,
    )
    .join(' ');
  const svg = draw(options.document, 'Distributions of features by batch', alternative, {
    width,
    height: ROW * data.features.length + 60,
    marginLeft: 8,
    marginRight: 8,
    marginTop: 44,
    marginBottom: 12,
    fx: { domain: states, axis: null, padding: 0.06 },
    fy: { domain: data.features.map(({ name }) => name), axis: null, padding: 0.42 },
    x: { axis: null, domain: [0, 1] },
    y: { axis: null, domain: [0, 1.3] },
    marks: [
      frame({ stroke: 'currentColor', strokeOpacity: 0.25 }),
      ...data.batches.flatMap((batch) => {
        const own = curves.filter((point) => point.batch === batch);
        const colour = styles.get(batch)?.colour ?? 'currentColor';
        const channels = { fx: 'state', fy: 'name', x: 'x', y: 'y' } as const;
        return [
          areaY(own, { ...channels, y1: 0, y2: 'y', y: undefined, fill: colour, fillOpacity: 0.08 }),
          line(own, {
            ...channels,
            stroke: colour,
            strokeWidth: 1.6,
            strokeDasharray: DASHES[data.batches.indexOf(batch) % DASHES.length],
          }),
        ];
      }),
      text(names, {
        fx: 'state',
        fy: 'name',
        text: 'text',
        frameAnchor: 'top-left',
        lineAnchor: 'bottom',
        dy: -5,
        fontWeight: 600,
      }),
      text(titles, { fx: 'state', fy: 'name', text: 'text', frameAnchor: 'top-right', dx: -6, dy: 6 }),
    ],
  });
  const dashes = ['solid', 'dashed', 'dotted', 'dash-dotted', 'long-dashed'];
  const legend = key.map((batch) => `${batch} ${dashes[data.batches.indexOf(batch) % dashes.length]}`).join(', ');
  const caption =
    `The features with the strongest effect. Lines that lie on each other mean that the batches agree; both panels of a row share one scale.` +
    (legend === '' ? '' : ` Lines: ${legend}.`) +
    (out.length === 0 ? '' : ` Not drawn, too few patients: ${out.join(', ')}.`);
  const table = {
    columns: ['feature', 'state', 'batch', 'value', 'density'],
    rows: data.features.flatMap(({ name, before, after }) =>
      [...before.map((c) => ['before', c] as const), ...(after ?? []).map((c) => ['after', c] as const)].flatMap(
        ([state, { batch, x, density }]) => x.map((value, k) => [name, state, batch, value, density[k]]),
      ),
    ),
  };
  return { svg, caption, alternative, table };
}

const DASHES = ['none', '7 3', '2 3', '8 3 2 3', '14 4'] as const;

const share = (eta: number | null): string => (eta === null ? 'unknown' : fixed(eta));

/** Cut in the middle, where names of features say least. */
export function shortened(name: string, length: number): string {
  if (name.length <= length) return name;
  const half = Math.max(3, Math.floor((length - 1) / 2));
  return `${name.slice(0, half)}…${name.slice(-half)}`;
}

/** Columns of small multiples, one a batch, so that the last row is not nearly empty. */
export function panelColumns(count: number, isNarrow: boolean): number {
  if (isNarrow) return 2;
  return count <= 4 ? Math.max(2, count) : count <= 6 ? 3 : 4;
}
