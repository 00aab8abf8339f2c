import { NoValue, undefinedBecause, type FamilyValues } from '../feature-value.js';
import type { Discretisation, Resegmentation } from '../settings.js';

/**
 * Intensity-volume histogram (IBSI P88C) of the intensity mask: at each level i the share of voxels of at least that
 * intensity, nu(i), over the share of the range of levels, gamma(i).
 *
 * - V10, V90: largest nu at a gamma of at least 10 %, 90 %. I10, I90: lowest level with a nu of at most 10 %, 90 %.
 * - Area under the curve: trapezoids over gamma; without reference value.
 *
 * The levels are those of a setting of its own:
 *
 * - `none`: whole numbers, step 1 ("calibrated discrete"), over the re-segmentation range; its open ends are those of
 *   the voxels;
 * - `FBS`: centres of bins, minimum + (k - 0.5) width ("calibrated continuous"), up to the upper bound of the range, or
 *   to the bin of the highest voxel;
 * - `FBN`: numbers of bins from 1 ("arbitrary").
 */
export function intensityVolumeHistogram(
  intensities: Float64Array,
  discretisation: Discretisation,
  resegmentation: Resegmentation,
): FamilyValues {
  const histogram = histogramOf(intensities, discretisation, resegmentation);
  if (histogram instanceof NoValue) return Object.fromEntries(TAGS.map((tag) => [tag, histogram]));
  const { counts, lowest, step } = histogram;
  const steps = counts.length - 1;
  const share = new Float64Array(counts.length); // nu
  let above = intensities.length;
  for (let n = 0; n <= steps; n++) {
    share[n] = above / intensities.length;
    above -= counts[n];
  }
  const volumeAt = (x: number): number | NoValue => {
    for (let n = 0; n <= steps; n++) if (n / steps >= x) return share[n];
    return undefinedBecause(ONE_LEVEL); // 0 / 0
  };
  const intensityAt = (x: number): number | NoValue => {
    for (let n = 0; n <= steps; n++) if (share[n] <= x) return lowest + n * step;
    return undefinedBecause(`more than ${100 * x} % of the voxels have the highest level`);
  };
  let area = 0;
  for (let n = 0; n < steps; n++) area += (share[n] + share[n + 1]) / 2 / steps;
  const [v10, v90, i10, i90] = [volumeAt(0.1), volumeAt(0.9), intensityAt(0.1), intensityAt(0.9)];
  return {
    ivh_v10: v10,
    ivh_v90: v90,
    ivh_i10: i10,
    ivh_i90: i90,
    ivh_diff_v10_v90: difference(v10, v90),
    ivh_diff_i10_i90: difference(i10, i90),
    ivh_auc: steps === 0 ? undefinedBecause(ONE_LEVEL) : area,
  };
}

const ONE_LEVEL = 'there is one level only';

const TAGS = ['ivh_v10', 'ivh_v90', 'ivh_i10', 'ivh_i90', 'ivh_diff_v10_v90', 'ivh_diff_i10_i90', 'ivh_auc'];

function difference(a: number | NoValue, b: number | NoValue): number | NoValue {
  if (typeof a !== 'number') return a;
  return typeof b === 'number' ? a - b : b;
}

interface LevelHistogram {
  /** Voxels at each level, absent ones included. */
  readonly counts: Float64Array;
  readonly lowest: number;
  readonly step: number;
}

/** More levels than any image has: the settings do not fit it. */
const MOST_LEVELS = 2 ** 22;

function histogramOf(
  intensities: Float64Array,
  discretisation: Discretisation,
  { range }: Resegmentation,
): LevelHistogram | NoValue {
  if (intensities.length === 0) return undefinedBecause('no voxel is left after re-segmentation');
  let [min, max] = [Infinity, -Infinity];
  let isWhole = true;
  for (let n = 0; n < intensities.length; n++) {
    const x = intensities[n];
    if (x < min) min = x;
    if (x > max) max = x;
    if (x !== Math.floor(x)) isWhole = false;
  }
  if (discretisation.method === 'FBN') {
    const { count } = discretisation;
    if (min === max) return undefinedBecause('all voxels have one intensity');
    return counted(intensities, { minimum: min, scale: count, width: max - min, count }, 1, 1);
  }
  const lower = range?.[0] ?? null;
  const upper = range?.[1] ?? null;
  if (discretisation.method === 'none') {
    if (!isWhole) {
      return new NoValue('refused', 'without bins of its own (setting ivh) every intensity must be a whole number');
    }
    const lowest = Math.ceil(lower ?? min);
    const count = Math.floor(upper ?? max) - lowest + 1;
    return counted(intensities, { minimum: lowest, scale: 1, width: 1, count }, lowest, 1);
  }
  const { width } = discretisation;
  const minimum = discretisation.minimum ?? lower ?? 0; // the parser saw to one of them
  const bins = upper === null ? Math.floor((max - minimum) / width) + 1 : Math.ceil((upper - minimum) / width);
  return counted(intensities, { minimum, scale: 1, width, count: Math.max(1, bins) }, minimum + width / 2, width);
}

/** Bin n holds what has floor(scale (x - minimum) / width) = n. */
interface Bins {
  readonly minimum: number;
  readonly scale: number;
  readonly width: number;
  readonly count: number;
}

/** Counts voxels in bins; what lies below the first or above the last is put into it. */
function counted(intensities: Float64Array, bins: Bins, lowest: number, step: number): LevelHistogram | NoValue {
  const { minimum, scale, width, count } = bins;
  if (count > MOST_LEVELS) return new NoValue('refused', `the bins of the setting ivh are more than ${MOST_LEVELS}`);
  const counts = new Float64Array(count);
  for (let n = 0; n < intensities.length; n++) {
    const bin = Math.floor((scale * (intensities[n] - minimum)) / width);
    counts[bin < 0 ? 0 : bin >= count ? count - 1 : bin]++;
  }
  return { counts, lowest, step };
}
