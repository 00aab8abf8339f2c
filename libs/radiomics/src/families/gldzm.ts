import type { MatrixFeatures } from './aggregate.js';
import { emphases } from './level-matrix.js';
import { zoneMatrix, type Zones } from './zones.js';

/**
 * Grey level distance zone (IBSI VMDZ): the zones of GLSZM by their distance, the least number of steps through faces
 * (edges within slices) from a voxel of the zone to the outside of the morphological mask.
 */
export const gldzm: MatrixFeatures<Zones> = (zones, { levelOf }) =>
  emphases(zoneMatrix(zones, zones.distances, levelOf)).slice(0, 16);
