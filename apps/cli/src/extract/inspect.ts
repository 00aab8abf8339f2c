import { ConcordError } from '@concord/errors';
import {
  decimalOf,
  groupSeries,
  listLabels,
  listRois,
  listSegments,
  readDicom,
  readDicomSeries,
  spacingMm,
  type NamedBytes,
  type SeriesGroup,
  type Volume,
} from '@concord/imaging';
import { naming, reportOf, UnsupportedFileError, type ErrorReport } from '../lib/errors.js';
import { filesIn, foldersIn, isFolder, readInput } from '../lib/files.js';
import { dicomFilesOf, frameDecoder, isDicom, readImage } from './read-case.js';

const NUMBER_OF_FRAMES = 0x00280008;
const IMAGE_NAME = /\.(nii|nii\.gz|nrrd|nhdr)$/i;

/** What a file or series is. Only what may be read aloud: no names, dates or identifiers of a patient. */
export interface Finding {
  readonly path: string;
  readonly kind: 'image' | 'segmentation' | 'structure set' | 'refused';
  readonly modality?: string;
  /** What sets a volume apart from the others of its series: `echo time 4.6`; for a clip how many frames there are. */
  readonly label?: string;
  readonly fileCount?: number;
  readonly shape?: readonly number[];
  readonly spacingMm?: readonly number[];
  readonly unit?: string;
  /** Labels of a label image, segments or ROIs: `1 "tumour"`. */
  readonly regions?: readonly string[];
  readonly warnings?: readonly string[];
  readonly error?: ErrorReport;
}

const MAX_DEPTH = 8;

/**
 * Reads what is at a path, whole, so that everything extraction would refuse is refused here. In a folder and those below it,
 * DICOM files are sorted into series by their headers alone, and NIfTI and NRRD files are known by their names.
 */
export function inspectPath(path: string): Finding[] {
  try {
    if (!isFolder(path)) return inspectFile(path);
    const findings = inspectFolder(path, MAX_DEPTH);
    if (findings.length > 0) return findings;
    const fix = 'Give a folder with DICOM, NIfTI or NRRD files.';
    throw new UnsupportedFileError('neither the folder nor those in it hold an image', path, fix);
  } catch (error) {
    return [refusal(path, error)];
  }
}

function inspectFile(path: string): Finding[] {
  try {
    const files = [{ name: path, bytes: readInput(path) }];
    if (isDicom(files[0].bytes)) return inspectFiles(path, files);
    const { volume } = readImage(path);
    return [{ path, kind: 'image', ...factsOf(volume), ...labelsOf(volume) }];
  } catch (error) {
    return [refusal(path, error)];
  }
}

function inspectFolder(folder: string, depth: number): Finding[] {
  try {
    const files = filesIn(folder);
    const dicom = dicomFilesOf(files.filter((file) => !IMAGE_NAME.test(file)));
    return [
      ...(dicom.length > 0 ? inspectFiles(folder, dicom) : []),
      ...files.filter((file) => IMAGE_NAME.test(file)).flatMap(inspectFile),
      ...(depth > 0 ? foldersIn(folder).flatMap((inner) => inspectFolder(inner, depth - 1)) : []),
    ];
  } catch (error) {
    return [refusal(folder, error)];
  }
}

function inspectFiles(path: string, files: readonly NamedBytes[]): Finding[] {
  const { series, skipped } = groupSeries(files);
  if (series.length === 0 && skipped.length > 0) throw skipped[0].error;
  return series.map((group) => inspectSeries(path, group));
}

function inspectSeries(path: string, { modality, files, part, label }: SeriesGroup): Finding {
  try {
    return naming(path, (): Finding => {
      const facts = { path, modality, fileCount: files.length };
      if (modality === 'SEG')
        return { ...facts, kind: 'segmentation', regions: files.flatMap(({ bytes }) => named(listSegments(bytes))) };
      if (modality === 'RTSTRUCT')
        return { ...facts, kind: 'structure set', regions: files.flatMap(({ bytes }) => named(listRois(bytes))) };
      const volume = readDicomSeries(files, { part, frame: 1, decoder: frameDecoder });
      const frames = modality === 'US' ? (decimalOf(readDicom(files[0].bytes), NUMBER_OF_FRAMES) ?? 1) : 1;
      const which = frames > 1 ? `${frames} frames` : label;
      return { ...facts, kind: 'image', ...(which === '' ? {} : { label: which }), ...factsOf(volume) };
    });
  } catch (error) {
    return { ...refusal(path, error), modality, fileCount: files.length };
  }
}

function named(regions: readonly { number: number; label: string }[]): string[] {
  return regions.map(({ number, label }) => `${number} "${label}"`);
}

function factsOf(volume: Volume) {
  const { shape, unit, provenance } = volume;
  return { shape, spacingMm: spacingMm(volume), unit, warnings: provenance.warnings };
}

/** Few whole values: probably a mask. */
function labelsOf(volume: Volume): { regions?: string[] } {
  try {
    const labels = listLabels(volume);
    return labels.length <= 20 ? { regions: labels.map(String) } : {};
  } catch (error) {
    if (!(error instanceof ConcordError)) throw error;
    return {}; // an image, no mask: not a refusal
  }
}

function refusal(path: string, error: unknown): Finding {
  if (!(error instanceof ConcordError)) throw error;
  return { path, kind: 'refused', error: reportOf(error) };
}
