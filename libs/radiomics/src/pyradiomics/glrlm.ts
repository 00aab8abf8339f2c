import { anglesOf, stepMm, strideOf, type Angle } from './angles.js';
import { sizeStatistics, type SizeCounts } from './size-matrix.js';
import { meanOverDirections, type TextureInput } from './texture-input.js';

/** Grey level run lengths as PyRadiomics defines them: averaged over 13 directions, or weighted into one matrix. */
export function glrlm(input: TextureInput): Record<string, number> {
  const features = glrlmMatrices(input).map((matrix) => runFeatures(sparse(matrix, input)));
  return meanOverDirections(features.filter((values) => values !== null));
}

/** Runs of each direction: rank - 1 times the longest possible, plus length - 1; a single matrix when weighted. */
export function glrlmMatrices(input: TextureInput): Float64Array[] {
  const { levels, size, spacingMm, settings, flatAxis } = input;
  const longest = Math.max(...size);
  const { weightingNorm: norm } = settings;
  const total = norm === null ? null : new Float64Array(levels.levelOf.length * longest);
  const matrices: Float64Array[] = [];
  for (const angle of anglesOf(size, [1], flatAxis)) {
    const counts = runsAlong(input, angle, longest);
    if (total === null) matrices.push(counts);
    else {
      const weight = runWeight(stepMm(angle, spacingMm), norm);
      for (let n = 0; n < counts.length; n++) total[n] += weight * counts[n];
    }
  }
  return total === null ? matrices : [total];
}

/** As PyRadiomics does, a direction along which no line meets two voxels of the region counts nothing at all. */
function runsAlong(input: TextureInput, angle: Angle, longest: number): Float64Array {
  const { grid, voxels, shape, levels } = input;
  const counts = new Float64Array(levels.levelOf.length * longest);
  const stride = strideOf(angle, shape);
  let hasLongRun = false;
  for (let n = 0; n < voxels.length; n++) {
    const start = voxels[n];
    const rank = grid[start];
    if (grid[start - stride] === rank) continue;
    let length = 1;
    for (let next = start + stride; grid[next] === rank; next += stride) length++;
    if (length > 1) hasLongRun = true;
    counts[(rank - 1) * longest + length - 1]++;
  }
  return hasLongRun || hasLineOfTwo(input, angle, stride) ? counts : counts.fill(0);
}

function hasLineOfTwo({ grid, voxels, shape }: TextureInput, angle: Angle, stride: number): boolean {
  for (let n = 0; n < voxels.length; n++) {
    const steps = stepsInside(voxels[n], angle, shape);
    for (let step = 1; step <= steps; step++) if (grid[voxels[n] + step * stride] !== 0) return true;
  }
  return false;
}

/** Steps in a direction before it leaves the grid. */
function stepsInside(position: number, [dz, dy, dx]: Angle, [nx, ny, nz]: readonly [number, number, number]): number {
  const x = position % nx;
  const y = Math.floor(position / nx) % ny;
  const z = Math.floor(position / (nx * ny));
  const room = (at: number, step: number, size: number): number =>
    step === 0 ? Infinity : step > 0 ? size - 1 - at : at;
  return Math.min(room(x, dx, nx), room(y, dy, ny), room(z, dz, nz));
}

function runWeight([z, y, x]: Angle, norm: string | null): number {
  switch (norm) {
    case 'infinity':
      return Math.max(z, y, x);
    case 'euclidean':
      return Math.sqrt(z * z + y * y + x * x);
    case 'manhattan':
      return z + y + x;
    default:
      return 1;
  }
}

function sparse(matrix: Float64Array, { levels, size }: TextureInput): SizeCounts {
  const longest = Math.max(...size);
  const found: { levels: number[]; sizes: number[]; counts: number[] } = { levels: [], sizes: [], counts: [] };
  for (let n = 0; n < matrix.length; n++) {
    if (matrix[n] === 0) continue;
    found.levels.push(levels.levelOf[Math.floor(n / longest)]);
    found.sizes.push((n % longest) + 1);
    found.counts.push(matrix[n]);
  }
  return found;
}

function runFeatures(runs: SizeCounts): Record<string, number> | null {
  const s = sizeStatistics(runs);
  return (
    s && {
      GrayLevelNonUniformity: s.levelNonUniformity,
      GrayLevelNonUniformityNormalized: s.levelNonUniformityNormalized,
      GrayLevelVariance: s.levelVariance,
      HighGrayLevelRunEmphasis: s.highLevelEmphasis,
      LongRunEmphasis: s.largeEmphasis,
      LongRunHighGrayLevelEmphasis: s.largeHighEmphasis,
      LongRunLowGrayLevelEmphasis: s.largeLowEmphasis,
      LowGrayLevelRunEmphasis: s.lowLevelEmphasis,
      RunEntropy: s.entropy,
      RunLengthNonUniformity: s.sizeNonUniformity,
      RunLengthNonUniformityNormalized: s.sizeNonUniformityNormalized,
      RunPercentage: s.percentage,
      RunVariance: s.sizeVariance,
      ShortRunEmphasis: s.smallEmphasis,
      ShortRunHighGrayLevelEmphasis: s.smallHighEmphasis,
      ShortRunLowGrayLevelEmphasis: s.smallLowEmphasis,
    }
  );
}
