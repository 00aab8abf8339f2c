/** Markup that is safe to write as it is. Only `html` makes one, so no value reaches a page unescaped. */
export class Html {
  constructor(readonly markup: string) {}
}

type Part = string | number | Html | null | false | readonly (Html | null | false)[];

/** Markup with every inserted text escaped; inserted markup and lists of it stay; null and false are nothing. */
export function html(texts: TemplateStringsArray, ...parts: readonly Part[]): Html {
  return new Html(texts.reduce((markup, text, index) => markup + textOf(parts[index - 1]) + text));
}

function textOf(part: Part): string {
  if (part === null || part === false) return '';
  if (part instanceof Html) return part.markup;
  if (typeof part === 'object') return part.map(textOf).join('');
  return escaped(String(part));
}

function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}
