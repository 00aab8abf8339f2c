import type { Mask, Triple, Volume } from '@concord/imaging';
import type { Kernels } from '@concord/kernels';
import { describeIntensities, type ExtractionDiagnostics } from './diagnostics.js';
import { prepareRegion } from './prepare.js';
import { rightAngledSpacing } from './region.js';
import type { ExtractionSettings } from './settings.js';

/**
 * Facts about the image before and after interpolation; its intensities only where the settings ask for them, since the
 * whole image is interpolated for that.
 *
 * @param gridShape of the interpolated image, which the region's grid is part of
 */
export function describeImages(
  volume: Volume,
  gridShape: Triple,
  spacingMm: Triple,
  settings: ExtractionSettings,
  kernels: Kernels,
): Pick<ExtractionDiagnostics, 'initialImage' | 'interpolatedImage'> {
  const unknown = { mean: null, minimum: null, maximum: null };
  const whole = settings.diagnostics === 'image' ? prepareRegion(volume, allOf(volume), settings, kernels) : null;
  return {
    initialImage: {
      shape: volume.shape,
      spacingMm: rightAngledSpacing(volume, 'image'),
      ...(whole === null ? unknown : describeIntensities(whole.initial)),
    },
    interpolatedImage: {
      shape: gridShape,
      spacingMm,
      ...(whole === null ? unknown : describeIntensities(whole.interpolated)),
    },
  };
}

/** The image as a region: every voxel that is a number. */
function allOf({ shape, affine, data }: Volume): Mask {
  return { shape, affine, data: Uint8Array.from(data, (x) => (Number.isFinite(x) ? 1 : 0)), label: 'image' };
}
