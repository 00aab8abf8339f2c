import { extname } from 'node:path';

import { isConcordError } from '@concord/errors';
import { itemsOf, readDicom, textOf, type DicomDataset } from '@concord/imaging';

import type { Problem } from '../agent-errors.js';

/** What the header of a file says about where it belongs; kept in the site's own database. */
export type FileFacts =
  | { readonly kind: 'image'; readonly patientId: string | null; readonly seriesUid: string; readonly modality: string }
  | {
      readonly kind: 'region';
      readonly patientId: string | null;
      readonly format: 'SEG' | 'RTSTRUCT';
      /** Series the region was drawn on, as far as it says. */
      readonly seriesUids: readonly string[];
    }
  | { readonly kind: 'broken'; readonly problem: Problem }
  | { readonly kind: 'other' };

const PATIENT_ID = 0x00100020;
const SERIES_UID = 0x0020000e;
const MODALITY = 0x00080060;
const DIRECTORY = 0x00041220;
const REFERENCED_SERIES = 0x00081115;
const REFERENCED_FRAMES = 0x30060010;
const REFERENCED_STUDY = 0x30060012;
const CONTOUR_SERIES = 0x30060014;
const IMAGE_MODALITIES = ['CT', 'MR', 'PT', 'US'];
const DICOM_ENDINGS = ['.dcm', '.dicom', '.ima'];

/**
 * Sorts a file by its header. Files that are not DICOM are `other`, unless their name says that they should be.
 *
 * @param name for its ending only
 */
export function factsOf(name: string, bytes: Uint8Array): FileFacts {
  let header: DicomDataset;
  try {
    header = readDicom(bytes, { isHeaderOnly: true });
  } catch (error) {
    if (!isConcordError(error)) throw error;
    if (error.code === 'NO_PREAMBLE' && !DICOM_ENDINGS.includes(extname(name).toLowerCase())) return { kind: 'other' };
    return { kind: 'broken', problem: error.toJSON() };
  }
  const patientId = textOf(header, PATIENT_ID);
  const modality = textOf(header, MODALITY);
  if (modality === null) return header.elements.has(DIRECTORY) ? { kind: 'other' } : incomplete();
  const seriesUid = textOf(header, SERIES_UID);
  if (modality === 'SEG' || modality === 'RTSTRUCT') {
    return { kind: 'region', patientId, format: modality, seriesUids: referencedSeries(header, modality) };
  }
  if (seriesUid === null || !IMAGE_MODALITIES.includes(modality)) return { kind: 'other' };
  return { kind: 'image', patientId, seriesUid, modality };
}

/** A copy that broke off early: the header reader takes what there is. */
function incomplete(): FileFacts {
  const what = 'the file ends before it says what it is';
  const fix = 'Copy it again from the archive.';
  return { kind: 'broken', problem: { code: 'TRUNCATED', what, where: '', fix } };
}

function referencedSeries(header: DicomDataset, format: 'SEG' | 'RTSTRUCT'): string[] {
  const references =
    format === 'SEG'
      ? itemsOf(header, REFERENCED_SERIES)
      : itemsOf(header, REFERENCED_FRAMES)
          .flatMap((frame) => itemsOf(frame, REFERENCED_STUDY))
          .flatMap((study) => itemsOf(study, CONTOUR_SERIES));
  return references.flatMap((item) => textOf(item, SERIES_UID) ?? []);
}
