import { ImagingError } from '../imaging-error.js';

/**
 * The region that was asked for, by number or name; the only one if none was asked for.
 *
 * @throws {ImagingError} `EMPTY_MASK` if there is none, `MASK_LABEL_ABSENT` or `MASK_LABEL_AMBIGUOUS` naming those there are
 */
export function chooseRegion<T extends { number: number; label: string }>(
  regions: readonly T[],
  asked: number | string | undefined,
  noun: 'segment' | 'ROI',
): T {
  const holds = regions.map(({ number, label }) => `${number} "${label}"`).join(', ');
  if (regions.length === 0) {
    throw new ImagingError(
      'EMPTY_MASK',
      `there is no ${noun}`,
      'the region file',
      'Draw the region, or leave the case out.',
    );
  }
  if (asked === undefined && regions.length === 1) return regions[0];
  const found = regions.filter(({ number, label }) => number === asked || label === asked);
  // A command line gives numbers as text.
  const chosen = found.length === 0 ? regions.filter(({ number }) => String(number) === asked) : found;
  if (chosen.length === 1) return chosen[0];
  if (asked !== undefined && chosen.length === 0) {
    throw new ImagingError(
      'MASK_LABEL_ABSENT',
      `${noun} ${typeof asked === 'number' ? asked : `"${asked}"`} is not there; the file holds ${holds}`,
      'the region file',
      'Choose one of them.',
    );
  }
  throw new ImagingError(
    'MASK_LABEL_AMBIGUOUS',
    `the file holds several: ${holds}`,
    'the region file',
    `Choose one ${noun} by its number.`,
  );
}

/** @throws {ImagingError} `FRAME_OF_REFERENCE` if both are known and differ */
export function checkFrameOfReference(own: string | null, ofImage: string | undefined): void {
  if (own === null || ofImage === undefined || own === ofImage) return;
  throw new ImagingError(
    'FRAME_OF_REFERENCE',
    'region and image lie in different frames of reference',
    'region and image',
    'Use the region drawn on this image.',
  );
}
