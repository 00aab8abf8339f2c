import { dot, frame, ruleX, text } from '@observablehq/plot';
import { draw, widthOf, type Figure, type FigureOptions } from './figure.js';
import { colours } from './palette.js';
import { fixed, type GroupNoun, grouped, pluralOf } from './words.js';

export interface FeatureEffect {
  readonly name: string;
  /** Share of the feature's variance between batches, 0 to 1. */
  readonly etaSquaredBefore: number;
  readonly etaSquaredAfter: number;
  readonly isAffectedBefore: boolean;
  readonly isAffectedAfter: boolean;
}

export interface FeatureEffectsData {
  readonly features: readonly FeatureEffect[];
  /** The test and its adjustment, as it should be cited. */
  readonly test: string;
  /** What features are compared between: sites unless told. */
  readonly noun?: GroupNoun;
}

const MOST_STEMS = 300;

/** Every feature, ordered by the effect before: how much of its variance lies between sites, before and after. */
export function featureEffectsFigure(data: FeatureEffectsData, options: FigureOptions): Figure {
  const { width, isNarrow } = widthOf(options);
  const groups = pluralOf(data.noun);
  const ordered = [...data.features].sort(
    (a, b) => b.etaSquaredBefore - a.etaSquaredBefore || (a.name < b.name ? -1 : 1),
  );
  const affectedBefore = ordered.filter((feature) => feature.isAffectedBefore).length;
  const affectedAfter = ordered.filter((feature) => feature.isAffectedAfter).length;
  const states = ['Before', 'After'];
  const rows = ordered.flatMap((feature, index) => [
    {
      rank: index + 1,
      state: 'Before',
      eta: feature.etaSquaredBefore,
      isAffected: feature.isAffectedBefore,
      name: feature.name,
    },
    {
      rank: index + 1,
      state: 'After',
      eta: feature.etaSquaredAfter,
      isAffected: feature.isAffectedAfter,
      name: feature.name,
    },
  ]);
  const total = grouped(ordered.length);
  const alternative = `Features that differ between ${groups}: ${affectedBefore} of ${total} before harmonization, ${affectedAfter} of ${total} after.`;
  const title = (state: string, affected: number) => `${state}: ${affected} of ${total}${isNarrow ? '' : ' affected'}`;
  const common = { fx: 'state', x: 'rank' } as const;
  const svg = draw(options.document, 'Features ordered by scanner effect', alternative, {
    width,
    height: isNarrow ? 230 : 250,
    marginLeft: 56,
    marginTop: 28,
    marginBottom: 44,
    marginRight: 8,
    fx: { domain: states, label: null, axis: null, padding: 0.06 },
    x: {
      label: 'Features, strongest effect first',
      labelAnchor: 'center',
      labelArrow: 'none',
      domain: [0.5, Math.max(1.5, ordered.length + 0.5)],
      ticks: isNarrow ? 3 : 5,
      tickFormat: 'd',
    },
    y: {
      label: `η² between ${groups}`,
      labelAnchor: 'center',
      labelArrow: 'none',
      domain: [0, Math.max(0.1, ...rows.map((row) => row.eta))],
      nice: true,
      ticks: 5,
    },
    marks: [
      frame({ stroke: 'currentColor', strokeOpacity: 0.25 }),
      // Stems of many features would grow together to a block.
      ruleX(ordered.length > MOST_STEMS ? [] : rows, {
        ...common,
        y: 'eta',
        stroke: 'currentColor',
        strokeOpacity: 0.18,
      }),
      dot(
        rows.filter((row) => row.isAffected),
        { ...common, y: 'eta', r: 2.6, fill: colours.warning },
      ),
      dot(
        rows.filter((row) => !row.isAffected),
        { ...common, y: 'eta', r: 2.2, stroke: 'currentColor', strokeOpacity: 0.6, strokeWidth: 1.2 },
      ),
      text(states, {
        fx: states,
        text: [title('Before', affectedBefore), title('After', affectedAfter)],
        frameAnchor: 'top',
        lineAnchor: 'bottom',
        dy: -8,
        fontWeight: 600,
      }),
    ],
  });
  const caption = `Filled: the feature differs between ${groups} (${data.test}); open: it does not. Height is the share of its variance that lies between ${groups}. ${total} features, in the same order in both panels.`;
  const table = {
    columns: ['feature', 'eta² before', 'eta² after', 'affected before', 'affected after'],
    rows: ordered.map((f) => [
      f.name,
      f.etaSquaredBefore,
      f.etaSquaredAfter,
      yesNo(f.isAffectedBefore),
      yesNo(f.isAffectedAfter),
    ]),
  };
  const mean = (pick: (f: FeatureEffect) => number) =>
    ordered.reduce((sum, f) => sum + pick(f), 0) / Math.max(1, ordered.length);
  const means = `Mean η² ${fixed(mean((f) => f.etaSquaredBefore))} before, ${fixed(mean((f) => f.etaSquaredAfter))} after.`;
  return { svg, caption, alternative: `${alternative} ${means}`, table };
}

function yesNo(condition: boolean): string {
  return condition ? 'yes' : 'no';
}
