import { anglesOf, strideOf } from './angles.js';
import type { TextureInput } from './texture-input.js';

/** For each level present: its voxels, and the sum of their differences from the mean of their neighbours. */
export interface ToneDifferences {
  readonly counts: Float64Array;
  readonly differences: Float64Array;
}

/** Neighbouring grey tone differences as PyRadiomics defines them: a voxel without neighbours counts, with difference 0. */
export function ngtdm(input: TextureInput): Record<string, number> {
  const { levelOf } = input.levels;
  const { counts, differences } = toneDifferences(input);
  const size = levelOf.length;
  const total = input.voxels.length;
  const shares = counts.map((count) => count / total);
  let weighted = 0;
  let summed = 0;
  for (let i = 0; i < size; i++) {
    weighted += shares[i] * differences[i];
    summed += differences[i];
  }
  const pairs = pairSums(levelOf, shares, differences);
  return {
    Busyness: pairs.products === 0 ? 0 : weighted / pairs.products,
    Coarseness: weighted === 0 ? 1e6 : 1 / weighted,
    Complexity: pairs.complexity / total,
    Contrast: size === 1 ? 0 : (pairs.contrast * summed) / total / (size * (size - 1)),
    Strength: summed === 0 ? 0 : pairs.strength / summed,
  };
}

function pairSums(levelOf: Float64Array, shares: Float64Array, differences: Float64Array) {
  const sums = { products: 0, complexity: 0, contrast: 0, strength: 0 };
  for (let i = 0; i < levelOf.length; i++) {
    for (let j = 0; j < i; j++) {
      const [p, q] = [shares[i], shares[j]];
      const gap = levelOf[i] - levelOf[j];
      sums.products += 2 * Math.abs(levelOf[i] * p - levelOf[j] * q);
      sums.complexity += (2 * gap * (p * differences[i] + q * differences[j])) / (p + q);
      sums.contrast += 2 * p * q * gap * gap;
      sums.strength += 2 * (p + q) * gap * gap;
    }
  }
  return sums;
}

export function toneDifferences(input: TextureInput): ToneDifferences {
  const { levels, grid, voxels, shape, size, settings, flatAxis } = input;
  const strides = anglesOf(size, settings.distances, flatAxis).map((angle) => strideOf(angle, shape));
  const counts = new Float64Array(levels.levelOf.length);
  const differences = new Float64Array(levels.levelOf.length);
  const valueOf = Float64Array.of(0, ...levels.levelOf);
  for (let n = 0; n < voxels.length; n++) {
    let neighbours = 0;
    let sum = 0;
    for (let s = 0; s < strides.length; s++) {
      const ahead = grid[voxels[n] + strides[s]];
      const behind = grid[voxels[n] - strides[s]];
      sum += valueOf[ahead] + valueOf[behind];
      neighbours += (ahead > 0 ? 1 : 0) + (behind > 0 ? 1 : 0);
    }
    const rank = grid[voxels[n]];
    counts[rank - 1]++;
    if (neighbours > 0) differences[rank - 1] += Math.abs(valueOf[rank] - sum / neighbours);
  }
  return { counts, differences };
}
