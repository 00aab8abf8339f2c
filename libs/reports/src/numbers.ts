import { fixed, intervalWords, listOf } from '@concord/figures';
import { html, type Markup } from './html.js';
import type { ReportEstimate } from './study-report.js';

/** A rounded number that gives all its digits on hover and to machines. */
export function number(value: number | null, digits = 2): Markup {
  if (value === null) return html`<span class="none">–</span>`;
  return html`<data value="${value}" title="${value}">${fixed(value, digits)}</data>`;
}

/** Value and interval with what must be known about them, or the reason why there is none. */
export function estimate({ value, interval, method, reason }: ReportEstimate, digits = 2): Markup {
  if (value === null) return html`<span class="none">not estimable: ${reason ?? 'no reason recorded'}</span>`;
  const title = `${value}${interval ? `, 95 % interval ${interval[0]} to ${interval[1]}` : ''}; ${method}`;
  const words = interval ? ` (${intervalWords(interval, digits)})` : '';
  const remark = reason === null ? null : html` <span class="none">${reason}</span>`;
  return html`<data value="${value}" title="${title}">${fixed(value, digits)}${words}</data>${remark}`;
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** `23 Nov 2026, 14:05`, in UTC, which the hover says; text that is no time stays as it is. */
export function moment(iso: string): Markup {
  const time = new Date(iso);
  if (Number.isNaN(time.getTime())) return html`${iso}`;
  const two = (part: number) => String(part).padStart(2, '0');
  const date = `${time.getUTCDate()} ${MONTHS[time.getUTCMonth()]} ${time.getUTCFullYear()}`;
  const clock = `${two(time.getUTCHours())}:${two(time.getUTCMinutes())}`;
  return html`<time datetime="${iso}" title="${iso} (UTC)">${date}, ${clock}</time>`;
}

const NUMBERS = ['no', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten'];

/** `two hospitals`; digits above ten. */
export function hospitals(count: number): string {
  return `${NUMBERS[count] ?? count} ${count === 1 ? 'hospital' : 'hospitals'}`;
}

export { listOf };
