import type { Triple } from '../volume.js';

/** Makes NaN of values that are no measurement: padding values, and what is no finite number. */
export function markUnmeasuredInPlace(values: Float64Array, paddingValues: readonly number[]): void {
  for (let n = 0; n < values.length; n++) {
    if (!Number.isFinite(values[n]) || paddingValues.includes(values[n])) values[n] = NaN;
  }
}

/**
 * Gives each NaN the nearest number along x (of two equally near the one before), then along y and z what is left of
 * them: for filters, and for splines, whose reach has no end. Without any number all become 0.
 */
export function fillUnmeasuredInPlace(values: Float64Array, [nx, ny, nz]: Triple): void {
  for (let row = 0; row < ny * nz; row++) fillLine(values, row * nx, 1, nx);
  for (let k = 0; k < nz; k++) for (let i = 0; i < nx; i++) fillLine(values, i + nx * ny * k, nx, ny);
  for (let n = 0; n < nx * ny; n++) fillLine(values, n, nx * ny, nz);
  for (let n = 0; n < values.length; n++) if (Number.isNaN(values[n])) values[n] = 0;
}

function fillLine(values: Float64Array, start: number, step: number, count: number): void {
  let before = -1; // the last number met
  for (let n = 0; n < count; n++) {
    if (!Number.isNaN(values[start + n * step])) {
      before = n;
      continue;
    }
    let after = n + 1;
    while (after < count && Number.isNaN(values[start + after * step])) after++;
    for (let gap = n; gap < after; gap++) {
      const isBefore = before >= 0 && (after === count || gap - before <= after - gap);
      if (isBefore) values[start + gap * step] = values[start + before * step];
      else if (after < count) values[start + gap * step] = values[start + after * step];
    }
    n = after - 1;
  }
}
