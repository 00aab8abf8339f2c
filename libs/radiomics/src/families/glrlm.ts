import { tagsOf } from '../catalogue.js';
import type { FamilyValues } from '../feature-value.js';
import type { TextureGrid } from '../texture-grid.js';
import type { DirectionalFamily } from './aggregate.js';

/** Grey level run length (IBSI TP0I). Run percentage of merged matrices divides by voxels times directions. */
export const GLRLM: DirectionalFamily = {
  tags: tagsOf('glrlm'),
  size: (grid) => grid.levelOf.length * longestRun(grid),
  accumulateInPlace: (kernels, grid, voxels, offset, counts) =>
    kernels.now('texture', 'runs', grid.ranks, voxels, voxels.length, offset, longestRun(grid), counts),
  features: (grid, { counts, visits }) => runFeatures(counts, grid.levelOf, visits),
};

function longestRun(grid: TextureGrid): number {
  return Math.max(...grid.shape) - 2; // the padding is no part of a run
}

function runFeatures(counts: Float64Array, levelOf: Float64Array, visits: number): FamilyValues {
  const longest = counts.length / levelOf.length;
  const runsOfLevel = new Float64Array(levelOf.length);
  const runsOfLength = new Float64Array(longest);
  const sums = { srlge: 0, srhge: 0, lrlge: 0, lrhge: 0 };
  let runs = 0;
  let runLogRun = 0;
  for (let a = 0; a < levelOf.length; a++) {
    const g2 = levelOf[a] ** 2;
    for (let r = 0; r < longest; r++) {
      const count = counts[a * longest + r];
      if (count === 0) continue;
      const l2 = (r + 1) ** 2;
      runs += count;
      runsOfLevel[a] += count;
      runsOfLength[r] += count;
      runLogRun += count * Math.log2(count);
      sums.srlge += count / (l2 * g2);
      sums.srhge += (count * g2) / l2;
      sums.lrlge += (count * l2) / g2;
      sums.lrhge += count * l2 * g2;
    }
  }
  const lengths = Float64Array.from(runsOfLength, (_, r) => r + 1);
  const glnu = sumOfSquares(runsOfLevel) / runs;
  const rlnu = sumOfSquares(runsOfLength) / runs;
  return {
    rlm_sre: meanOf(runsOfLength, lengths, (length) => 1 / length ** 2),
    rlm_lre: meanOf(runsOfLength, lengths, (length) => length ** 2),
    rlm_lgre: meanOf(runsOfLevel, levelOf, (level) => 1 / level ** 2),
    rlm_hgre: meanOf(runsOfLevel, levelOf, (level) => level ** 2),
    rlm_srlge: sums.srlge / runs,
    rlm_srhge: sums.srhge / runs,
    rlm_lrlge: sums.lrlge / runs,
    rlm_lrhge: sums.lrhge / runs,
    rlm_glnu: glnu,
    rlm_glnu_norm: glnu / runs,
    rlm_rlnu: rlnu,
    rlm_rlnu_norm: rlnu / runs,
    rlm_r_perc: runs / visits,
    rlm_gl_var: varianceOf(runsOfLevel, levelOf),
    rlm_rl_var: varianceOf(runsOfLength, lengths),
    rlm_rl_entr: Math.log2(runs) - runLogRun / runs, // -sum p log2 p with p = count / runs
  };
}

function sumOfSquares(values: Float64Array): number {
  let sum = 0;
  for (let n = 0; n < values.length; n++) sum += values[n] ** 2;
  return sum;
}

/** Mean over runs of a function of their level or length. */
function meanOf(counts: Float64Array, values: Float64Array, term: (value: number) => number): number {
  let sum = 0;
  let runs = 0;
  for (let n = 0; n < counts.length; n++) {
    sum += counts[n] * term(values[n]);
    runs += counts[n];
  }
  return sum / runs;
}

function varianceOf(counts: Float64Array, values: Float64Array): number {
  const mean = meanOf(counts, values, (value) => value);
  return meanOf(counts, values, (value) => (value - mean) ** 2);
}
