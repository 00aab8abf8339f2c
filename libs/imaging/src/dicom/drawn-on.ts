import { textOf, type DicomDataset } from './dataset.js';
import { frameGroupsOf } from './functional-groups.js';
import type { SeriesGroup } from './group-series.js';
import { itemsOf, readDicom } from './read-dicom.js';

const SERIES_UID = 0x0020000e;
const INSTANCE_UID = 0x00080018;
const NAMED_INSTANCE = 0x00081155;
const DERIVATION = 0x00089124;

/** UIDs of what a region names; identifiers: they stay in the process. */
interface NamedImages {
  readonly instances: ReadonlySet<string>;
  readonly series: ReadonlySet<string>;
}

/**
 * Of several volumes those that a region was drawn on: the ones it names a slice of, else the ones whose series it names.
 * All of them where it names none.
 *
 * @param region a DICOM SEG or RTSTRUCT
 * @throws {ImagingError} any refusal of `readDicom`
 */
export function drawnOn(volumes: readonly SeriesGroup[], region: Uint8Array): readonly SeriesGroup[] {
  if (volumes.length < 2) return volumes;
  const { instances, series } = namedImages(readDicom(region));
  const isNamed = ({ bytes }: SeriesGroup['files'][number]): boolean =>
    instances.has(textOf(readDicom(bytes, { isHeaderOnly: true }), INSTANCE_UID) ?? '');
  const bySlice = instances.size === 0 ? [] : volumes.filter(({ files }) => files.some(isNamed));
  if (bySlice.length > 0) return bySlice;
  const bySeries = volumes.filter(({ seriesInstanceUid }) => series.has(seriesInstanceUid));
  return bySeries.length > 0 ? bySeries : volumes;
}

function namedImages(region: DicomDataset): NamedImages {
  const named = (item: DicomDataset, tag: number): string[] =>
    itemsOf(item, tag).flatMap((image) => textOf(image, NAMED_INSTANCE) ?? []);
  const listed = [
    ...itemsOf(region, 0x00081115),
    ...itemsOf(region, 0x30060010)
      .flatMap((frame) => itemsOf(frame, 0x30060012))
      .flatMap((study) => itemsOf(study, 0x30060014)),
  ];
  const contours = itemsOf(region, 0x30060039).flatMap((roi) => itemsOf(roi, 0x30060040));
  // What a contour or a frame was drawn on says more than the list of all that was at hand.
  const drawn = [
    ...contours.flatMap((contour) => named(contour, 0x30060016)),
    ...frameGroupsOf(region).flatMap((frame) => {
      const derivation = frame.group(DERIVATION);
      return derivation ? named(derivation, 0x00082112) : [];
    }),
  ];
  const all = listed.flatMap((series) => [...named(series, 0x0008114a), ...named(series, 0x30060016)]);
  return {
    instances: new Set(drawn.length > 0 ? drawn : all),
    series: new Set(listed.flatMap((series) => textOf(series, SERIES_UID) ?? [])),
  };
}
