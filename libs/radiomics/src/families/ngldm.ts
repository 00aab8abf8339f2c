import type { MatrixFeatures } from './aggregate.js';
import { emphases } from './level-matrix.js';
import { NEIGHBOUR_COLUMNS, type NeighbourCounts } from './neighbours.js';

const DEPENDENCES = Float64Array.from({ length: NEIGHBOUR_COLUMNS }, (_, n) => n + 1);

/** Neighbouring grey level dependence (IBSI REK0), distance 1, coarseness 0; a voxel depends on itself. */
export const ngldm: MatrixFeatures<NeighbourCounts> = ({ dependences, voxelCount }, { levelOf }) =>
  emphases({ counts: dependences, levelOf, columnOf: DEPENDENCES, visits: voxelCount });
