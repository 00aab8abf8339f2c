import { gradientMagnitude } from './gradient.js';
import type { WorkingImage } from './image.js';
import { laplacianOfGaussian } from './laplacian-of-gaussian.js';
import { localBinaryPattern2d } from './lbp-2d.js';
import { localBinaryPattern3d } from './lbp-3d.js';
import type { ImageType } from './parameters.js';
import { largestMagnitude, POINT_FILTERS } from './point-filters.js';
import type { Roi } from './roi.js';
import type { PyradiomicsSettings, Sigma } from './settings.js';
import { waveletBands } from './wavelet.js';

/** An image to compute features on: the intensities of the region's voxels. */
export interface DerivedImage {
  readonly name: string;
  readonly intensities: Float64Array;
}

/**
 * The images of one type, in PyRadiomics' order and by its names. Filters look at the whole image round the region, as it is
 * after normalisation, resampling and cropping.
 *
 * @param warnings sentences are added here when PyRadiomics would leave out an image
 */
export function derivedImages(
  type: ImageType,
  image: WorkingImage,
  roi: Roi,
  settings: PyradiomicsSettings,
  warnings: string[],
): DerivedImage[] {
  const point = POINT_FILTERS[type];
  if (point !== undefined) {
    const filter = point.filter(largestMagnitude(image.data));
    const intensities = picked(image.data, roi.sources);
    for (let n = 0; n < intensities.length; n++) intensities[n] = filter(intensities[n]);
    return [{ name: point.name, intensities }];
  }
  const inBox = (values: Float32Array | Float64Array): Float64Array => picked(values, roi.boxVoxels);
  switch (type) {
    case 'Original':
      return [{ name: 'original', intensities: picked(image.data, roi.sources) }];
    case 'Wavelet':
      return waveletBands(image, roi.box, settings).map(({ name, values }) => ({ name, intensities: inBox(values) }));
    case 'LoG':
      return sigmasThatFit(image, settings, warnings).map(({ mm, text }) => ({
        name: `log-sigma-${text}-mm-3D`,
        intensities: inBox(laplacianOfGaussian(image, roi.box, mm)),
      }));
    case 'Gradient': {
      const values = gradientMagnitude(image, roi.sources, settings.gradientUseSpacing);
      return [{ name: 'gradient', intensities: Float64Array.from(values) }];
    }
    case 'LBP2D':
      if (!settings.force2D) warnings.push('LBP2D looks at planes, the features are computed in 3D');
      return [{ name: 'lbp-2D', intensities: localBinaryPattern2d(image, roi.sources, settings) }];
    case 'LBP3D': {
      if (settings.force2D) warnings.push('LBP3D looks at spheres, the features are computed in 2D');
      const values = localBinaryPattern3d(image, roi.sources, settings);
      return values.map((intensities, n) => ({
        name: n === settings.lbp3DLevels ? 'lbp-3D-k' : `lbp-3D-m${n + 1}`,
        intensities,
      }));
    }
    default:
      return [];
  }
}

function picked(values: WorkingImage['data'], positions: Int32Array): Float64Array {
  const result = new Float64Array(positions.length);
  for (let n = 0; n < result.length; n++) result[n] = values[positions[n]];
  return result;
}

/** As PyRadiomics does, an image of fewer than four voxels along an axis, or than sigma spans, gets no LoG. */
function sigmasThatFit(
  { shape, spacingMm }: WorkingImage,
  { sigma }: PyradiomicsSettings,
  warnings: string[],
): Sigma[] {
  if (sigma.length === 0) warnings.push('LoG is left out: give it a list of sigma');
  return sigma.filter(({ mm, text }) => {
    const fits = shape.every((n, axis) => n >= 4 && n >= Math.ceil(mm / spacingMm[axis]) + 1);
    if (!fits) warnings.push(`LoG of sigma ${text} mm is left out: the image is too small for it`);
    return fits;
  });
}
