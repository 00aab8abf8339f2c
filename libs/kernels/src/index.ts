export { DIRECTIONS_2D, DIRECTIONS_3D, stepOffset, type Step } from './directions.js';
export { accumulatePairsInPlace, accumulateRunsInPlace } from './texture.js';
