import { escapeXml } from '@concord/figures';

/** Markup that is known to be safe: made by `html`, or by this project's own figures. */
export interface Markup {
  readonly markup: string;
}
type Part = Markup | string | number | null | undefined | false | readonly Part[];

/** Template tag: text is escaped, markup and lists of it go in as they are, null and false vanish. */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  return {
    markup: strings.reduce((all, text, index) => all + text + (index < parts.length ? render(parts[index]) : ''), ''),
  };
}

/** Vouches for markup made elsewhere; only for output of `libs/figures` and for constants. */
export function trusted(markup: string): Markup {
  return { markup };
}

function render(part: Part): string {
  if (part === null || part === undefined || part === false) return '';
  if (typeof part === 'string') return escapeXml(part);
  if (typeof part === 'number') return String(part);
  return isList(part) ? part.map(render).join('') : part.markup;
}

function isList(part: Markup | readonly Part[]): part is readonly Part[] {
  return Array.isArray(part);
}
