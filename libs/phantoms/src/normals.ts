import type { RandomSource } from '@concord/numeric';

// Bound once: in the virtual machine tests run in, each look-up of a global costs as much as the arithmetic of a voxel.
const { log, sqrt } = Math;

/** Fills an array with standard normal numbers by the polar method (Marsaglia and Bray 1964), two at a time. */
export function fillWithNormals(source: RandomSource, values: Float32Array): void {
  for (let index = 0; index < values.length; index += 2) {
    let x: number;
    let y: number;
    let square: number;
    do {
      x = 2 * source.next() - 1;
      y = 2 * source.next() - 1;
      square = x * x + y * y;
    } while (square >= 1 || square === 0);
    const scale = sqrt((-2 * log(square)) / square);
    values[index] = x * scale;
    if (index + 1 < values.length) values[index + 1] = y * scale;
  }
}
