/** `spatial`, though IBSI counts it as morphology, is a family of its own: it costs more than all others. */
export const FAMILIES = ['morphology', 'spatial', 'local', 'statistics', 'histogram', 'ivh', 'glcm', 'glrlm'] as const;
export type Family = (typeof FAMILIES)[number];

/**
 * How texture matrices become one value, as IBSI names it: the first six for families that count along directions, the
 * last three for those of zones and neighbourhoods.
 */
export const AGGREGATIONS = [
  '2D:avg',
  '2D:slice_merged',
  '2.5D:direction_merged',
  '2.5D:merged',
  '3D:avg',
  '3D:merged',
  '2D',
  '2.5D',
  '3D',
] as const;
export type Aggregation = (typeof AGGREGATIONS)[number];

/** `intensity` is the unit of the image: HU, SUV or arbitrary. */
export type FeatureUnit = '1' | 'mm' | 'mm2' | 'mm3' | '1/mm' | 'intensity' | 'intensity2' | 'intensity.mm3';

const DIRECTIONAL: readonly Family[] = ['glcm', 'glrlm'];

export function isTexture(family: Family): boolean {
  return aggregationsOf(family).length > 0;
}

/** Whether a family is computed on grey levels, so once for each discretisation. */
export function isDiscretised(family: Family): boolean {
  return family === 'histogram' || isTexture(family);
}

/** The aggregations that a family knows. */
export function aggregationsOf(family: Family): readonly Aggregation[] {
  if (DIRECTIONAL.includes(family)) return AGGREGATIONS.slice(0, 6);
  return [];
}
