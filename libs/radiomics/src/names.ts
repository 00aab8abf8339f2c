/**
 * Families of their own, because they cost more than the one they belong to, or have no reference value: `enclosure` and
 * `spatial` (IBSI: morphology) and `mcc` (of the co-occurrence matrix, not in IBSI).
 */
export const FAMILIES = [
  'morphology',
  'enclosure',
  'spatial',
  'local',
  'statistics',
  'histogram',
  'ivh',
  'glcm',
  'glrlm',
  'glszm',
  'gldzm',
  'ngtdm',
  'ngldm',
  'mcc',
] as const;
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

const DIRECTIONAL: readonly Family[] = ['glcm', 'mcc', 'glrlm'];
const OF_ZONES_AND_NEIGHBOURS: readonly Family[] = ['glszm', 'gldzm', 'ngtdm', 'ngldm'];

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
  return OF_ZONES_AND_NEIGHBOURS.includes(family) ? AGGREGATIONS.slice(6) : [];
}
