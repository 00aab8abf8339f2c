import { shearDegrees, spacingMm, toPatient, type Mask, type Triple, type Volume } from '@concord/imaging';
import { seededRandom } from '@concord/numeric';
import { countVoxels } from '../region.js';
import { PRESETS } from '../presets.js';
import { extractFeatures, kernels, maskOf, volumeOf } from '../spec-support.js';
import { addNoise, noiseLevel } from './noise.js';
import { parseChain } from './perturbation.js';
import { perturb } from './perturb.js';

const settings = { ...PRESETS['ct-hcc'], resampling: null };

function forEachIndex([nx, ny, nz]: Triple, visit: (i: number, j: number, k: number, n: number) => void): void {
  for (let k = 0, n = 0; k < nz; k++) for (let j = 0; j < ny; j++) for (let i = 0; i < nx; i++) visit(i, j, k, n++);
}

/** A textured image with an ellipsoid about the middle. */
function phantom(shape: Triple, spacingMm: Triple, radiusMm: number): { volume: Volume; mask: Mask } {
  const volume = volumeOf(shape, spacingMm, new Float64Array(shape[0] * shape[1] * shape[2]));
  const inside = new Uint8Array(volume.data.length);
  const random = seededRandom(3);
  forEachIndex(shape, (i, j, k, n) => {
    const squares = [i, j, k].map((index, axis) => ((index - (shape[axis] - 1) / 2) * spacingMm[axis]) ** 2);
    inside[n] = squares[0] + squares[1] * 1.4 + squares[2] <= radiusMm ** 2 ? 1 : 0;
    volume.data[n] = Math.round(40 + 60 * random.next());
  });
  return { volume, mask: maskOf(volume, inside) };
}

const run = (pair: { volume: Volume; mask: Mask }, chain: string, seed = 1) =>
  perturb(pair.volume, pair.mask, parseChain(chain.split(',')), seededRandom(seed), [-2000], kernels);

function expectSameFeatures(a: { volume: Volume; mask: Mask }, b: { volume: Volume; mask: Mask }): void {
  const [first, second] = [a, b].map(({ volume, mask }) => extractFeatures(volume, mask, settings).values);
  for (const name of Object.keys(first)) {
    const [x, y] = [first[name].value, second[name].value];
    if (x === null || y === null) expect(x).toBe(y);
    else expect(Math.abs(x - y) / Math.max(1, Math.abs(x))).toBeLessThan(1e-9);
  }
}

const volumeAfter = (pair: { mask: Mask }, fraction: number): number => {
  const changed = run({ volume: ball.volume, mask: pair.mask }, `volume:${fraction}`).mask;
  return countVoxels(changed.data);
};

const ball = phantom([33, 33, 15], [1, 1, 2.5], 10);

describe('perturbations of the grid', () => {
  it('turned by 360 degrees, at once or by quarters, or shifted by whole voxels, nothing changes', () => {
    expectSameFeatures(ball, run(ball, 'rotate:360'));
    const quarters = run(ball, 'rotate:90,rotate:90,rotate:90,rotate:90');
    expect(Math.max(...quarters.volume.data.map((x, n) => Math.abs(x - ball.volume.data[n])))).toBeLessThan(1e-9);
    expect(quarters.mask.data).toEqual(ball.mask.data);
    const shifted = run(ball, 'shift:1');
    expectSameFeatures(ball, shifted);
    expect(shifted.mask.data).not.toEqual(ball.mask.data);
  });

  it('turned by 90 degrees every voxel is one of the old', () => {
    const { data } = run(ball, 'rotate:90').volume;
    forEachIndex(ball.volume.shape, (i, j, k, n) => {
      expect(Math.abs(data[n] - ball.volume.data[32 - j + 33 * (i + 33 * k)])).toBeLessThan(1e-9);
    });
  });

  it.each(['rotate:17', 'rotate:-50', 'shift:0.3', 'rotate:8,shift:-0.6'])(
    '%s leaves where it is in space what lies there',
    (chain) => {
      const volume = volumeOf([30, 26, 9], [0.8, 1.3, 3], new Float64Array(30 * 26 * 9));
      const ramp = ([x, y, z]: readonly number[]): number => 100 + 2 * x - 3 * y + 0.5 * z;
      forEachIndex(volume.shape, (i, j, k, n) => (volume.data[n] = ramp(toPatient(volume.affine, i, j, k))));
      const inside = new Uint8Array(volume.data.length);
      forEachIndex(volume.shape, (i, j, k, n) => {
        inside[n] = Math.hypot((i - 15) * 0.8, (j - 13) * 1.3) < 5 && k > 2 && k < 6 ? 1 : 0;
      });
      const mask = maskOf(volume, inside);
      const turned = run({ volume, mask }, chain);
      expect(shearDegrees(turned.volume)).toBeLessThan(1e-6);
      spacingMm(turned.volume).forEach((mm, axis) => expect(mm).toBeCloseTo([0.8, 1.3, 3][axis], 10));
      const centre = (m: Mask): number[] => {
        const sums = [0, 0, 0, 0];
        forEachIndex(m.shape, (i, j, k, n) => {
          if (m.data[n] === 0) return;
          [...toPatient(m.affine, i, j, k), 1].forEach((x, axis) => (sums[axis] += x));
        });
        return sums.slice(0, 3).map((sum) => sum / sums[3]);
      };
      forEachIndex(turned.mask.shape, (i, j, k, n) => {
        if (turned.mask.data[n] === 0) return;
        expect(Math.abs(turned.volume.data[n] - ramp(toPatient(turned.volume.affine, i, j, k)))).toBeLessThan(0.05);
      });
      centre(turned.mask).forEach((x, axis) => {
        expect(Math.abs(x - centre(mask)[axis])).toBeLessThan([0.4, 0.65, 1.5][axis]);
      });
      expect(Math.abs(countVoxels(turned.mask.data) / countVoxels(inside) - 1)).toBeLessThan(0.1);
    },
  );

  it('never mixes padding into tissue', () => {
    const { volume, mask } = phantom([33, 33, 15], [1, 1, 2.5], 10);
    const data = volume.data.map((x, n) => (n % 33 < 3 ? -2000 : x));
    for (const chain of ['rotate:20', 'shift:0.4', 'noise:1']) {
      const values = run({ volume: { ...volume, data }, mask }, chain).volume.data;
      expect(values.includes(-2000)).toBe(true);
      expect(values.filter((x) => x !== -2000).every((x) => x > -100 && x < 250)).toBe(true);
    }
  });
});

describe('noise', () => {
  /** The image of golden/robustness/noise-level.py. */
  const textured = (): Volume => {
    let state = 7;
    const values = Float64Array.from({ length: 20 * 17 * 2 }, (_, n) => {
      state = Number((BigInt(state) * 1103515245n + 12345n) % 2147483648n);
      return state / 2147483648 + 3 * (n % 20);
    });
    return volumeOf([20, 17, 2], [1, 1, 1], values);
  };

  it('is estimated as by PyWavelets', () => {
    // golden/robustness/noise-level.py, PyWavelets 1.8.0
    expect(noiseLevel(textured(), [])).toBeCloseTo(0.31402563661573274, 10);
  });

  it('has the standard deviation asked for, and is found again by the estimate', () => {
    const shape: Triple = [96, 96, 6];
    const flat = volumeOf(
      shape,
      [1, 1, 1],
      new Float64Array(96 * 96 * 6).map((_, n) => 3 * (n % 96)),
    );
    const noisy = addNoise(flat, 12, seededRandom(5), []);
    const differences = Float64Array.from(noisy.data, (x, n) => x - flat.data[n]);
    const mean = differences.reduce((sum, x) => sum + x, 0) / differences.length;
    const variance = differences.reduce((sum, x) => sum + (x - mean) ** 2, 0) / differences.length;
    expect(Math.abs(Math.sqrt(variance) / 12 - 1)).toBeLessThan(0.01);
    expect(Math.abs(mean)).toBeLessThan(0.15);
    expect(Math.abs(noiseLevel(noisy, []) / 12 - 1)).toBeLessThan(0.03);
    const twice = run({ volume: noisy, mask: maskOf(flat, new Uint8Array(flat.data.length).fill(1)) }, 'noise:2');
    const added = Math.sqrt(
      Float64Array.from(twice.volume.data).reduce((sum, x, n) => sum + (x - noisy.data[n]) ** 2, 0) / flat.data.length,
    );
    expect(Math.abs(added / (2 * noiseLevel(noisy, [])) - 1)).toBeLessThan(0.01);
  });

  it('cannot be asked of an image without any', () => {
    const flat = volumeOf([12, 12, 3], [1, 1, 1], new Float64Array(432).fill(7));
    const mask = maskOf(flat, new Uint8Array(432).fill(1));
    expect(() => run({ volume: flat, mask }, 'N')).toThrow(expect.objectContaining({ code: 'FLAT_IMAGE' }) as Error);
  });
});

describe('volume', () => {
  it.each([-0.5, -0.2, -0.03, 0.04, 0.2, 1.5])('changes by the fraction %f, to a voxel', (fraction) => {
    const count = countVoxels(ball.mask.data);
    expect(volumeAfter(ball, fraction)).toBe(Math.round(count * (1 + fraction)));
  });

  it('adds the nearest and takes away the outermost', () => {
    const line = volumeOf([21, 1, 1], [1, 9, 9], new Float64Array(21)); // its sides are far away
    const mask = maskOf(
      line,
      Array.from({ length: 21 }, (_, n) => (n >= 7 && n < 15 ? 1 : 0)),
    );
    const rows = (chain: string) => [...run({ volume: line, mask }, chain).mask.data].join('');
    expect(rows('volume:0.5')).toBe('000001111111111110000');
    expect(rows('volume:-0.5')).toBe('000000000111100000000');
  });

  it('takes the edge of the image for the end of the region', () => {
    const cube = volumeOf([5, 5, 5], [1, 1, 1], new Float64Array(125));
    const full = maskOf(cube, new Uint8Array(125).fill(1));
    const core = run({ volume: cube, mask: full }, `volume:${(27 - 125) / 125}`).mask;
    expect(countVoxels(core.data)).toBe(27);
    forEachIndex(cube.shape, (i, j, k, n) => {
      if (core.data[n] === 1) expect([i, j, k].every((x) => x > 0 && x < 4)).toBe(true);
    });
    for (const chain of ['volume:0.1', 'volume:-0.9,volume:-0.9,volume:-0.9']) {
      expect(() => run({ volume: cube, mask: full }, chain)).toThrow(
        expect.objectContaining({ code: 'BAD_PERTURBATION' }) as Error,
      );
    }
  });
});

describe('contour', () => {
  const dice = (a: Mask, b: Mask): number => {
    const common = a.data.reduce((sum, x, n) => sum + x * b.data[n], 0);
    return (2 * common) / (countVoxels(a.data) + countVoxels(b.data));
  };

  it('moves, another way with each seed, and keeps the volume on average', () => {
    const large = phantom([41, 41, 17], [1, 1, 2], 13);
    const masks = Array.from({ length: 10 }, (_, seed) => run(large, 'contour', seed).mask);
    expect(run(large, 'contour', 3).mask.data).toEqual(masks[3].data);
    expect(new Set(masks.map((mask) => mask.data.join(''))).size).toBe(10);
    const shares = masks.map((mask) => countVoxels(mask.data) / countVoxels(large.mask.data));
    expect(Math.abs(shares.reduce((sum, x) => sum + x, 0) / 10 - 1)).toBeLessThan(0.05);
    for (const mask of masks) {
      expect(dice(mask, large.mask)).toBeGreaterThan(0.6);
      expect(dice(mask, large.mask)).toBeLessThan(0.99);
    }
  });

  it('stays on the edges of the image', () => {
    const { volume, mask } = phantom([41, 41, 17], [1, 1, 2], 13);
    const data = volume.data.map((x, n) => x / 10 + 200 * mask.data[n]);
    const masks = Array.from({ length: 5 }, (_, seed) => run({ volume: { ...volume, data }, mask }, 'C', seed).mask);
    for (const one of masks) expect(dice(one, mask)).toBeGreaterThan(0.99);
  });
});

describe('chains', () => {
  it('are read from letters and steps', () => {
    expect(parseChain(['RCV'])).toEqual([
      { kind: 'rotate', amount: [-13, 13] },
      { kind: 'contour' },
      { kind: 'volume', amount: [-0.2, 0.2] },
    ]);
    expect(parseChain(['rotate:-4..4', 'T', 'noise:2'])).toEqual([
      { kind: 'rotate', amount: [-4, 4] },
      { kind: 'shift', amount: [0, 1] },
      { kind: 'noise', amount: 2 },
    ]);
  });

  it.each(['X', 'rotate:', 'rotate:5..1', 'rotate:1..2..3', 'volume:-1', 'contour:1', 'noise:x', 'spin:3', ''])(
    'refuse %p',
    (text) => {
      expect(() => parseChain([text])).toThrow(expect.objectContaining({ code: 'BAD_PERTURBATION' }) as Error);
    },
  );

  it('give the same again with the same seed, whatever the kernels', () => {
    const [first, second] = [run(ball, 'RTNVC', 8), run(ball, 'RTNVC', 8)];
    expect(second.volume.data).toEqual(first.volume.data);
    expect(second.mask.data).toEqual(first.mask.data);
    expect(run(ball, 'RTNVC', 9).mask.data).not.toEqual(first.mask.data);
  });
});
