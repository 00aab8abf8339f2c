import { html, type Html } from './html.js';

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** `24 Nov 2026, 14:05` in the site's time, its zone on hover. */
export function timeOf(iso: string): Html {
  const date = new Date(iso);
  const two = (value: number): string => String(value).padStart(2, '0');
  const text = `${date.getDate()} ${MONTHS[date.getMonth()]} ${date.getFullYear()}, ${two(date.getHours())}:${two(date.getMinutes())}`;
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  return html`<time datetime="${iso}" title="${zone}; ${iso}">${text}</time>`;
}

/** How long something takes or took, in words. */
export function durationOf(seconds: number): string {
  if (seconds < 60) return seconds < 2 ? 'a second' : `${Math.round(seconds)} seconds`;
  if (seconds < 3600) return plural(Math.round(seconds / 60), 'minute');
  if (seconds < 48 * 3600) return plural(Math.round(seconds / 3600), 'hour');
  return plural(Math.round(seconds / 86400), 'day');
}

export function plural(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? '' : 's'}`;
}

/** Bytes in the unit a person reads, the exact number on hover. */
export function bytesOf(byteCount: number): Html {
  const units = ['bytes', 'kB', 'MB', 'GB'];
  let value = byteCount;
  let unit = 0;
  while (value >= 1000 && unit < 3) {
    value /= 1000;
    unit++;
  }
  const text = unit === 0 ? String(value) : value.toPrecision(3);
  return html`<span title="${byteCount} bytes">${text} ${units[unit]}</span>`;
}

/** A number of a table cell: six significant digits; missing is an empty cell. */
export function numberOf(value: number): string {
  return Number.isNaN(value) ? '' : String(Number(value.toPrecision(6)));
}
