import type { Filter, FilterGrid } from './filter.js';
import type { FilterSettings } from './filter-settings.js';
import { gaborFilter } from './gabor.js';
import { gradientFilter, intensityFilter } from './intensity.js';
import { lawsFilter } from './laws.js';
import { rieszFilter } from './riesz.js';
import { simoncelliFilter } from './simoncelli.js';
import { gaussianFilter, laplacianOfGaussian, meanFilter } from './smooth.js';
import { waveletFilter } from './wavelet.js';

/** The filter that settings describe, for images on a grid. */
export function createFilter(settings: FilterSettings, grid: FilterGrid): Filter {
  switch (settings.kind) {
    case 'mean':
      return meanFilter(settings, grid);
    case 'gaussian':
      return gaussianFilter(settings, grid);
    case 'laplacian-of-gaussian':
      return laplacianOfGaussian(settings, grid);
    case 'laws':
      return lawsFilter(settings, grid);
    case 'gabor':
      return gaborFilter(settings, grid);
    case 'wavelet':
      return waveletFilter(settings, grid);
    case 'simoncelli':
      return simoncelliFilter(settings, grid);
    case 'riesz':
      return rieszFilter(settings, grid);
    case 'gradient':
      return gradientFilter(settings, grid);
    case 'square':
    case 'square-root':
    case 'logarithm':
    case 'exponential':
      return intensityFilter(settings, grid);
  }
}
