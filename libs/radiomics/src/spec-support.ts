import { fileProvenance, type Mask, type Triple, type Volume } from '@concord/imaging';
import { createKernels } from '@concord/kernels';
import { extractFeatures as extractWith, type ExtractionSettings, type FeatureVector } from './index.js';

/** Of all specs in a file; each file is loaded anew. */
export const kernels = createKernels();

export function extractFeatures(volume: Volume, mask: Mask, settings: ExtractionSettings): FeatureVector {
  return extractWith(volume, mask, settings, kernels);
}

/** Rows of a CSV text without quotes, by column name. */
export function readCsv(text: string): Record<string, string>[] {
  const [header, ...lines] = text.trim().split(/\r?\n/);
  const names = header.split(',');
  return lines.map((line) => {
    const cells = line.split(',');
    return Object.fromEntries(names.map((name, n) => [name, cells[n]]));
  });
}

/** IBSI's rule: rounded to 3 significant digits, at most the tolerance away. */
export function isWithinTolerance(value: number, reference: number, tolerance: number): boolean {
  const rounded = Number(value.toPrecision(3));
  // The slack is for decimal fractions that doubles cannot hold (0.843 - 0.838 > 0.005).
  return Math.abs(rounded - reference) <= tolerance + 1e-9 * Math.abs(reference);
}

/** A volume with its axes along the patient's. */
export function volumeOf(shape: Triple, spacingMm: Triple, values: ArrayLike<number>): Volume {
  const [sx, sy, sz] = spacingMm;
  return {
    shape,
    affine: Float64Array.of(sx, 0, 0, 0, 0, sy, 0, 0, 0, 0, sz, 0, 0, 0, 0, 1),
    data: Float64Array.from(values),
    unit: 'arbitrary',
    provenance: fileProvenance([], []),
  };
}

/** A region on the grid of a volume. */
export function maskOf(volume: Volume, values: ArrayLike<number>): Mask {
  return { shape: volume.shape, affine: volume.affine, data: Uint8Array.from(values), label: 'region' };
}

/** IBSI's digital phantom and its region, from the text of its `voxels.csv`. */
export function digitalPhantom(voxels: string): { volume: Volume; mask: Mask } {
  const rows = readCsv(voxels);
  const volume = volumeOf(
    [5, 4, 4],
    [2, 2, 2],
    rows.map((row) => Number(row['intensity'])),
  );
  return {
    volume,
    mask: maskOf(
      volume,
      rows.map((row) => Number(row['mask'])),
    ),
  };
}
