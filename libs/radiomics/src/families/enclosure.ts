import { ellipsoidArea, enclosingEllipsoid } from '../ellipsoid.js';
import { type FamilyValues, NoValue } from '../feature-value.js';
import { meshHullInMm } from '../mesh-hull.js';
import { minimumBox } from '../minimum-box.js';
import type { Region } from '../region.js';
import { measureSurface } from '../surface-mesh.js';

/**
 * How much of the smallest box in any direction (OMBB) and of the smallest ellipsoid (MVEE) round its mesh a region
 * fills, by volume and by surface. IBSI has no reference values for these four: how the box is found is left open.
 */
export function enclosure({ mask, shape, spacingMm }: Region): FamilyValues {
  const { area, volume } = measureSurface(mask, shape, spacingMm);
  const { vertices, triangles } = meshHullInMm(mask, shape, spacingMm);
  const [a, b, c] = minimumBox(vertices, triangles);
  const ellipsoid = enclosingEllipsoid(vertices);
  const [p, q, r] = ellipsoid.value;
  const open = new NoValue('refused', 'the search for the smallest ellipsoid did not end');
  return {
    morph_vol_dens_ombb: volume / (a * b * c),
    morph_area_dens_ombb: area / (2 * (a * b + a * c + b * c)),
    morph_vol_dens_mvee: ellipsoid.isConverged ? volume / ((4 / 3) * Math.PI * p * q * r) : open,
    morph_area_dens_mvee: ellipsoid.isConverged ? area / ellipsoidArea(p, q, r) : open,
  };
}
