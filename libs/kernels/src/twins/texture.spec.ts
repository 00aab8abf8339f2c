import fc from 'fast-check';
import { createKernels, DIRECTIONS_2D, DIRECTIONS_3D, stepOffset, type Kernels, type Step } from '../index.js';

/** Levels of a grid, 0 outside, x fastest. */
interface Grid {
  readonly shape: readonly [number, number, number];
  readonly levels: readonly number[];
}

const LEVELS = 3;

/** Wide ones too: eight voxels are one step of the compiled kernels. */
const grids = fc
  .tuple(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 4 }))
  .chain(([nx, ny, nz]) =>
    fc.record<Grid>({
      shape: fc.constant([nx, ny, nz]),
      levels: fc.array(fc.integer({ min: 0, max: LEVELS }), { minLength: nx * ny * nz, maxLength: nx * ny * nz }),
    }),
  );

/** The level at a place, 0 beyond the grid. */
function levelAt({ shape: [nx, ny, nz], levels }: Grid, i: number, j: number, k: number): number {
  return i < 0 || j < 0 || k < 0 || i >= nx || j >= ny || k >= nz ? 0 : levels[i + nx * (j + ny * k)];
}

type Place = readonly [number, number, number];

function placesOf({ shape: [nx, ny], levels }: Grid): Place[] {
  const places = levels.map((_, n): Place => [n % nx, Math.floor(n / nx) % ny, Math.floor(n / (nx * ny))]);
  return places.filter((_, n) => levels[n] > 0);
}

/** The grid as kernels take it: padded, with the stretches of its voxels. */
function padded({ arena }: Kernels, grid: Grid) {
  const [px, py, pz] = [grid.shape[0] + 2, grid.shape[1] + 2, grid.shape[2] + 2];
  const size = px * py * pz;
  const ranks = arena.u16(size + 8);
  const mask = arena.u8(size);
  const spans: number[] = [];
  for (const [i, j, k] of placesOf(grid)) {
    const at = i + 1 + px * (j + 1 + py * (k + 1));
    ranks[at] = levelAt(grid, i, j, k);
    mask[at] = 1;
    if (spans.length > 0 && spans[spans.length - 2] + spans[spans.length - 1] === at) spans[spans.length - 1]++;
    else spans.push(at, 1);
  }
  return {
    ranks,
    mask,
    size,
    spans: arena.copy(Int32Array.from(spans)),
    spanCount: spans.length / 2,
    px,
    slice: px * py,
  };
}

function offsetsOf({ arena }: Kernels, steps: readonly Step[], px: number, slice: number): Int32Array {
  return arena.copy(Int32Array.from(steps, (step) => stepOffset(step, px, slice / px)));
}

function countPairs(kernels: Kernels, grid: Grid, steps: readonly Step[]): number[] {
  const { ranks, spans, spanCount, px, slice } = padded(kernels, grid);
  const offsets = offsetsOf(kernels, steps, px, slice);
  const counts = kernels.arena.u32(steps.length * (LEVELS + 1) ** 2);
  kernels.now('texture', 'pairs', ranks, spans, spanCount, offsets, steps.length, LEVELS, counts);
  return [...counts];
}

const LONGEST = 20;

function countRuns(kernels: Kernels, grid: Grid, steps: readonly Step[]): number[] {
  const { ranks, spans, spanCount, px, slice } = padded(kernels, grid);
  const offsets = offsetsOf(kernels, steps, px, slice).map(Math.abs);
  const there = kernels.arena.copy(offsets);
  const before = kernels.arena.u16(ranks.length).fill(9);
  const counts = kernels.arena.u32(steps.length * LEVELS * LONGEST);
  kernels.now('texture', 'runs', ranks, spans, spanCount, there, steps.length, LEVELS, LONGEST, before, counts);
  return [...counts];
}

interface Zone {
  readonly rank: number;
  readonly size: number;
  readonly distance: number;
}

function findZones(kernels: Kernels, grid: Grid, spatial: number): Zone[] {
  const { ranks, mask, size, spans, spanCount, px, slice } = padded(kernels, grid);
  const { arena } = kernels;
  const distances = arena.u16(size);
  kernels.now('texture', 'borderDistances', mask, px, slice, size, spatial, distances);
  const count = placesOf(grid).length;
  const parents = arena.i32(ranks.length).fill(77);
  const [zoneRanks, sizes, nearest, zones] = [arena.u16(count), arena.u32(count), arena.u16(count), arena.i32(1)];
  kernels.now(
    'texture',
    'zones',
    ranks,
    spans,
    spanCount,
    px,
    slice,
    spatial,
    distances,
    1,
    arena.u16(48),
    parents,
    zoneRanks,
    sizes,
    nearest,
    zones,
  );
  return Array.from({ length: zones[0] }, (_, z) => ({ rank: zoneRanks[z], size: sizes[z], distance: nearest[z] }));
}

/** Levels as far apart as 16 bits allow, to see that nothing overflows. */
const LEVEL_OF = [0, 1, 30_000, 65_535];

function compareNeighbours(kernels: Kernels, grid: Grid, spatial: number, coarseness: number): number[][] {
  const { ranks, spans, spanCount, px, slice } = padded(kernels, grid);
  const { arena } = kernels;
  const levels = arena.copy(ranks.map((rank) => LEVEL_OF[rank]));
  const [counts, sums, dependences] = [arena.u32(27 * LEVELS), arena.f64(27 * LEVELS), arena.u32(27 * LEVELS)];
  const scratch = arena.u16(32);
  kernels.now(
    'texture',
    'neighbours',
    levels,
    ranks,
    spans,
    spanCount,
    px,
    slice,
    spatial,
    coarseness,
    scratch,
    counts,
    sums,
    dependences,
  );
  return [[...counts], [...sums], [...dependences]];
}

const NEIGHBOURS = [-1, 0, 1].flatMap((z) =>
  [-1, 0, 1].flatMap((y) => [-1, 0, 1].map((x): Place => [x, y, z]).filter((step) => step.some((s) => s !== 0))),
);

function neighboursOf([i, j, k]: Place, spatial: number): Place[] {
  return NEIGHBOURS.filter((step) => spatial === 1 || step[2] === 0).map(([x, y, z]) => [i + x, j + y, k + z]);
}

/** Floods each zone from its first voxel; distances by growing boxes of steps through faces. */
function slowZones(grid: Grid, spatial: number): Zone[] {
  const seen = new Set<string>();
  const zones: Zone[] = [];
  const distanceOf = ([i, j, k]: Place): number => {
    for (let d = 1; ; d++)
      for (let x = -d; x <= d; x++)
        for (let y = Math.abs(x) - d; y <= d - Math.abs(x); y++) {
          const left = d - Math.abs(x) - Math.abs(y);
          for (const z of spatial === 1 ? [-left, left] : [0]) {
            if (levelAt(grid, i + x, j + y, k + z) === 0) return d;
          }
        }
  };
  for (const place of placesOf(grid)) {
    if (seen.has(place.join())) continue;
    seen.add(place.join());
    const zone: Place[] = [place];
    const rank = levelAt(grid, ...place);
    for (const at of zone)
      for (const next of neighboursOf(at, spatial)) {
        if (seen.has(next.join()) || levelAt(grid, ...next) !== rank) continue;
        seen.add(next.join());
        zone.push(next);
      }
    zones.push({ rank, size: zone.length, distance: Math.min(...zone.map(distanceOf)) });
  }
  return zones;
}

describe('directions', () => {
  it('are one of each opposite pair of the 26 neighbours', () => {
    const both = DIRECTIONS_3D.flatMap((step) => [step, step.map((s) => -s)]).map((step) =>
      step.map((s) => s + 0).join(),
    );
    expect(new Set(both).size).toBe(26);
    expect(both).not.toContain('0,0,0');
    expect(DIRECTIONS_2D.every((step) => step[2] === 0)).toBe(true);
  });
});

describe.each(['typescript', 'wasm'] as const)('%s', (kind) => {
  const kernels = createKernels({ kind });
  const steps = fc.shuffledSubarray([...DIRECTIONS_3D], { minLength: 1 });

  it('counts the pairs that a search by coordinates counts', () => {
    fc.assert(
      fc.property(grids, steps, (grid, some) => {
        const expected = some.flatMap((step) => {
          const counts = new Array<number>((LEVELS + 1) ** 2).fill(0);
          for (const [i, j, k] of placesOf(grid)) {
            const other = levelAt(grid, i + step[0], j + step[1], k + step[2]);
            counts[levelAt(grid, i, j, k) * (LEVELS + 1) + other]++;
          }
          return counts;
        });
        kernels.arena.scope(() => expect(countPairs(kernels, grid, some)).toEqual(expected));
      }),
    );
  });

  it('puts every voxel into exactly one run, and cuts every line as its text is cut', () => {
    fc.assert(
      fc.property(grids, steps, (grid, some) => {
        const inside = (p: readonly number[]) => p.every((c, axis) => c >= 0 && c < grid.shape[axis]);
        const expected = some.flatMap((step) => {
          // Write each line of voxels along the direction as text, and match runs of one digit.
          const counts = new Array<number>(LEVELS * LONGEST).fill(0);
          const [nx, ny] = grid.shape;
          for (let n = 0; n < grid.levels.length; n++) {
            let at = [n % nx, Math.floor(n / nx) % ny, Math.floor(n / (nx * ny))];
            if (inside(at.map((c, axis) => c - step[axis]))) continue;
            let text = '';
            for (; inside(at); at = at.map((c, axis) => c + step[axis])) text += levelAt(grid, at[0], at[1], at[2]);
            for (const [run] of text.matchAll(/1+|2+|3+/g)) counts[(Number(run[0]) - 1) * LONGEST + run.length - 1]++;
          }
          return counts;
        });
        kernels.arena.scope(() => expect(countRuns(kernels, grid, some)).toEqual(expected));
      }),
    );
  });

  it('finds the zones that flooding finds, with their distances from the border', () => {
    fc.assert(
      fc.property(grids, fc.constantFrom(0, 1), (grid, spatial) => {
        kernels.arena.scope(() => expect(findZones(kernels, grid, spatial)).toEqual(slowZones(grid, spatial)));
      }),
    );
  });

  it('compares neighbours as a search by coordinates does', () => {
    fc.assert(
      fc.property(grids, fc.constantFrom(0, 1), fc.constantFrom(0, 29_999, 35_535), (grid, spatial, coarseness) => {
        const [counts, sums, dependences] = [0, 1, 2].map(() => new Array<number>(27 * LEVELS).fill(0));
        for (const place of placesOf(grid)) {
          const rank = levelAt(grid, ...place);
          const others = neighboursOf(place, spatial)
            .map((one) => LEVEL_OF[levelAt(grid, ...one)])
            .filter((level) => level > 0);
          const row = (rank - 1) * 27;
          counts[row + others.length]++;
          sums[row + others.length] += Math.abs(others.reduce((sum, level) => sum + LEVEL_OF[rank] - level, 0));
          dependences[row + others.filter((level) => Math.abs(level - LEVEL_OF[rank]) <= coarseness).length]++;
        }
        kernels.arena.scope(() =>
          expect(compareNeighbours(kernels, grid, spatial, coarseness)).toEqual([counts, sums, dependences]),
        );
      }),
    );
  });
});
