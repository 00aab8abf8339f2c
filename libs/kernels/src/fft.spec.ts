import fc from 'fast-check';
import { createKernels, fastFftSize, fftPlan, FFT_WORK, RealFft, type Kernels } from './index.js';

type Complex = readonly [number, number];

/** The definition: one sum for each element. */
function naive(values: readonly Complex[]): Complex[] {
  const n = values.length;
  return values.map((_, k) => {
    let [re, im] = [0, 0];
    values.forEach(([a, b], j) => {
      const turn = (-2 * Math.PI * ((j * k) % n)) / n;
      re += a * Math.cos(turn) - b * Math.sin(turn);
      im += a * Math.sin(turn) + b * Math.cos(turn);
    });
    return [re, im];
  });
}

/** Numbers that look random and depend on the seed only. */
function noise(count: number, seed: number): Float64Array {
  let state = seed >>> 0 || 1;
  return Float64Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  });
}

function expectEqual(actual: Float64Array, expected: Float64Array): void {
  expect(actual.length).toBe(expected.length);
  const scale = expected.reduce((most, x) => Math.max(most, Math.abs(x)), 1);
  expect(actual.reduce((worst, x, n) => Math.max(worst, Math.abs(x - expected[n])), 0)).toBeLessThan(1e-12 * scale);
}

const SIZES = [
  1, 2, 3, 4, 5, 6, 8, 9, 10, 12, 15, 16, 20, 25, 27, 30, 36, 40, 45, 48, 54, 60, 64, 75, 100, 120, 7, 13, 49, 67, 77,
  98, 199,
];
const kinds: Kernels[] = [createKernels({ kind: 'wasm' }), createKernels({ kind: 'typescript' })];

describe('fastFftSize', () => {
  it('gives the next product of twos, threes and fives', () => {
    expect([0, 1, 7, 11, 13, 51, 197, 199, 257].map(fastFftSize)).toEqual([1, 1, 8, 12, 15, 54, 200, 200, 270]);
  });
});

describe.each(kinds.map((kernels) => [kernels.kind, kernels] as const))('the %s transform', (_, kernels) => {
  const { arena } = kernels;

  it('along an axis is the sum that defines it, for every size, axis and padding', () => {
    const line = fc.record({
      size: fc.constantFrom(...SIZES),
      inner: fc.integer({ min: 1, max: 7 }),
      outer: fc.integer({ min: 1, max: 3 }),
      missing: fc.integer({ min: 0, max: 3 }),
      seed: fc.nat(),
    });
    fc.assert(
      fc.property(line, ({ size, inner, outer, missing, seed }) => {
        arena.scope(() => {
          const length = Math.max(1, size - missing);
          const [re, im] = [1, 2].map((n) => arena.copy(noise(inner * length * outer, seed + n)));
          const [toRe, toIm] = [arena.f64(inner * size * outer), arena.f64(inner * size * outer)];
          const plan = fftPlan(size, arena);
          const work = arena.f64(FFT_WORK * size);
          kernels.now(
            'fft',
            'axis',
            re,
            im,
            toRe,
            toIm,
            inner,
            length,
            size,
            0,
            inner * outer,
            size,
            plan.factors,
            plan.twiddles,
            work,
          );
          for (let o = 0; o < outer; o++) {
            for (let i = 0; i < inner; i++) {
              const input = Array.from({ length: size }, (_, k): Complex => {
                const at = (o * length + k) * inner + i;
                return k < length ? [re[at], im[at]] : [0, 0];
              });
              const expected = naive(input);
              const at = (k: number): number => (o * size + k) * inner + i;
              expectEqual(
                Float64Array.from({ length: size }, (_, k) => toRe[at(k)]),
                Float64Array.from(expected, ([a]) => a),
              );
              expectEqual(
                Float64Array.from({ length: size }, (_, k) => toIm[at(k)]),
                Float64Array.from(expected, ([, b]) => b),
              );
            }
          }
        });
      }),
    );
  });

  it('in three dimensions is the sum that defines it, and the way back gives the grid again', () => {
    const grid = fc.record({
      size: fc.tuple(...[0, 1, 2].map(() => fc.constantFrom(1, 2, 3, 4, 5, 6, 8))),
      missing: fc.tuple(...[0, 1, 2].map(() => fc.integer({ min: 0, max: 2 }))),
      seed: fc.nat(),
    });
    fc.assert(
      fc.property(grid, ({ size, missing, seed }) => {
        arena.scope(() => {
          const [nx, ny, nz] = size.map((n, axis) => Math.max(1, n - missing[axis]));
          const values = noise(nx * ny * nz, seed);
          const fft = new RealFft(kernels, size as [number, number, number]);
          const { re, im } = fft.forward(values, [nx, ny, nz]);
          const spectrum = slowSpectrum(values, [nx, ny, nz], size);
          for (let z = 0; z < size[2]; z++) {
            for (let y = 0; y < size[1]; y++) {
              for (let x = 0; x <= size[0] >> 1; x++) {
                const at = x + fft.pitch * (y + size[1] * z);
                const [a, b] = spectrum(x, y, z);
                expect(Math.abs(re[at] - a) + Math.abs(im[at] - b)).toBeLessThan(1e-11);
              }
            }
          }
          expectEqual(fft.back({ re, im }, [nx, ny, nz]).slice(), values);
        });
      }),
      { numRuns: 40 },
    );
  });

  it('of two axes transforms each slice by itself, however many there are', () => {
    arena.scope(() => {
      const [nx, ny, nz] = [7, 5, 7];
      const values = arena.copy(noise(nx * ny * nz, 3));
      const fft = new RealFft(kernels, [8, 6, nz], 2);
      const all = fft.forward(values, [nx, ny, nz]);
      const slice = fft.pitch * 6;
      for (let z = 0; z < nz; z++) {
        const one = new RealFft(kernels, [8, 6, 1]).forward(values.subarray(nx * ny * z, nx * ny * (z + 1)), [
          nx,
          ny,
          1,
        ]);
        expectEqual(all.re.slice(slice * z, slice * (z + 1)), one.re.slice());
        expectEqual(all.im.slice(slice * z, slice * (z + 1)), one.im.slice());
      }
      expectEqual(fft.back(all, [nx, ny, nz]).slice(), values.slice());
    });
  });
});

function slowSpectrum(values: Float64Array, [nx, ny]: readonly number[], size: readonly number[]) {
  return (x: number, y: number, z: number): Complex => {
    let [re, im] = [0, 0];
    values.forEach((value, n) => {
      const [i, j, k] = [n % nx, Math.floor(n / nx) % ny, Math.floor(n / (nx * ny))];
      const turn = -2 * Math.PI * ((x * i) / size[0] + (y * j) / size[1] + (z * k) / size[2]);
      re += value * Math.cos(turn);
      im += value * Math.sin(turn);
    });
    return [re, im];
  };
}

describe('the compiled kernels and their twins', () => {
  it('agree on mirrored lines, on distances and on sums over pairs', () => {
    const small = fc.constantFrom(1, 2, 3, 4, 5, 6, 8, 9, 10, 12);
    fc.assert(
      fc.property(small, small, small, fc.integer({ min: 1, max: 8 }), fc.nat(), (nx, ny, nz, length, seed) => {
        const [compiled, twin] = kinds.map((kernels) => spatialSums(kernels, [nx, ny, nz], Math.min(length, nz), seed));
        expectEqual(compiled.kernel, twin.kernel);
        expectEqual(compiled.sums, twin.sums);
      }),
      { numRuns: 60 },
    );
  });

  it('give the same on one and on three threads', () => {
    const [shape, size] = [[20, 17, 9] as const, [40, 36, 18] as const];
    const spectra = [1, 3].map((threads) => {
      const kernels = createKernels({ kind: 'wasm', threads });
      const { re, im } = new RealFft(kernels, size).forward(noise(20 * 17 * 9, 5), shape);
      kernels.close();
      return [re.slice(), im.slice()];
    });
    expect(spectra[1]).toEqual(spectra[0]);
  });
});

/** The spectrum of 1 / distance and sums of products with noise, in steps as Moran's I takes them. */
function spatialSums(kernels: Kernels, [nx, ny, nz]: readonly number[], length: number, seed: number) {
  const { arena } = kernels;
  return arena.scope(() => {
    const [hx, hy, hz] = [nx, ny, nz].map((n) => (n >> 1) + 1);
    const pitch = Math.ceil(hx / 4) * 4;
    const plans = [nx, ny, nz].map((n) => fftPlan(n, arena));
    const work = arena.f64(3 * FFT_WORK * Math.max(nx, ny, nz));
    const tables = (axis: number) => [plans[axis].size, plans[axis].factors, plans[axis].twiddles, work] as const;
    const kernel = arena.f64(pitch * hy * hz);
    kernels.now('fft', 'distanceRows', kernel, 0, hx, pitch, hy, 0.9, 1.1, 3, 0, hy * hz, ...tables(0));
    kernels.now('fft', 'evenAxis', kernel, pitch, 0, pitch * hz, ...tables(1));
    kernels.now('fft', 'evenAxis', kernel, pitch * hy, 0, pitch * hy, ...tables(2));
    const [cRe, cIm, mRe, mIm, sRe, sIm] = [1, 2, 3, 4, 5, 6].map((n) =>
      arena.copy(noise(pitch * ny * length, seed + n)),
    );
    const weights = arena.copy(noise(pitch, seed));
    const sums = arena.f64(3);
    kernels.now(
      'fft',
      'pairSums',
      cRe,
      cIm,
      mRe,
      mIm,
      sRe,
      sIm,
      kernel,
      weights,
      pitch,
      ny,
      length,
      0,
      ny,
      ...tables(2),
      sums,
    );
    return { kernel: kernel.slice(), sums: sums.slice() };
  });
}
