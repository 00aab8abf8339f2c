import type { MatrixFeatures } from './aggregate.js';
import { emphases } from './level-matrix.js';
import { zoneMatrix, type Zones } from './zones.js';

/** Grey level size zone (IBSI 9SAK): zones are 26-connected in space, 8-connected within slices. */
export const glszm: MatrixFeatures<Zones> = (zones, { levelOf }) =>
  emphases(zoneMatrix(zones, zones.sizes, levelOf)).slice(0, 16);
