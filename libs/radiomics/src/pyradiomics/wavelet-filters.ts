import { BIORTHOGONAL } from './wavelet-table-biorthogonal.js';
import { ORTHOGONAL } from './wavelet-table.js';

/** Analysis filters of a wavelet, of even and equal length. */
export interface WaveletFilters {
  readonly low: Float64Array;
  readonly high: Float64Array;
}

/** The discrete wavelets that PyRadiomics documents, by the names of PyWavelets. */
export const WAVELET_NAMES: readonly string[] = [
  'db1',
  ...Object.keys(ORTHOGONAL),
  ...Object.keys(BIORTHOGONAL),
  ...Object.keys(BIORTHOGONAL).map((name) => name.replace('bior', 'rbio')),
];

/** @param name one of WAVELET_NAMES */
export function waveletFilters(name: string): WaveletFilters {
  const [analysis, synthesis] = lowPassPair(name);
  // The quadrature mirror of the synthesis filter: every second sign changes, the first included.
  return {
    low: Float64Array.from(analysis),
    high: Float64Array.from(synthesis, (value, n) => (n % 2 === 0 ? -value : value)),
  };
}

function lowPassPair(name: string): readonly [readonly number[], readonly number[]] {
  if (Object.hasOwn(BIORTHOGONAL, name)) return BIORTHOGONAL[name];
  if (name.startsWith('rbio')) {
    const [analysis, synthesis] = BIORTHOGONAL[name.replace('rbio', 'bior')];
    return [synthesis.toReversed(), analysis.toReversed()];
  }
  const low = ORTHOGONAL[name === 'db1' ? 'haar' : name];
  return [low, low.toReversed()];
}
