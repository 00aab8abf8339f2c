import { plot, type PlotOptions } from '@observablehq/plot';

/** What a figure needs of a DOM: the browser's `document`, or linkedom's. */
export interface FigureDocument {
  createElementNS(namespace: string, name: string): unknown;
}

export interface FigureOptions {
  readonly document: FigureDocument;
  /** Drawn width in px, 320 or more; 720 when absent. Below 520 the layout is that of a phone. */
  readonly width?: number;
}

/** A value that was estimated, or the reason why not. `Estimate` of libs/validation fits. */
export interface FigureEstimate {
  readonly value: number | null;
  readonly interval: readonly [number, number] | null;
  readonly reason: string | null;
}

export interface FigureTable {
  readonly columns: readonly string[];
  /** One entry a column; null for missing. */
  readonly rows: readonly (readonly (string | number | null)[])[];
}

/** A picture with everything that stands in for it: caption, words for who cannot see it, the numbers behind it. */
export interface Figure {
  /** Stands alone (has its namespace), inherits colour, holds no id, style or script, and is the same for the same data. */
  readonly svg: string;
  /** What to see in it, with n. */
  readonly caption: string;
  readonly alternative: string;
  readonly table: FigureTable;
}

/** The part of an SVG element that is used here; both DOMs have it. */
interface SvgElement {
  setAttribute(name: string, value: string): void;
  removeAttribute(name: string): void;
  querySelector(selector: string): { remove(): void } | null;
  readonly outerHTML: string;
}

export const NARROW = 520;
export const FONT_SIZE = 13;
/** The page's ground behind labels; white where the picture stands alone. */
export const GROUND = 'var(--ground, white)';

export function widthOf({ width = 720 }: FigureOptions): { width: number; isNarrow: boolean } {
  return { width: Math.max(320, width), isNarrow: width < NARROW };
}

/**
 * Draws by Observable Plot and makes the result fit for any page: no style element or class (strict content policies
 * refuse the one, pages collide on the other), a name and a description for screen readers.
 */
export function draw(document: FigureDocument, name: string, alternative: string, options: PlotOptions): string {
  // Plot's own types want a DOM library; it returns one svg element as long as no legend or caption is asked for.
  const svg = plot({ ...options, document: document as never }) as unknown as SvgElement;
  svg.querySelector('style')?.remove();
  svg.removeAttribute('class');
  svg.setAttribute('font-size', String(FONT_SIZE));
  svg.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  svg.setAttribute('role', 'img');
  svg.setAttribute('aria-label', name);
  const text = `<title>${escapeXml(name)}</title><desc>${escapeXml(alternative)}</desc>`;
  // Plot labels its parts for assistive technology; on plain shapes that is not allowed, and the picture has one name.
  const markup = svg.outerHTML.replace(/<(?!svg)(\w+) ([^>]*)aria-label="/g, '<$1 $2data-part="');
  return markup.replace(/^(<svg[^>]*>)/, `$1${text}`);
}

export function escapeXml(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;');
}
