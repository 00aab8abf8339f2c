/**
 * About `count` + 1 equally spaced round numbers that cover [low, high]: steps of 1, 2 or 5 times a power of ten.
 *
 * @see Becker, Chambers and Wilks, The New S Language (1988), `pretty`, whose choices this makes
 */
export function prettyNumbers(low: number, high: number, count: number): number[] {
  const least = Math.floor(count / 3);
  const span = high - low;
  const size = Math.max(Math.abs(low), Math.abs(high));
  let cell = span / count;
  if (!(span > size * 1e-10)) {
    // Hardly any range: a cell in proportion to the number itself.
    cell = (0.75 * (size > 10 ? 9 + size / 10 : size || 1)) / Math.max(1, least);
  }
  const base = 10 ** Math.floor(Math.log10(cell));
  let unit = base;
  if (2 * base - cell < 1.5 * (cell - unit)) {
    unit = 2 * base;
    if (5 * base - cell < 2.75 * (cell - unit)) {
      unit = 5 * base;
      if (10 * base - cell < 1.5 * (cell - unit)) unit = 10 * base;
    }
  }
  const slack = 1e-10;
  let from = Math.floor(low / unit + slack);
  let to = Math.ceil(high / unit - slack);
  while (from * unit > low + slack * unit) from--;
  while (to * unit < high - slack * unit) to++;
  const missing = least - (to - from);
  if (missing > 0) {
    const [half, rest] = [Math.floor(missing / 2), Math.ceil(missing / 2)];
    if (from >= 0) [from, to] = [from - rest, to + half];
    else [from, to] = [from - half, to + rest];
  }
  // Units below one are divided by: 3 / 10 is nearer to 0.3 than 3 × 0.1.
  const inverse = Math.round(1 / unit);
  return Array.from({ length: to - from + 1 }, (_, i) => (unit < 1 ? (from + i) / inverse : (from + i) * unit));
}
