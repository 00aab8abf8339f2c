import { TooManyLevelsError } from './errors.js';
import type { PyradiomicsSettings } from './settings.js';

/** Grey levels of the voxels of a region. */
export interface Levels {
  /** For each voxel the number of its level among those present, from 1. */
  readonly ranks: Uint16Array;
  /** The level of each number, at `rank - 1`; ascending. */
  readonly levelOf: Float64Array;
  /** Highest level: PyRadiomics' Ng. */
  readonly highest: number;
}

/** Levels present at most: a co-occurrence matrix then takes half a gigabyte. */
const MOST_LEVELS = 8192;
const HIGHEST_LEVEL = 2 ** 22;

/**
 * Bins as PyRadiomics lays them: a fixed width from multiples of it, or a fixed count between minimum and maximum.
 *
 * @throws {TooManyLevelsError} if there are over 8192 levels
 */
export function discretise(intensities: Float64Array, { binWidth, binCount }: PyradiomicsSettings): Levels {
  let low = Infinity;
  let high = -Infinity;
  for (let n = 0; n < intensities.length; n++) {
    if (intensities[n] < low) low = intensities[n];
    if (intensities[n] > high) high = intensities[n];
  }
  const edges = binCount === null ? fixedWidth(low, high, binWidth) : fixedCount(low, high, binCount);
  const levels = new Int32Array(intensities.length);
  let highest = 0;
  for (let n = 0; n < levels.length; n++) {
    const x = intensities[n];
    let bin = Math.floor((x - edges.start) / edges.step);
    while (edges.at(bin) > x) bin--;
    while (edges.at(bin + 1) <= x) bin++;
    levels[n] = bin + 1;
    if (levels[n] > highest) highest = levels[n];
  }
  return ranked(levels, highest);
}

/** Edges of bins: bin n, from 0, holds what is at least `at(n)` and below `at(n + 1)`. */
interface Edges {
  readonly start: number;
  readonly step: number;
  readonly at: (n: number) => number;
}

function fixedWidth(low: number, high: number, width: number): Edges {
  if (!((high - low) / width < HIGHEST_LEVEL)) throw tooMany(`bins of width ${width}`);
  const remainder = low % width;
  const start = low - (remainder < 0 ? remainder + width : remainder);
  const step = start + width - start; // what numpy.arange adds, rounding included
  return { start, step, at: (n) => start + n * step };
}

/** As numpy.histogram spaces them, but for the last bin, which reaches one intensity unit farther. */
function fixedCount(low: number, high: number, count: number): Edges {
  if (count > HIGHEST_LEVEL) throw tooMany(`${count} bins`);
  const [start, end] = low === high ? [low - 0.5, high + 0.5] : [low, high];
  const step = (end - start) / count;
  return { start, step, at: (n) => (n < count ? start + n * step : n === count ? end + 1 : Infinity) };
}

function ranked(levels: Int32Array, highest: number): Levels {
  const rankOf = new Uint32Array(highest + 1);
  for (let n = 0; n < levels.length; n++) rankOf[levels[n]] = 1;
  const present: number[] = [];
  for (let level = 1; level <= highest; level++) if (rankOf[level] === 1) rankOf[level] = present.push(level);
  if (present.length > MOST_LEVELS) throw tooMany('the bins');
  const ranks = new Uint16Array(levels.length);
  for (let n = 0; n < ranks.length; n++) ranks[n] = rankOf[levels[n]];
  return { ranks, levelOf: Float64Array.from(present), highest };
}

function tooMany(bins: string): TooManyLevelsError {
  return new TooManyLevelsError(
    `${bins} give more than ${MOST_LEVELS} grey levels`,
    'setting.binWidth',
    'Choose a larger binWidth for this image type, or a binCount, or normalize the image.',
  );
}
