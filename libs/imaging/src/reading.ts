import type { MaskPolicy } from './attach.js';
import type { ColourPolicy } from './dicom/luminance.js';
import type { SegmentOptions } from './dicom/segmentation.js';
import type { SeriesOptions } from './dicom/series.js';
import type { SuvKind } from './dicom/suv.js';

/** How files become an image and a region, where there is a choice: plain JSON, part of what a study locks. */
export interface Reading {
  /** By what PET activity is divided. */
  readonly suv: SuvKind;
  /** `interpolate` fills missing slices linearly between their neighbours. */
  readonly gaps: 'refuse' | 'interpolate';
  /** `keep` reads a series of a tilted gantry as a sheared grid. */
  readonly tilt: 'refuse' | 'keep';
  /** Images that were compressed with loss. */
  readonly lossy: 'warn' | 'refuse';
  /** Colour of ultrasound. */
  readonly colour: ColourPolicy;
  /** Width and height of a pixel of ultrasound in mm, where the header does not say; null refuses such an image. */
  readonly pixelMm: readonly [number, number] | null;
  /** Of a fractional DICOM SEG, a voxel is inside from this share upwards; null refuses it. */
  readonly fractionAtLeast: number | null;
  /** A mask or segmentation on another grid than its image. */
  readonly offGrid: MaskPolicy;
  /** Which volume of a series or file that holds several, from 1; null refuses them. */
  readonly part: number | null;
  /** Which frame of an ultrasound clip, from 1; null refuses a clip of several. */
  readonly frame: number | null;
}

/** Nothing is guessed: what needs a choice is refused. */
export const DEFAULT_READING: Reading = {
  suv: 'bodyWeight',
  gaps: 'refuse',
  tilt: 'refuse',
  lossy: 'warn',
  colour: 'refuse',
  pixelMm: null,
  fractionAtLeast: null,
  offGrid: 'reject',
  part: null,
  frame: null,
};

/** The options of `readDicomSeries`; `part` and `frame` are the caller's, who knows what the files hold. */
export function seriesOptionsOf({ suv, gaps, tilt, lossy, colour, pixelMm }: Reading): SeriesOptions {
  return { suv, gaps, tilt, lossy, colour, ...(pixelMm === null ? {} : { pixelMm }) };
}

/** The options of `readSegmentation`. */
export function segmentOptionsOf({ fractionAtLeast, offGrid }: Reading): SegmentOptions & { offGrid: MaskPolicy } {
  return { offGrid, ...(fractionAtLeast === null ? {} : { fractionAtLeast }) };
}
