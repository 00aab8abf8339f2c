import { connectedLesions, toPatient, type GridGeometry, type Triple } from '@concord/imaging';
import { createHash } from 'node:crypto';
import type { WorkingImage } from './image.js';
import type { PyradiomicsParameters } from './parameters.js';
import { pythonFloats, pythonIntegers, pythonText } from './python-text.js';
import { boxOf, cutRoi, type Box } from './roi.js';
import { DEFAULT_SETTINGS } from './settings.js';

/** Value of a column: a number, a text as PyRadiomics prints it, or nothing. */
export type ColumnValue = number | string | null;

/** PyRadiomics' diagnostics, in its order, by its names. */
export class Diagnostics {
  readonly columns: Record<string, ColumnValue> = {};

  constructor({ given }: PyradiomicsParameters) {
    this.add('Versions_PyRadiomics', 'Concord, as PyRadiomics 3.0.1');
    for (const name of ['Numpy', 'SimpleITK', 'PyWavelet', 'Python']) this.add(`Versions_${name}`, null);
    const defaults = DEFAULTS_SHOWN.map((name) => [name, withIntegers(DEFAULT_SETTINGS[name])]);
    this.add('Configuration_Settings', pythonText({ ...Object.fromEntries(defaults), ...given.setting }));
    this.add('Configuration_EnabledImageTypes', pythonText(withoutNothing(given.imageType)));
  }

  addImage(image: WorkingImage, stage: 'original' | 'interpolated'): void {
    if (stage === 'original') {
      this.add('Image-original_Hash', hashOf(image.data));
      this.add('Image-original_Dimensionality', '3D');
    }
    const { mean, low, high } = describe(image.data, null);
    this.add(`Image-${stage}_Spacing`, pythonFloats(image.spacingMm));
    this.add(`Image-${stage}_Size`, pythonIntegers(image.shape));
    this.add(`Image-${stage}_Mean`, mean);
    this.add(`Image-${stage}_Minimum`, low);
    this.add(`Image-${stage}_Maximum`, high);
  }

  /** @param image null where PyRadiomics does not look at it yet */
  addMask(
    mask: Uint8Array,
    grid: GridGeometry & { readonly spacingMm: Triple },
    image: WorkingImage | null,
    stage: 'original' | 'corrected' | 'interpolated' | 'resegmented',
  ): void {
    const prefix = `Mask-${stage}`;
    const box = boxOf(mask, grid.shape)!; // every stage was checked to have a voxel
    const centre = centreOf(mask, grid.shape);
    // A label image's own hash: the region alone does not have it.
    if (stage === 'original') this.add(`${prefix}_Hash`, null);
    this.add(`${prefix}_Spacing`, pythonFloats(grid.spacingMm));
    this.add(`${prefix}_Size`, pythonIntegers(grid.shape));
    this.add(`${prefix}_BoundingBox`, pythonIntegers([...box.low, ...box.size]));
    this.add(`${prefix}_VoxelNum`, centre.count);
    this.add(`${prefix}_VolumeNum`, partsOf(mask, grid, box));
    this.add(`${prefix}_CenterOfMassIndex`, pythonFloats(centre.index));
    this.add(`${prefix}_CenterOfMass`, pythonFloats(toPatient(grid.affine, ...centre.index)));
    if (image === null) return;
    const { mean, low, high } = describe(image.data, mask);
    this.add(`${prefix}_Mean`, mean);
    this.add(`${prefix}_Minimum`, low);
    this.add(`${prefix}_Maximum`, high);
  }

  private add(name: string, value: ColumnValue): void {
    this.columns[`diagnostics_${name}`] = value;
  }
}

/** The defaults that PyRadiomics' extractor lists, in its order. */
const DEFAULTS_SHOWN = [
  'minimumROIDimensions',
  'minimumROISize',
  'normalize',
  'normalizeScale',
  'removeOutliers',
  'resampledPixelSpacing',
  'interpolator',
  'preCrop',
  'padDistance',
  'distances',
  'force2D',
  'force2Ddimension',
  'resegmentRange',
  'label',
  'additionalInfo',
] as const;

/** All numbers among the defaults are Python's integers. */
function withIntegers(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withIntegers);
  return typeof value === 'number' ? BigInt(value) : value;
}

function withoutNothing(types: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(types).map(([type, settings]) => [type, settings ?? {}]));
}

/** SHA-1 of the numbers' bytes, which equals SimpleITK's where both keep the same type of number. */
function hashOf(data: WorkingImage['data']): string {
  return createHash('sha1')
    .update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
    .digest('hex');
}

function describe(data: ArrayLike<number>, mask: Uint8Array | null) {
  let count = 0;
  let sum = 0;
  let low = Infinity;
  let high = -Infinity;
  for (let n = 0; n < data.length; n++) {
    if (mask !== null && mask[n] !== 1) continue;
    const value = data[n];
    count++;
    sum += value;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return { mean: sum / count, low, high };
}

/** Parts of a region that touch at no face, edge or corner. */
function partsOf(mask: Uint8Array, { shape, affine }: GridGeometry, box: Box): number {
  const roi = cutRoi(mask, shape, [1, 1, 1], box, 0);
  return connectedLesions({ data: roi.mask, shape: roi.shape, affine, label: '' }).length;
}

function centreOf(mask: Uint8Array, [nx, ny]: Triple): { count: number; index: [number, number, number] } {
  let count = 0;
  let [x, y, z] = [0, 0, 0];
  for (let n = mask.indexOf(1); n >= 0; n = mask.indexOf(1, n + 1)) {
    const row = Math.floor(n / nx);
    count++;
    x += n - nx * row;
    y += row % ny;
    z += Math.floor(row / ny);
  }
  return { count, index: [x / count, y / count, z / count] };
}
