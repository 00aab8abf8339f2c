export type { Acquisition, GridGeometry, Mask, Triple, Volume, VolumeProvenance } from './volume.js';
