import type { GridGeometry, Mask, Volume } from '@concord/imaging';
import type { Kernels } from '@concord/kernels';
import { InvalidSettingsError } from '../errors.js';
import { discretise } from '../pyradiomics/bins.js';
import { derivedImages, type DerivedImage } from '../pyradiomics/derived-images.js';
import { Diagnostics } from '../pyradiomics/diagnostics.js';
import { prepare } from '../pyradiomics/extract.js';
import { firstOrder } from '../pyradiomics/first-order.js';
import { glcm } from '../pyradiomics/glcm.js';
import { gldm } from '../pyradiomics/gldm.js';
import { glrlm } from '../pyradiomics/glrlm.js';
import { glszm } from '../pyradiomics/glszm.js';
import { ngtdm } from '../pyradiomics/ngtdm.js';
import type { PyradiomicsParameters } from '../pyradiomics/parameters.js';
import { resegmentMask } from '../pyradiomics/resegment.js';
import { checkedBox, cutRoi, type Box, type Roi } from '../pyradiomics/roi.js';
import type { PyradiomicsSettings } from '../pyradiomics/settings.js';
import type { TextureInput } from '../pyradiomics/texture-input.js';
import { KernelWindow } from './kernel-window.js';
import type { VoxelSettings } from './voxel-settings.js';

/** The values of a feature at every voxel. */
export interface FeatureMap extends GridGeometry {
  /** As PyRadiomics names it: `original_glcm_JointEntropy`. */
  readonly name: string;
  readonly data: Float64Array;
  /** Voxels of the region at which the feature has no value. */
  readonly undefinedCount: number;
}

export interface FeatureMaps {
  readonly maps: readonly FeatureMap[];
  /** Sentences without any patient-level value. */
  readonly warnings: readonly string[];
}

const TEXTURE_CLASSES = { glcm, gldm, glrlm, glszm, ngtdm } as const;
const MOST_RADIUS = 50;

/**
 * Features of the neighbourhood of each voxel of a region, with the semantics of PyRadiomics 3 (`voxelBased`): bins are laid
 * once, over the region or, with an unmasked kernel, over its box and `kernelRadius` voxels about it.
 *
 * Differences: a map covers the grid of the image after resampling, not the region's box alone; where PyRadiomics writes
 * NaN, `initValue` stands. Shapes have no map. Cost: the features' own, times the voxels of the region.
 *
 * @throws as `extractPyradiomics`; {InvalidSettingsError} if the radius is no whole number from 1 to 50
 */
export function featureMaps(
  volume: Volume,
  mask: Mask,
  parameters: PyradiomicsParameters,
  voxelSettings: VoxelSettings,
  kernels: Kernels,
): FeatureMaps {
  const { kernelRadius: radius, maskedKernel } = voxelSettings;
  if (!(Number.isInteger(radius) && radius >= 1 && radius <= MOST_RADIUS)) {
    const what = `kernelRadius must be a whole number from 1 to ${MOST_RADIUS}`;
    throw new InvalidSettingsError(what, 'voxelSetting.kernelRadius', 'Give 1 or 2.');
  }
  const { settings } = parameters;
  const warnings = parameters.warnings.filter((text) => !text.startsWith('voxelSetting')); // it has an effect here
  const { image, mask: whole } = prepare(volume, mask, settings, new Diagnostics(parameters), kernels);
  const region =
    settings.resegmentRange === null
      ? whole
      : resegmentMask(image, whole, settings.resegmentRange, settings.resegmentMode);
  const box = checkedBox(region, image.shape, settings);
  const around = grown(box, radius, image.shape);
  const counted = maskedKernel ? region : new Uint8Array(region.length).fill(1);
  const roi = cutRoi(counted, image.shape, image.spacingMm, around, radius);
  const centres = cutRoi(region, image.shape, image.spacingMm, around, radius);
  const maps: FeatureMap[] = [];
  for (const { type, settings: own } of parameters.imageTypes) {
    for (const derived of derivedImages(type, image, roi, own, warnings)) {
      const mapped = mapsOf(derived, roi, centres, own, parameters, voxelSettings);
      for (const [name, values] of mapped) maps.push(placed(name, values, centres, image, voxelSettings.initValue));
    }
  }
  const gaps = maps.filter(({ undefinedCount }) => undefinedCount > 0);
  for (const { name, undefinedCount } of gaps) {
    warnings.push(`${name} has no value at ${undefinedCount} voxel(s), which hold ${voxelSettings.initValue}`);
  }
  return { maps, warnings: [...new Set(warnings)] };
}

function grown({ low, size }: Box, margin: number, shape: readonly number[]): Box {
  const first = (axis: number): number => Math.max(0, low[axis] - margin);
  const count = (axis: number): number => Math.min(shape[axis], low[axis] + size[axis] + margin) - first(axis);
  return { low: [first(0), first(1), first(2)], size: [count(0), count(1), count(2)] };
}

/** Values of every feature that is asked for, at each of the centres. */
function mapsOf(
  { name: image, intensities }: DerivedImage,
  roi: Roi,
  centres: Roi,
  settings: PyradiomicsSettings,
  { featureClasses }: PyradiomicsParameters,
  { kernelRadius }: VoxelSettings,
): Map<string, Float64Array> {
  const classes = featureClasses.filter(({ name }) => !name.startsWith('shape'));
  const count = centres.voxels.length;
  const maps = new Map<string, Float64Array>();
  for (const { name, features } of classes) {
    for (const feature of features) maps.set(`${image}_${name}_${feature}`, new Float64Array(count).fill(NaN));
  }
  if (!intensities.every(Number.isFinite)) return maps; // a filter without a value somewhere: no bins
  const levels = discretise(intensities, settings);
  const window = new KernelWindow(roi, intensities, levels, settings, kernelRadius);
  const [sx, sy, sz] = roi.spacingMm;
  for (let n = 0; n < count; n++) {
    const kernel = window.at(centres.voxels[n]);
    if (kernel === null) continue;
    for (const { name, features } of classes) {
      const values =
        name === 'firstorder'
          ? firstOrder(kernel.intensities, kernel.input.levels, sx * sy * sz, settings.voxelArrayShift)
          : TEXTURE_CLASSES[name as keyof typeof TEXTURE_CLASSES](
              name === 'glcm' ? asOneOfSeveral(kernel.input, levels.levelOf) : kernel.input,
            );
      for (const feature of features) maps.get(`${image}_${name}_${feature}`)![n] = values[feature] ?? NaN; // set above
    }
  }
  return maps;
}

/**
 * A neighbourhood of one level, with another one of the region that does not occur in it: to PyRadiomics, whose matrices have
 * all levels of the region, only a flat region has a maximal correlation of 1.
 */
function asOneOfSeveral(input: TextureInput, all: Float64Array): TextureInput {
  const { levels } = input;
  if (levels.levelOf.length > 1 || all.length === 1) return input;
  const other = all[0] === levels.levelOf[0] ? all[1] : all[0];
  return { ...input, levels: { ...levels, levelOf: Float64Array.of(levels.levelOf[0], other) } };
}

/** Values at the centres on the grid of the image. */
function placed(
  name: string,
  values: Float64Array,
  centres: Roi,
  { shape, affine }: GridGeometry,
  initValue: number,
): FeatureMap {
  const data = new Float64Array(shape[0] * shape[1] * shape[2]).fill(initValue);
  let undefinedCount = 0;
  for (let n = 0; n < values.length; n++) {
    if (Number.isFinite(values[n])) data[centres.sources[n]] = values[n];
    else undefinedCount++;
  }
  return { name, shape, affine, data, undefinedCount };
}
