export type { Arena, KernelArray } from './arena.js';
export { DIRECTIONS_2D, DIRECTIONS_3D, stepOffset, type Step } from './directions.js';
export { KernelMemoryError } from './errors.js';
export { createKernels, type KernelCall, type KernelOptions, Kernels } from './kernels.js';
