import { readFileSync } from 'node:fs';
import { discretise } from '../discretise.js';
import { cutRegion } from '../region.js';
import { digitalPhantom, kernels } from '../spec-support.js';
import { textureGrid, type TextureGrid } from '../texture-grid.js';
import type { Counting, MatrixKind } from './aggregate.js';
import { PAIRS } from './glcm.js';
import { RUNS } from './glrlm.js';
import { NEIGHBOUR_COLUMNS, NEIGHBOURS } from './neighbours.js';
import { zoneMatrix, zonesKind, type Zones } from './zones.js';

type Row = readonly number[];

const golden = (name: string): string =>
  readFileSync(new URL(`../../golden/ibsi-digital-phantom/${name}`, import.meta.url), 'utf8');

const published = JSON.parse(golden('matrices.json')) as Record<string, Row[][]>;
const { volume, mask } = digitalPhantom(golden('voxels.csv'));
const region = cutRegion(volume, mask);
const levels = discretise(region.intensities, { method: 'none' }, { range: null, outlierSigma: null }, kernels);

/** Cells that are not zero as rows: level, column from 1, count. */
function rowsOf({ levelOf }: TextureGrid, counts: ArrayLike<number>, columnOf: (column: number) => number): Row[] {
  const width = counts.length / levelOf.length;
  return Array.from(counts, (count, n) => [levelOf[Math.floor(n / width)], columnOf(n % width), count]).filter(
    (row) => row[2] > 0,
  );
}

function matrices<C>(
  kind: MatrixKind<C>,
  isSpatial: boolean,
  describe: (counts: C, grid: TextureGrid) => Row[],
): Row[][] {
  return kernels.arena.scope(() => {
    if (!('values' in levels)) throw new Error('the phantom holds levels');
    const grid = textureGrid(region, levels, kernels.arena);
    const counting: Counting<C> = kind.start(kernels, grid, isSpatial ? [grid.volume] : grid.slices, isSpatial);
    kernels.run(counting.calls);
    return counting.results().map((directions) => describe(kind.merge(directions), grid));
  });
}

/** Both orders of a pair. */
function symmetric(counts: Uint32Array, { levelOf }: TextureGrid): Row[] {
  const width = levelOf.length + 1;
  const rows: Row[] = [];
  for (let a = 1; a < width; a++)
    for (let b = 1; b < width; b++) {
      const count = counts[a * width + b] + counts[b * width + a];
      if (count > 0) rows.push([levelOf[a - 1], levelOf[b - 1], count]);
    }
  return rows;
}

const zonesBy = (name: 'sizes' | 'distances') => (zones: Zones, grid: TextureGrid) => {
  const { counts, columnOf } = zoneMatrix(zones, zones[name], grid.levelOf);
  return rowsOf(grid, counts, (column) => columnOf[column]);
};

describe('the texture matrices that IBSI prints of its digital phantom', () => {
  const zones = zonesKind(region.mask, true);

  it.each([
    ['slices', false],
    ['volume', true],
  ])('are ours: %s', (_, isSpatial) => {
    const ours = {
      glcm: matrices(PAIRS, isSpatial, symmetric),
      glrlm: matrices(RUNS, isSpatial, ({ counts }, grid) => rowsOf(grid, counts, (n) => n + 1)),
      glszm: matrices(zones, isSpatial, zonesBy('sizes')),
      gldzm: matrices(zones, isSpatial, zonesBy('distances')),
      ngldm: matrices(NEIGHBOURS, isSpatial, ({ dependences }, grid) => rowsOf(grid, dependences, (n) => n + 1)),
    };
    for (const [family, rows] of Object.entries(ours)) {
      const merged = family === 'glcm' || family === 'glrlm';
      const name = `${family}_${isSpatial ? '3d' : '2d'}${merged ? '_merged' : ''}${isSpatial ? '' : '_per_slice'}`;
      expect([name, rows]).toEqual([name, published[name]]);
    }
  });

  it.each([
    ['slices', false, 'ngtdm_2d_per_slice'],
    ['volume', true, 'ngtdm_3d'],
  ])('are ours to the six digits printed, tone differences: %s', (_, isSpatial, name) => {
    const ours = matrices(NEIGHBOURS, isSpatial, ({ toneCounts, toneSums }, { levelOf }) =>
      Array.from(levelOf, (level, a) => {
        const row = Array.from({ length: NEIGHBOUR_COLUMNS - 1 }, (__, k) => a * NEIGHBOUR_COLUMNS + k + 1);
        const sum = row.reduce((total, at, k) => total + toneSums[at] / (k + 1), 0);
        return [level, Number(sum.toFixed(6)), row.reduce((total, at) => total + toneCounts[at], 0)];
      }).filter(([, , count]) => count > 0),
    );
    expect(ours).toEqual(published[name]);
  });
});
