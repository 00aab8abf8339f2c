const SECOND_MS = 1000;
const UNITS: readonly (readonly [string, number])[] = [
  ['day', 86_400 * SECOND_MS],
  ['hour', 3600 * SECOND_MS],
  ['minute', 60 * SECOND_MS],
  ['second', SECOND_MS],
];

/** How long something took or is ago, in its largest unit: `3 minutes`. */
export function durationWords(ms: number): string {
  const [unit, size] = UNITS.find(([, unitMs]) => ms >= unitMs) ?? (['second', SECOND_MS] as const);
  const count = Math.floor(Math.max(0, ms) / size);
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
}

/** `3 minutes ago`, or `never` for null. */
export function agoWords(at: string | null, now: Date): string {
  if (at === null) return 'never';
  const ms = now.getTime() - Date.parse(at);
  return ms < SECOND_MS ? 'just now' : `${durationWords(ms)} ago`;
}

/** `23 Nov 2026, 14:05 UTC`, or a dash for null. */
export function dateWords(at: string | null): string {
  if (at === null) return '–';
  const [day = '', time = ''] = new Date(at).toISOString().split('T');
  const month = new Date(at).toLocaleString('en-GB', { month: 'short', timeZone: 'UTC' }).slice(0, 3);
  return `${Number(day.slice(8))} ${month} ${day.slice(0, 4)}, ${time.slice(0, 5)} UTC`;
}

/** Rows under a head, columns padded to their widest cell; control characters of a cell are shown as `?`. */
export function textTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = [head, ...rows].map((row) => row.map(printable));
  const widths = head.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  return cells
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** Text of another machine for a terminal: it may not move the cursor or change colours. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}]/gu, '?');
}
