import { createHash } from 'node:crypto';
import { ImagingError } from '../imaging-error.js';
import type { Acquisition, Triple, Volume } from '../volume.js';
import { decimalOf, decimalsOf, textOf, textsOf, type DicomDataset } from './dataset.js';
import { pixelFormatOf, storedValues, unsupportedPixels, type PixelFormat } from './pixel-data.js';
import { planGrid, type SlicePlacement } from './plan-grid.js';
import { readDicom } from './read-dicom.js';

/** A file in memory; the name is only used in messages. */
export interface NamedBytes {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** Files that share a Series Instance UID. UIDs are identifiers: they stay in the process. */
export interface SeriesGroup {
  readonly seriesInstanceUid: string;
  readonly frameOfReferenceUid: string | null;
  /** `CT`, `MR`, `PT`, `US`, `SEG`, `RTSTRUCT` … */
  readonly modality: string;
  readonly sopClassUid: string;
  readonly files: readonly NamedBytes[];
}

export interface GroupedFiles {
  readonly series: readonly SeriesGroup[];
  /** Files that are no readable DICOM, with the reason. */
  readonly skipped: readonly { readonly name: string; readonly error: ImagingError }[];
}

/**
 * Sorts the files of a folder by series, in the order in which series first appear. Headers are enough: the bytes may
 * be the first part of each file.
 */
export function groupSeries(files: readonly NamedBytes[]): GroupedFiles {
  const groups = new Map<string, { group: Omit<SeriesGroup, 'files'>; files: NamedBytes[] }>();
  const skipped: { name: string; error: ImagingError }[] = [];
  for (const file of files) {
    let header: DicomDataset;
    try {
      header = readDicom(file.bytes, { isHeaderOnly: true });
    } catch (error) {
      if (!(error instanceof ImagingError)) throw error;
      skipped.push({ name: file.name, error });
      continue;
    }
    const seriesInstanceUid = textOf(header, 0x0020000e) ?? '';
    const known = groups.get(seriesInstanceUid);
    if (known) {
      known.files.push(file);
      continue;
    }
    const group = {
      seriesInstanceUid,
      frameOfReferenceUid: textOf(header, 0x00200052),
      modality: textOf(header, 0x00080060) ?? '',
      sopClassUid: textOf(header, 0x00080016) ?? '',
    };
    groups.set(seriesInstanceUid, { group, files: [file] });
  }
  return { series: [...groups.values()].map(({ group, files: own }) => ({ ...group, files: own })), skipped };
}

interface Slice {
  readonly dataset: DicomDataset;
  readonly digest: string;
  readonly placement: SlicePlacement;
  readonly format: PixelFormat;
  readonly slope: number;
  readonly intercept: number;
}

/**
 * Reads the files of one series of single-frame images into a volume in LPS. Each slice has its own rescale slope and
 * intercept. Whole values are kept as Int16 where they fit, others as Float32 or Float64, without loss.
 *
 * A file that is given twice, byte for byte, counts once. The unit is HU for CT, SUV for PET in units GML, else
 * `arbitrary`.
 *
 * @param options.tilt `keep` gives a gantry-tilted series as a sheared grid, with a warning
 * @throws {ImagingError} any refusal of `readDicom` and `planGrid`; `MIXED_SERIES`, `FRAME_OF_REFERENCE`,
 *   `UNSUPPORTED_OBJECT`, `UNSUPPORTED_PIXELS`, `UNSUPPORTED_SYNTAX`, `NO_GEOMETRY`, `PET_UNITS`
 */
export function readDicomSeries(files: readonly NamedBytes[], options: { tilt?: 'refuse' | 'keep' } = {}): Volume {
  const warnings: string[] = [];
  const slices = readSlices(files, warnings);
  const plan = planGrid(
    slices.map(({ placement }) => placement),
    options,
  );
  const ordered = plan.order.map((index) => slices[index]);
  const first = ordered[0].dataset;
  const isLossy = ordered.some(({ dataset }) => dataset.syntax.isLossy || textOf(dataset, 0x00282110) === '01');
  if (isLossy) warnings.push('the images were compressed with loss, which changes texture');
  return {
    shape: plan.shape,
    affine: plan.affine,
    data: voxelsOf(ordered),
    unit: unitOf(first),
    provenance: {
      sourceDigests: ordered.map(({ digest }) => digest),
      transferSyntax: first.syntax.name,
      isLossy,
      acquisition: acquisitionOf(first),
      warnings: [...plan.warnings, ...warnings],
    },
  };
}

function readSlices(files: readonly NamedBytes[], warnings: string[]): Slice[] {
  const seen = new Set<string>();
  const slices: Slice[] = [];
  for (const file of files) {
    const digest = createHash('sha256').update(file.bytes).digest('hex');
    if (seen.has(digest)) continue;
    seen.add(digest);
    slices.push(inFile(file.name, () => readSlice(file.bytes, digest)));
  }
  if (seen.size < files.length) warnings.push(`${files.length - seen.size} files were given twice and count once`);
  const unique = (tag: number): number => new Set(slices.map(({ dataset }) => textOf(dataset, tag))).size;
  if (unique(0x0020000e) > 1) {
    throw new ImagingError(
      'MIXED_SERIES',
      `the files belong to ${unique(0x0020000e)} series`,
      'the DICOM series',
      'Give the files of one series.',
    );
  }
  if (unique(0x00200052) > 1) {
    throw new ImagingError(
      'FRAME_OF_REFERENCE',
      'the slices lie in different frames of reference',
      'the DICOM series',
      'Give slices of one acquisition.',
    );
  }
  return slices;
}

/** Names the file in an error that arose while it was read. */
function inFile<T>(name: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof ImagingError)) throw error;
    throw new ImagingError(error.code, error.what, name, error.fix, { cause: error });
  }
}

function readSlice(bytes: Uint8Array, digest: string): Slice {
  const dataset = readDicom(bytes);
  if (!dataset.elements.has(0x00280010)) {
    throw new ImagingError(
      'UNSUPPORTED_OBJECT',
      'this is no image',
      'the DICOM file',
      'Give the images of one series only.',
    );
  }
  if ((decimalOf(dataset, 0x00280008) ?? 1) > 1) throw unsupportedPixels('a multi-frame image');
  if (dataset.elements.has(0x00283000)) throw unsupportedPixels('an image with a modality lookup table');
  const format = pixelFormatOf(dataset);
  const slope = decimalOf(dataset, 0x00281053) ?? 1;
  const intercept = decimalOf(dataset, 0x00281052) ?? 0;
  return { dataset, digest, placement: placementOf(dataset, format), format, slope, intercept };
}

function placementOf(dataset: DicomDataset, { rows, columns }: PixelFormat): SlicePlacement {
  const position = decimalsOf(dataset, 0x00200032);
  const orientation = decimalsOf(dataset, 0x00200037);
  const spacing = decimalsOf(dataset, 0x00280030);
  if (position.length !== 3 || orientation.length !== 6 || spacing.length !== 2) {
    throw new ImagingError(
      'NO_GEOMETRY',
      'position, orientation or pixel spacing is missing',
      'the DICOM file',
      'Give cross-sectional images; secondary captures and projections have no place in space.',
    );
  }
  return {
    rows,
    columns,
    position: position as unknown as Triple,
    columnDirection: orientation.slice(0, 3) as unknown as Triple,
    rowDirection: orientation.slice(3) as unknown as Triple,
    rowSpacingMm: spacing[0],
    columnSpacingMm: spacing[1],
    thicknessMm: decimalOf(dataset, 0x00180088) ?? decimalOf(dataset, 0x00180050),
  };
}

/** Rescales stored values slice by slice into the smallest type that holds them exactly. */
function voxelsOf(slices: readonly Slice[]): Int16Array | Float32Array | Float64Array {
  const size = slices[0].format.rows * slices[0].format.columns;
  const stored = (slice: Slice): ReturnType<typeof storedValues> => storedValues(slice.dataset, slice.format);
  const isWhole = slices.every(({ slope, intercept }) => Number.isInteger(slope) && Number.isInteger(intercept));
  const [low, high] = isWhole ? rangeOf(slices, stored) : [-Infinity, Infinity];
  const count = size * slices.length;
  const fits = (limit: number): boolean => low >= -limit && high < limit;
  const data = fits(2 ** 15)
    ? new Int16Array(count)
    : fits(2 ** 24)
      ? new Float32Array(count)
      : new Float64Array(count);
  slices.forEach((slice, index) => {
    const values = stored(slice);
    const { slope, intercept } = slice;
    const target = index * size;
    for (let pixel = 0; pixel < size; pixel++) data[target + pixel] = values[pixel] * slope + intercept;
  });
  return data;
}

/** The range that the stored bits allow; if that is too wide for Int16, the range that the values have. */
function rangeOf(slices: readonly Slice[], stored: (slice: Slice) => ArrayLike<number>): [number, number] {
  const extend = (range: [number, number], { slope, intercept }: Slice, lowest: number, highest: number): void => {
    const ends = [lowest * slope + intercept, highest * slope + intercept];
    range[0] = Math.min(range[0], ...ends);
    range[1] = Math.max(range[1], ...ends);
  };
  const possible: [number, number] = [Infinity, -Infinity];
  for (const slice of slices) {
    const { bitsStored, isSigned } = slice.format;
    extend(possible, slice, isSigned ? -(2 ** (bitsStored - 1)) : 0, 2 ** (isSigned ? bitsStored - 1 : bitsStored) - 1);
  }
  if (possible[0] >= -(2 ** 15) && possible[1] < 2 ** 15) return possible;
  const actual: [number, number] = [Infinity, -Infinity];
  for (const slice of slices) {
    const values = stored(slice);
    let lowest = Infinity;
    let highest = -Infinity;
    for (let index = 0; index < values.length; index++) {
      if (values[index] < lowest) lowest = values[index];
      if (values[index] > highest) highest = values[index];
    }
    extend(actual, slice, lowest, highest);
  }
  return actual;
}

function unitOf(dataset: DicomDataset): string {
  const modality = textOf(dataset, 0x00080060);
  if (modality === 'CT') return 'HU';
  if (modality !== 'PT') return 'arbitrary';
  if (textOf(dataset, 0x00541001) === 'GML') return 'SUV';
  throw new ImagingError(
    'PET_UNITS',
    'the PET series is not in SUV (Units is not GML)',
    'the DICOM series',
    'Convert the series to SUV body weight, in units GML, before it is read.',
  );
}

function acquisitionOf(dataset: DicomDataset): Acquisition {
  return {
    modality: textOf(dataset, 0x00080060),
    manufacturer: textOf(dataset, 0x00080070),
    model: textOf(dataset, 0x00081090),
    kernel: textsOf(dataset, 0x00181210).join('\\') || null,
    sliceThicknessMm: decimalOf(dataset, 0x00180050),
    kvp: decimalOf(dataset, 0x00180060),
  };
}
