import { html, type Html } from './html.js';
import { numberOf, plural } from './words.js';

const BIN_COUNT = 12;
const WIDTH = 180;
const HEIGHT = 48;

/** A column's values as bars, its range below; the text says the same. */
export function histogram(name: string, values: Float64Array): Html {
  const present = values.filter((value) => !Number.isNaN(value));
  const missing = values.length - present.length;
  if (present.length === 0) {
    return html`<figure class="column">
      <figcaption>${name}</figcaption>
      <p class="quiet">every value is missing</p>
    </figure>`;
  }
  const low = present.reduce((a, b) => Math.min(a, b));
  const high = present.reduce((a, b) => Math.max(a, b));
  const counts = binCounts(present, low, high);
  const most = Math.max(...counts);
  const barWidth = WIDTH / counts.length;
  const bars = counts.map((count, bin) => {
    const height = (count / most) * HEIGHT;
    return html`<rect x="${bin * barWidth + 0.5}" y="${HEIGHT - height}" width="${barWidth - 1}" height="${height}" />`;
  });
  const range = low === high ? `all ${numberOf(low)}` : `${numberOf(low)} to ${numberOf(high)}`;
  const note = missing > 0 ? `, ${missing} missing` : '';
  const label = `${name}: ${plural(present.length, 'value')}, ${range}${note}`;
  return html`<figure class="column">
    <figcaption>${name}</figcaption>
    <svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${label}" preserveAspectRatio="none">${bars}</svg>
    <p class="quiet">${range}${note}</p>
  </figure>`;
}

/** Values in bins of equal width from low to high; equal values are one bar in the middle. */
export function binCounts(values: Float64Array, low: number, high: number): number[] {
  const counts = new Array<number>(BIN_COUNT).fill(0);
  for (const value of values) {
    const share = high > low ? (value - low) / (high - low) : 0.5;
    counts[Math.min(BIN_COUNT - 1, Math.floor(share * BIN_COUNT))]++;
  }
  return counts;
}
