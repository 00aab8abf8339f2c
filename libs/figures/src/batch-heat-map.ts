import { cell, text } from '@observablehq/plot';
import { shortened } from './batch-densities.js';
import { draw, type Figure, type FigureOptions, widthOf } from './figure.js';
import { fixed, grouped } from './words.js';

export interface BatchHeatMapData {
  readonly batches: readonly string[];
  /** Features that exist, of which those given are the strongest. */
  readonly featureCount: number;
  readonly features: readonly {
    readonly name: string;
    /** Of each batch: its mean minus that of all, in SD of the feature; null where it has no value. */
    readonly before: readonly (number | null)[];
    readonly after: readonly (number | null)[] | null;
  }[];
}

/** Features × batches: how far each batch lies from the mean of all, before and after. */
export function batchHeatMapFigure(data: BatchHeatMapData, options: FigureOptions): Figure {
  const { width, isNarrow } = widthOf(options);
  const hasAfter = data.features.some(({ after }) => after !== null);
  const states = hasAfter ? ['Before', 'After'] : ['Before'];
  const cells = data.features.flatMap(({ name, before, after }) =>
    [before, after ?? []].flatMap((shifts, s) =>
      shifts.map((shift, i) => ({ name, state: ['Before', 'After'][s], batch: data.batches[i], shift })),
    ),
  );
  const known = cells.filter(({ shift }) => shift !== null) as ((typeof cells)[number] & { shift: number })[];
  const largest = Math.max(0.5, ...known.map(({ shift }) => Math.abs(shift)));
  const left = isNarrow ? 128 : 220;
  const facet = isNarrow ? 'fy' : 'fx';
  const panel = (width - left - 8) / (isNarrow ? 1 : states.length);
  // Numbers stand in the cells where they have room; signs tell directions without colour.
  const hasNumbers = panel / data.batches.length > 34;
  const rows = data.features.length * (isNarrow ? states.length : 1);
  const alternative = `Largest distance of a batch from the mean of all: ${fixed(largestOf(known, 'Before'), 1)} SD before${hasAfter ? `, ${fixed(largestOf(known, 'After'), 1)} SD after` : ''}.`;
  const channels = { [facet]: 'state', x: 'batch', y: 'name' };
  const svg = draw(options.document, 'Batches against the mean of all, by feature', alternative, {
    width,
    height: rows * 20 + (isNarrow ? 60 * states.length : 64),
    marginLeft: left,
    marginRight: 8,
    marginTop: 48,
    marginBottom: 8,
    [facet]: { domain: states, axis: null, padding: isNarrow ? 0.12 : 0.04 },
    x: {
      domain: data.batches,
      axis: 'top',
      label: null,
      tickSize: 0,
      tickFormat: (batch: string) => shortened(batch, Math.max(3, Math.floor(panel / data.batches.length / 7.5))),
    },
    y: {
      domain: data.features.map(({ name }) => name),
      label: null,
      tickSize: 0,
      tickFormat: (name: string) => shortened(name, isNarrow ? 15 : 29),
    },
    color: { domain: [-largest, largest], type: 'diverging', scheme: 'PuOr', pivot: 0 },
    marks: [
      cell(known, { ...channels, fill: 'shift', inset: 0.5 }),
      ...(hasNumbers
        ? [
            text(known, {
              ...channels,
              text: (d: (typeof known)[number]) => signed(d.shift),
              fill: (d: (typeof known)[number]) => (Math.abs(d.shift) > 0.62 * largest ? 'white' : 'black'),
            }),
          ]
        : []),
      text(states, {
        [facet]: states,
        text: states,
        frameAnchor: 'top',
        lineAnchor: 'bottom',
        dy: -27,
        fontWeight: 600,
      }),
    ],
  });
  const caption = `Mean of each batch minus the mean of all, in SD of the feature: brown above, violet below. ${data.features.length} of ${grouped(data.featureCount)} features, strongest effect first; after harmonization, numbers should be near 0.`;
  const table = {
    columns: ['feature', ...states.flatMap((state) => data.batches.map((batch) => `${batch} ${state.toLowerCase()}`))],
    rows: data.features.map(({ name, before, after }) => [name, ...before, ...(hasAfter ? (after ?? []) : [])]),
  };
  return { svg, caption, alternative, table };
}

const signed = (shift: number): string => {
  const words = fixed(shift, 1);
  return shift > 0 && !/^0\.0$/.test(words) ? `+${words}` : words;
};

function largestOf(cells: readonly { readonly state?: string; readonly shift: number }[], state: string): number {
  return Math.max(0, ...cells.filter((c) => c.state === state).map(({ shift }) => Math.abs(shift)));
}
