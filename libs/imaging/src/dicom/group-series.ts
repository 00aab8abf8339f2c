import { ImagingError } from '../imaging-error.js';
import { textOf, unsignedOf, type DicomDataset } from './dataset.js';
import { isEnhanced } from './functional-groups.js';
import { readDicom } from './read-dicom.js';
import { factsOf, placementOf, slicesOf, type Slice } from './slice.js';
import { pixelFormatOf } from './pixel-format.js';
import { splitStacks, type Placed } from './stacks.js';

/** A file in memory; the name is only used in messages. */
export interface NamedBytes {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** Files that make one volume, or one object. UIDs are identifiers: they stay in the process. */
export interface SeriesGroup {
  readonly seriesInstanceUid: string;
  readonly frameOfReferenceUid: string | null;
  /** `CT`, `MR`, `PT`, `US`, `SEG`, `RTSTRUCT` … */
  readonly modality: string;
  readonly sopClassUid: string;
  readonly files: readonly NamedBytes[];
  /** What sets this volume apart from the others of its series (`echo time 4.6`); empty if there are no others. */
  readonly label: string;
  /** Which volume of its file this is, from 1, to be passed to `readDicomSeries`; 0 if the files hold no other. */
  readonly part: number;
}

export interface GroupedFiles {
  readonly series: readonly SeriesGroup[];
  /** Files that are no readable DICOM, with the reason. */
  readonly skipped: readonly { readonly name: string; readonly error: ImagingError }[];
}

interface Header extends Placed {
  readonly file: NamedBytes;
  readonly dataset: DicomDataset;
}

/**
 * Sorts the files of a folder into volumes by their headers, in the order in which series first appear: by series, by
 * orientation, matrix and spacing, and where slices lie at one place by temporal position, echo time, b-value, image
 * type, acquisition and trigger time. An enhanced multi-frame file is listed once for each volume in it. Headers are
 * enough: the bytes may be the first part of each file.
 */
export function groupSeries(files: readonly NamedBytes[]): GroupedFiles {
  const series = new Map<string, Header[]>();
  const skipped: { name: string; error: ImagingError }[] = [];
  for (const file of files) {
    try {
      const dataset = readDicom(file.bytes, { isHeaderOnly: true });
      const header = { file, dataset, placement: placementIfAny(dataset), facts: factsOf(dataset) };
      const key = keyOf(dataset);
      const known = series.get(key);
      if (known) known.push(header);
      else series.set(key, [header]);
    } catch (error) {
      if (!(error instanceof ImagingError)) throw error;
      skipped.push({ name: file.name, error });
    }
  }
  return { series: [...series.values()].flatMap(groupsOf), skipped };
}

/** Multi-frame files are volumes of their own, unless they are pieces of one. */
function keyOf(dataset: DicomDataset): string {
  const seriesUid = textOf(dataset, 0x0020000e) ?? '';
  const piece = isEnhanced(dataset) ? (textOf(dataset, 0x00209161) ?? textOf(dataset, 0x00080018)) : null;
  return `${seriesUid} ${piece ?? ''}`;
}

function placementIfAny(dataset: DicomDataset): Header['placement'] {
  if (unsignedOf(dataset, 0x00280010) === null) return null;
  try {
    return placementOf(dataset, pixelFormatOf(dataset));
  } catch (error) {
    if (!(error instanceof ImagingError)) throw error;
    return null; // refused when it is read as an image
  }
}

function groupsOf(headers: readonly Header[]): SeriesGroup[] {
  const { dataset } = headers[0];
  const facts = {
    seriesInstanceUid: textOf(dataset, 0x0020000e) ?? '',
    frameOfReferenceUid: textOf(dataset, 0x00200052),
    modality: textOf(dataset, 0x00080060) ?? '',
    sopClassUid: textOf(dataset, 0x00080016) ?? '',
  };
  const files = headers.map(({ file }) => file);
  if (isEnhanced(dataset)) {
    const stacks = splitStacks(framesIfAny(headers));
    if (stacks.length > 1) return stacks.map(({ label }, index) => ({ ...facts, files, label, part: index + 1 }));
    return [{ ...facts, files, label: '', part: 0 }];
  }
  return splitStacks(headers).map(({ label, members }) => ({
    ...facts,
    files: members.map(({ file }) => file),
    label,
    part: 0,
  }));
}

/** The frames of an enhanced image; none of other objects, such as segmentations. */
function framesIfAny(headers: readonly Header[]): Slice[] {
  if (headers[0].dataset.elements.has(0x00620002)) return [];
  try {
    return headers.flatMap(({ dataset, file }) => slicesOf(dataset, file.name, ''));
  } catch (error) {
    if (!(error instanceof ImagingError)) throw error;
    return []; // refused when it is read as an image
  }
}
