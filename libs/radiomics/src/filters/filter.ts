import type { IndexBox, Triple } from '@concord/imaging';
import type { Kernels } from '@concord/kernels';
import type { ImagePart } from './image-part.js';

/** A filter made for the grid of one image. */
export interface Filter {
  /** The part of the image that the response on a box is made from. */
  needs(box: IndexBox): IndexBox;
  /**
   * The response on a box, as the whole image gives it.
   *
   * @param part holds at least what is needed
   * @returns the box, x-fastest, from the kernels' arena
   */
  respond(part: ImagePart, box: IndexBox, kernels: Kernels): Float64Array;
}

/** The grid of an image. */
export interface FilterGrid {
  readonly shape: Triple;
  readonly spacingMm: Triple;
}
