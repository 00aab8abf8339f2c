import { REAL, type WorkingImage } from './image.js';

/**
 * Centres an image on its mean and divides by its standard deviation (divisor N - 1), both over the whole image, limits
 * outliers and scales, as PyRadiomics does. A flat image becomes 0.
 *
 * @param removeOutliers standard deviations beyond which a value is set to that limit, or null
 */
export function normalizeImage(image: WorkingImage, scale: number, removeOutliers: number | null): WorkingImage {
  const { data } = image;
  let sum = 0;
  for (let n = 0; n < data.length; n++) sum += data[n];
  const mean = sum / data.length;
  let squares = 0;
  for (let n = 0; n < data.length; n++) squares += (data[n] - mean) ** 2;
  const deviation = Math.sqrt(squares / (data.length - 1));
  const factor = deviation > 0 ? 1 / deviation : 0;
  const limit = removeOutliers ?? Infinity;
  const values = Float64Array.from(data, (value) => {
    const score = (value - mean) * factor;
    return (score > limit ? limit : score < -limit ? -limit : score) * scale;
  });
  return { ...image, data: values, pixelType: REAL };
}
