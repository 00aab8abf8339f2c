import fc from 'fast-check';
import { DIRECTIONS_2D, DIRECTIONS_3D, stepOffset } from '../index.js';
import { pairs, runs } from './texture.js';

/** A padded grid and the positions of its voxels with a level above 0. */
function pad(levels: readonly number[], [nx, ny, nz]: readonly [number, number, number]) {
  const [px, py, pz] = [nx + 2, ny + 2, nz + 2];
  const padded = new Uint16Array(px * py * pz);
  const voxels: number[] = [];
  for (let k = 0; k < nz; k++)
    for (let j = 0; j < ny; j++)
      for (let i = 0; i < nx; i++) {
        const at = i + 1 + px * (j + 1 + py * (k + 1));
        padded[at] = levels[i + nx * (j + ny * k)];
        if (padded[at] > 0) voxels.push(at);
      }
  return { padded, voxels: Int32Array.from(voxels), px, py };
}

const grid = fc
  .tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 4 }))
  .chain(([nx, ny, nz]) =>
    fc.record({
      shape: fc.constant([nx, ny, nz] as const),
      levels: fc.array(fc.integer({ min: 0, max: 3 }), { minLength: nx * ny * nz, maxLength: nx * ny * nz }),
    }),
  );

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

describe('pairs', () => {
  it('counts what a search by coordinates counts', () => {
    fc.assert(
      fc.property(grid, fc.constantFrom(...DIRECTIONS_3D), ({ shape, levels }, step) => {
        const [nx, ny, nz] = shape;
        const { padded, voxels, px, py } = pad(levels, shape);
        const counts = new Float64Array(9);
        pairs(padded, voxels, voxels.length, stepOffset(step, px, py), 3, counts);
        const expected = new Float64Array(9);
        const at = (i: number, j: number, k: number) =>
          i < 0 || j < 0 || k < 0 || i >= nx || j >= ny || k >= nz ? 0 : levels[i + nx * (j + ny * k)];
        for (let k = 0; k < nz; k++)
          for (let j = 0; j < ny; j++)
            for (let i = 0; i < nx; i++) {
              const [a, b] = [at(i, j, k), at(i + step[0], j + step[1], k + step[2])];
              if (a && b) expected[(a - 1) * 3 + b - 1]++;
            }
        expect(counts).toEqual(expected);
      }),
    );
  });
});

describe('runs', () => {
  it('puts every voxel into exactly one run, and cuts every line as its text is cut', () => {
    fc.assert(
      fc.property(grid, fc.constantFrom(...DIRECTIONS_3D), ({ shape, levels }, step) => {
        const [nx, ny, nz] = shape;
        const { padded, voxels, px, py } = pad(levels, shape);
        const counts = new Float64Array(3 * 5);
        runs(padded, voxels, voxels.length, stepOffset(step, px, py), 5, counts);
        // Second way: write each line of voxels along the direction as text, and match runs of one digit.
        const expected = new Float64Array(3 * 5);
        const inside = (p: readonly number[]) => p.every((c, axis) => c >= 0 && c < [nx, ny, nz][axis]);
        for (let n = 0; n < levels.length; n++) {
          let at = [n % nx, Math.floor(n / nx) % ny, Math.floor(n / (nx * ny))];
          if (inside(at.map((c, axis) => c - step[axis]))) continue;
          let text = '';
          for (; inside(at); at = at.map((c, axis) => c + step[axis]))
            text += levels[at[0] + nx * (at[1] + ny * at[2])];
          for (const [run] of text.matchAll(/1+|2+|3+/g)) expected[(Number(run[0]) - 1) * 5 + run.length - 1]++;
        }
        expect(counts).toEqual(expected);
      }),
    );
  });
});
