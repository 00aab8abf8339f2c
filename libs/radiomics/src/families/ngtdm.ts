import { ratio, undefinedBecause, type FeatureOutcome } from '../feature-value.js';
import type { MatrixFeatures } from './aggregate.js';
import { NEIGHBOUR_COLUMNS, type NeighbourCounts } from './neighbours.js';

/** IBSI's value for a region without any difference. */
const COARSEST = 1e6;

/** Grey levels that have voxels with a neighbour. */
interface Tones {
  readonly levels: Float64Array;
  /** Share of the voxels that have a neighbour. */
  readonly shares: Float64Array;
  /** Sum of |level - mean level of the neighbours|. */
  readonly differences: Float64Array;
  readonly voxelCount: number;
}

/**
 * Neighbourhood grey tone difference (IBSI IPET), distance 1: coarseness, contrast, busyness, complexity, strength.
 * Voxels without a neighbour in the region are left out. IBSI's conventions: coarseness is 1e6 at most; contrast and
 * busyness of one level are 0, strength without any difference is 0. Quadratic in the number of grey levels.
 */
export const ngtdm: MatrixFeatures<NeighbourCounts> = (counts, { levelOf }) => {
  const tones = tonesOf(counts, levelOf);
  if (tones.voxelCount === 0) {
    return Array.from({ length: 5 }, () => undefinedBecause('no voxel has a neighbour in the region'));
  }
  return featuresOf(tones);
};

function tonesOf({ toneCounts, toneSums }: NeighbourCounts, levelOf: Float64Array): Tones {
  const [levels, counts, differences]: number[][] = [[], [], []];
  let voxelCount = 0;
  for (let a = 0; a < levelOf.length; a++) {
    let [count, difference] = [0, 0];
    for (let k = 1; k < NEIGHBOUR_COLUMNS; k++) {
      count += toneCounts[a * NEIGHBOUR_COLUMNS + k];
      difference += toneSums[a * NEIGHBOUR_COLUMNS + k] / k;
    }
    if (count === 0) continue;
    levels.push(levelOf[a]);
    counts.push(count);
    differences.push(difference);
    voxelCount += count;
  }
  const shares = Float64Array.from(counts, (count) => count / voxelCount);
  return { levels: Float64Array.from(levels), shares, differences: Float64Array.from(differences), voxelCount };
}

function featuresOf({ levels, shares, differences, voxelCount }: Tones): FeatureOutcome[] {
  const levelCount = levels.length;
  let [weighted, total] = [0, 0];
  for (let i = 0; i < levelCount; i++) {
    weighted += shares[i] * differences[i];
    total += differences[i];
  }
  // Sums over pairs of levels; each pair is met once and stands for both orders.
  let [spread, busy, complexity, strength] = [0, 0, 0, 0];
  for (let i = 0; i < levelCount; i++) {
    for (let j = 0; j < i; j++) {
      const step = levels[i] - levels[j];
      const either = shares[i] + shares[j];
      spread += 2 * shares[i] * shares[j] * step * step;
      busy += 2 * Math.abs(levels[i] * shares[i] - levels[j] * shares[j]);
      complexity += (2 * step * (shares[i] * differences[i] + shares[j] * differences[j])) / either;
      strength += 2 * either * step * step;
    }
  }
  return [
    weighted === 0 ? COARSEST : Math.min(1 / weighted, COARSEST),
    levelCount === 1 ? 0 : (spread / (levelCount * (levelCount - 1))) * (total / voxelCount),
    levelCount === 1 ? 0 : ratio(weighted, busy, 'level times share is the same for all grey levels'),
    complexity / voxelCount,
    total === 0 ? 0 : strength / total,
  ];
}
