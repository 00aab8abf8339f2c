export const FAMILIES = ['morphology', 'statistics', 'histogram', 'glcm', 'glrlm'] as const;
export type Family = (typeof FAMILIES)[number];

/** How the texture matrices of the directions become one value, as IBSI names it. */
export const AGGREGATIONS = [
  '2D:avg',
  '2D:slice_merged',
  '2.5D:direction_merged',
  '2.5D:merged',
  '3D:avg',
  '3D:merged',
] as const;
export type Aggregation = (typeof AGGREGATIONS)[number];

/** `intensity` is the unit of the image: HU, SUV or arbitrary. */
export type FeatureUnit = '1' | 'mm' | 'mm2' | 'mm3' | '1/mm' | 'intensity' | 'intensity2' | 'intensity.mm3';

export function isTexture(family: Family): boolean {
  return family === 'glcm' || family === 'glrlm';
}
