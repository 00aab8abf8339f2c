import * as fft from './twins/fft.js';
import * as filters from './twins/filters.js';
import * as intensities from './twins/intensities.js';
import * as resample from './twins/resample.js';
import * as shape from './twins/shape.js';
import * as texture from './twins/texture.js';

/**
 * The kernels in TypeScript, by module and name: the oracle of the compiled ones, and what runs where those cannot.
 * A compiled kernel takes the same arguments, an array as the address of its first element.
 */
export const TWINS = { fft, filters, intensities, resample, shape, texture };

export type Twins = typeof TWINS;
export type ModuleName = keyof Twins;
