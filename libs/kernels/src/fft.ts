import type { Arena } from './arena.js';
import type { KernelCall, Kernels } from './kernels.js';

type Triple = readonly [number, number, number];

/** Numbers of scratch that a call of an `fft` kernel needs for each element of a line; `pairSums` three times that. */
export const FFT_WORK = 16;

/** What the `fft` kernels need to know about the size of a line. */
export interface FftPlan {
  readonly size: number;
  /** 4, 2, 3, 5 or a larger prime each, then a 0. */
  readonly factors: Int32Array;
  /** Cosine and sine of -2 pi k / size in turn. */
  readonly twiddles: Float64Array;
}

/** Smallest product of twos, threes and fives that is no less than a number. */
export function fastFftSize(atLeast: number): number {
  for (let size = Math.max(1, Math.ceil(atLeast)); ; size++) if (factorsOf(size).every((f) => f <= 5)) return size;
}

/** @param size any; a large prime factor costs about half of it in operations more for each element */
export function fftPlan(size: number, arena: Arena): FftPlan {
  const factors = factorsOf(size);
  const plan = { size, factors: arena.i32(factors.length + 1), twiddles: arena.f64(2 * size) };
  plan.factors.set(factors);
  for (let k = 0; k < size; k++) {
    plan.twiddles[2 * k] = Math.cos((2 * Math.PI * k) / size);
    plan.twiddles[2 * k + 1] = -Math.sin((2 * Math.PI * k) / size);
  }
  return plan;
}

function factorsOf(size: number): number[] {
  const factors: number[] = [];
  let rest = size;
  const divide = (factor: number): void => {
    for (; rest % factor === 0; rest /= factor) factors.push(factor);
  };
  [4, 2, 3, 5].forEach(divide);
  for (let factor = 7; factor * factor <= rest; factor += 2) divide(factor);
  if (rest > 1) factors.push(rest);
  return factors;
}

/** Calls that a step is cut into: enough for any number of threads, and the same for every number. */
const PARTS = 16;

/** Calls for lines 0 to `count - 1`, in stretches whose ends are multiples of `multiple`. */
export function inParts(
  count: number,
  multiple: number,
  call: (first: number, last: number) => KernelCall,
): KernelCall[] {
  const size = Math.ceil(count / PARTS / multiple) * multiple;
  const calls: KernelCall[] = [];
  for (let first = 0; first < count; first += size) calls.push(call(first, Math.min(count, first + size)));
  return calls;
}

/** Spectrum of a real grid: only x from 0 to `size / 2`, since the rest are mirror images. */
export interface Spectrum {
  /** Element (x, y, z) lies at `x + pitch * (y + sizeY * z)`. */
  readonly re: Float64Array;
  readonly im: Float64Array;
}

/** Fourier transforms of real three-dimensional grids of one size, on all threads; in double precision. */
export class RealFft {
  /** Distance between rows of a spectrum: size[0] / 2 + 1, rounded up to a multiple of 4. What is between is zero. */
  readonly pitch: number;
  private readonly half: number;
  private readonly plans: readonly FftPlan[];

  /**
   * Takes its tables from the arena, as all methods take their arrays: mind the scope.
   *
   * @param size of the grid along x, y, z; sizes that `fastFftSize` gives are transformed fastest
   * @param axes 2 transforms each slice by itself
   */
  constructor(
    private readonly kernels: Kernels,
    readonly size: Triple,
    readonly axes: 2 | 3 = 3,
  ) {
    this.half = (size[0] >> 1) + 1;
    this.pitch = Math.ceil(this.half / 4) * 4;
    const plan = (n: number): FftPlan => fftPlan(n, kernels.arena);
    this.plans = size.slice(0, axes).map(plan);
  }

  /**
   * Forward transform, not scaled.
   *
   * @param values x-fastest
   * @param shape of `values`, at most the size: zeros follow behind
   */
  forward(values: Float64Array, [nx, ny, nz]: Triple): Spectrum {
    const { kernels, pitch, half, size } = this;
    const { arena } = kernels;
    const source = arena.copy(values);
    const flat = this.spectrum(ny * nz);
    this.each(0, ny * nz, 2, (first, last, plan, work) =>
      kernels.call(
        'fft',
        'rows',
        source,
        flat.re,
        flat.im,
        nx,
        0,
        half,
        pitch,
        first,
        last,
        plan.size,
        plan.factors,
        plan.twiddles,
        work,
      ),
    );
    const square = ny === size[1] ? flat : this.spectrum(size[1] * nz);
    this.along(1, flat, square, pitch, ny, size[1], pitch * nz);
    if (this.axes === 2) return square;
    const full = nz === size[2] ? square : this.spectrum(size[1] * size[2]);
    this.along(2, square, full, pitch * size[1], nz, size[2], pitch * size[1]);
    return full;
  }

  /**
   * Inverse transform, scaled so that it undoes `forward`. The spectrum is used up.
   *
   * @param shape of the corner of the grid that is wanted, at most the size
   */
  back(spectrum: Spectrum, [nx, ny, nz]: Triple): Float64Array {
    const { kernels, pitch, size } = this;
    const turned = { re: spectrum.im, im: spectrum.re }; // the inverse is the forward transform of this
    if (this.axes === 3) this.along(2, turned, turned, pitch * size[1], size[2], size[2], pitch * size[1]);
    this.along(1, turned, turned, pitch, size[1], size[1], pitch * nz);
    const values = kernels.arena.f64(nx * ny * nz);
    const scale = 1 / (size[0] * size[1] * (this.axes === 3 ? size[2] : 1));
    kernels.arena.scope(() => {
      const plan = this.plans[0];
      const slices = Array.from({ length: nz }, (_, z) => {
        const from = pitch * size[1] * z;
        return kernels.call(
          'fft',
          'rowsBack',
          spectrum.re.subarray(from),
          spectrum.im.subarray(from),
          values.subarray(nx * ny * z),
          pitch,
          nx,
          scale,
          0,
          ny,
          plan.size,
          plan.factors,
          plan.twiddles,
          kernels.arena.f64(FFT_WORK * plan.size),
        );
      });
      kernels.run(slices);
    });
    return values;
  }

  private along(
    axis: 0 | 1 | 2,
    from: Spectrum,
    to: Spectrum,
    inner: number,
    length: number,
    kept: number,
    lines: number,
  ): void {
    this.each(axis, lines, 4, (first, last, plan, work) =>
      this.kernels.call(
        'fft',
        'axis',
        from.re,
        from.im,
        to.re,
        to.im,
        inner,
        length,
        kept,
        first,
        last,
        plan.size,
        plan.factors,
        plan.twiddles,
        work,
      ),
    );
  }

  private each(
    axis: 0 | 1 | 2,
    lines: number,
    multiple: number,
    call: (first: number, last: number, plan: FftPlan, work: Float64Array) => KernelCall,
  ): void {
    const plan = this.plans[axis];
    this.kernels.arena.scope(() => {
      this.kernels.run(
        inParts(lines, multiple, (first, last) =>
          call(first, last, plan, this.kernels.arena.f64(FFT_WORK * plan.size)),
        ),
      );
    });
  }

  private spectrum(rows: number): Spectrum {
    const { arena } = this.kernels;
    return { re: arena.f64(this.pitch * rows), im: arena.f64(this.pitch * rows) };
  }
}
