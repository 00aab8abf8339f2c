import type { Triple } from '@concord/imaging';
import { inParts, type Kernels, type Spectrum } from '@concord/kernels';

/**
 * Fourier transforms of real grids of any size, as `RealFft` makes them of sizes without large prime factors: here as
 * products with matrices of cosines and sines, which costs some hundred operations more a voxel.
 */
export class DenseTransform {
  /** Distance between rows of a spectrum. */
  readonly pitch: number;

  /** @param axes 2 transforms each slice by itself */
  constructor(
    private readonly kernels: Kernels,
    readonly size: Triple,
    readonly axes: 2 | 3,
  ) {
    this.pitch = (size[0] >> 1) + 1;
  }

  /** Forward transform, not scaled; of a grid of the transform's size. */
  forward(values: Float64Array): Spectrum {
    const { pitch, size } = this;
    const table = (wave: (turn: number) => number) => turns(pitch, size[0], (k, n) => wave(angle(k, n, size[0])));
    let re = this.product(values, 1, size[0], pitch, table(Math.cos));
    let im = this.product(
      values,
      1,
      size[0],
      pitch,
      table((turn) => -Math.sin(turn)),
    );
    for (const axis of this.axes === 3 ? [1, 2] : [1]) [re, im] = this.along(axis, re, im, 1);
    return { re, im };
  }

  /** Inverse transform, scaled so that it undoes `forward`. */
  back(spectrum: Spectrum): Float64Array {
    const { pitch, size } = this;
    let { re, im } = spectrum;
    for (const axis of this.axes === 3 ? [2, 1] : [1]) [re, im] = this.along(axis, re, im, -1);
    const scale = 1 / (size[0] * size[1] * (this.axes === 3 ? size[2] : 1));
    // Each frequency stands for its mirror image too, but the first and, of an even size, the last.
    const weight = (k: number): number => (k === 0 || 2 * k === size[0] ? scale : 2 * scale);
    const table = (wave: (turn: number) => number) =>
      turns(size[0], pitch, (n, k) => weight(k) * wave(angle(k, n, size[0])));
    const values = this.product(re, 1, pitch, size[0], table(Math.cos));
    this.add(
      this.product(
        im,
        1,
        pitch,
        size[0],
        table((turn) => -Math.sin(turn)),
      ),
      values,
      1,
    );
    return values;
  }

  /** A complex transform along y or z. */
  private along(axis: number, re: Float64Array, im: Float64Array, sign: 1 | -1): [Float64Array, Float64Array] {
    const count = this.size[axis];
    const inner = axis === 1 ? this.pitch : this.pitch * this.size[1];
    const cosines = turns(count, count, (k, n) => Math.cos(angle(k, n, count)));
    const sines = turns(count, count, (k, n) => Math.sin(angle(k, n, count)));
    const newRe = this.product(re, inner, count, count, cosines);
    const newIm = this.product(im, inner, count, count, cosines);
    this.kernels.arena.scope(() => this.add(this.product(im, inner, count, count, sines), newRe, sign));
    this.kernels.arena.scope(() => this.add(this.product(re, inner, count, count, sines), newIm, -sign));
    return [newRe, newIm];
  }

  /** Products of a matrix, row after row, with every line along an axis. */
  private product(
    from: Float64Array,
    inner: number,
    oldCount: number,
    newCount: number,
    table: Float64Array,
  ): Float64Array {
    const { kernels } = this;
    const rows = (from.length / inner / oldCount) * newCount;
    const to = kernels.arena.f64(rows * inner);
    kernels.arena.scope(() => {
      const starts = kernels.arena.i32(newCount);
      const weights = kernels.arena.copy(table);
      kernels.run(
        inParts(rows, 1, (first, last) =>
          kernels.call('resample', 'mix', from, to, inner, oldCount, newCount, starts, weights, oldCount, first, last),
        ),
      );
    });
    return to;
  }

  private add(from: Float64Array, to: Float64Array, scale: number): void {
    const { kernels } = this;
    kernels.run(
      inParts(to.length, 1024, (first, last) => kernels.call('filters', 'addScaled', from, to, scale, first, last)),
    );
  }
}

/** A matrix, row after row. */
function turns(rows: number, columns: number, element: (row: number, column: number) => number): Float64Array {
  return Float64Array.from({ length: rows * columns }, (_, at) => element(Math.floor(at / columns), at % columns));
}

/** Of frequency k at place n; the remainder first, so that no digits are lost. */
function angle(k: number, n: number, count: number): number {
  return (2 * Math.PI * ((k * n) % count)) / count;
}
