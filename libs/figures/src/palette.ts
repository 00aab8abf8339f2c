/** Okabe and Ito's colours for the colour-blind; the last follows the text, so that it shows in the dark too. */
const OKABE_ITO = [
  '#0072B2',
  '#E69F00',
  '#009E73',
  '#CC79A7',
  '#56B4E9',
  '#D55E00',
  '#F0E442',
  'currentColor',
] as const;
const SYMBOLS = ['circle', 'square', 'triangle', 'diamond', 'plus', 'times', 'star', 'wye'] as const;

export interface SiteStyle {
  readonly colour: string;
  /** A shape beside the colour, for black and white. */
  readonly symbol: (typeof SYMBOLS)[number];
}

/**
 * One style a site, by its place in the study's list of sites: give every figure of a study the same list.
 *
 * @param sites site codes, without repeats; from the ninth on styles repeat in new pairs
 */
export function siteStyles(sites: readonly string[]): ReadonlyMap<string, SiteStyle> {
  return new Map(
    sites.map((site, index) => {
      const colour = OKABE_ITO[index % OKABE_ITO.length] ?? 'currentColor';
      const round = Math.floor(index / OKABE_ITO.length);
      return [site, { colour, symbol: SYMBOLS[(index + round) % SYMBOLS.length] ?? 'circle' }];
    }),
  );
}

/** For everything that is no site. The model's violet is none of the colours of sites, and shows on white and in the dark. */
export const colours = { model: '#8A63D2', warning: '#D55E00', good: '#009E73', other: '#E69F00' } as const;
