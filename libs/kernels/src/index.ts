export type { Arena, KernelArray } from './arena.js';
export { DIRECTIONS_2D, DIRECTIONS_3D, stepOffset, type Step } from './directions.js';
export { fastFftSize, fftPlan, FFT_WORK, type FftPlan, inParts, RealFft, type Spectrum } from './fft.js';
export { KernelMemoryError } from './errors.js';
export { WASM_SOURCES as KERNEL_DIGESTS } from './wasm/index.js';
export { createKernels, type KernelCall, type KernelOptions, Kernels } from './kernels.js';
