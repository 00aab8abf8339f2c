import type { ModuleName } from '../twins.js';
import { fftSource, fftWasm } from './fft.js';
import { filtersSource, filtersWasm } from './filters.js';
import { intensitiesSource, intensitiesWasm } from './intensities.js';
import { resampleSource, resampleWasm } from './resample.js';
import { shapeSource, shapeWasm } from './shape.js';
import { textureSource, textureWasm } from './texture.js';

/** The compiled modules, Base64. */
export const WASM: Readonly<Record<ModuleName, string>> = {
  fft: fftWasm,
  filters: filtersWasm,
  intensities: intensitiesWasm,
  resample: resampleWasm,
  shape: shapeWasm,
  texture: textureWasm,
};

/** SHA-256 of the source each was compiled from. */
export const WASM_SOURCES: Readonly<Record<ModuleName, string>> = {
  fft: fftSource,
  filters: filtersSource,
  intensities: intensitiesSource,
  resample: resampleSource,
  shape: shapeSource,
  texture: textureSource,
};
