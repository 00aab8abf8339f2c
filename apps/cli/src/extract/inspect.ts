import { ConcordError } from '@concord/errors';
import {
  groupSeries,
  listLabels,
  listRois,
  listSegments,
  readDicomSeries,
  spacingMm,
  type SeriesGroup,
  type Volume,
} from '@concord/imaging';
import { naming, reportOf, type ErrorReport } from '../lib/errors.js';
import { isFolder, readInput } from '../lib/files.js';
import { dicomFilesIn, isDicom, readImage } from './read-case.js';

/** What a file or series is. Only what may be read aloud: no names, dates or identifiers of a patient. */
export interface Finding {
  readonly path: string;
  readonly kind: 'image' | 'segmentation' | 'structure set' | 'refused';
  readonly modality?: string;
  readonly fileCount?: number;
  readonly shape?: readonly number[];
  readonly spacingMm?: readonly number[];
  readonly unit?: string;
  /** Labels of a label image, segments or ROIs: `1 "tumour"`. */
  readonly regions?: readonly string[];
  readonly warnings?: readonly string[];
  readonly error?: ErrorReport;
}

/** Reads what is at a path, whole, so that everything extraction would refuse is refused here. */
export function inspectPath(path: string): Finding[] {
  try {
    if (isFolder(path)) return groupSeries(dicomFilesIn(path)).series.map((series) => inspectSeries(path, series));
    const file = regionFileOf(path);
    if (file !== null) return [inspectSeries(path, file)];
    const { volume } = readImage(path);
    return [{ path, kind: 'image', ...factsOf(volume), ...labelsOf(volume) }];
  } catch (error) {
    return [refusal(path, error)];
  }
}

/** A single DICOM file as a series of its own, null for other formats. */
function regionFileOf(path: string): SeriesGroup | null {
  const files = [{ name: path, bytes: readInput(path) }];
  return isDicom(files[0].bytes) ? (groupSeries(files).series[0] ?? null) : null;
}

function inspectSeries(path: string, { modality, files }: SeriesGroup): Finding {
  try {
    return naming(path, (): Finding => {
      const facts = { path, modality, fileCount: files.length };
      if (modality === 'SEG')
        return { ...facts, kind: 'segmentation', regions: files.flatMap(({ bytes }) => named(listSegments(bytes))) };
      if (modality === 'RTSTRUCT')
        return { ...facts, kind: 'structure set', regions: files.flatMap(({ bytes }) => named(listRois(bytes))) };
      return { ...facts, kind: 'image', ...factsOf(readDicomSeries(files)) };
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
