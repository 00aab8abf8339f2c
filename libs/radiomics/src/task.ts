import type { Kernels } from '@concord/kernels';
import type { Region } from './region.js';
import type { ExtractionSettings } from './settings.js';
import type { Timings } from './timings.js';

/** A region with its intensities on one image, and what its features are computed with. */
export interface Task {
  readonly region: Region;
  readonly settings: ExtractionSettings;
  readonly kernels: Kernels;
  readonly timings: Timings | null;
}
