import type { Filter, FilterGrid } from './filter.js';
import type { SimoncelliFilter } from './filter-settings.js';
import { readBox, sourceBox } from './image-part.js';
import { filterSpectrum, spectralGrid, type Transfer } from './spectral.js';

/**
 * A band of the Simoncelli wavelet (IBSI PRT7; Portilla and Simoncelli, Int. J. Comput. Vis. 40(1), 2000): cos(pi/2
 * log2(2 f / m)) for m / 4 < f <= m, where f is the distance from frequency 0 in shares of the Nyquist frequency and m =
 * 2^(1 - level).
 */
export function simoncelliFilter({ level, dimension, boundary }: SimoncelliFilter, { shape }: FilterGrid): Filter {
  return {
    needs: (box) => sourceBox(spectralGrid(box, shape, dimension, boundary), shape, boundary),
    respond: (part, box, kernels) => {
      const grid = spectralGrid(box, shape, dimension, boundary);
      const values = readBox(part, grid, boundary, kernels);
      return filterSpectrum(values, grid, box, [simoncelliTransfer(level)], kernels)[0];
    },
  };
}

export function simoncelliTransfer(level: number): Transfer {
  const highest = 2 ** (1 - level);
  return (x, y, z, value) => {
    const frequency = Math.sqrt(x * x + y * y + z * z);
    const isInBand = frequency > highest / 4 && frequency <= highest;
    value[0] = isInBand ? Math.cos((Math.PI / 2) * Math.log2((2 * frequency) / highest)) : 0;
    value[1] = 0;
  };
}
