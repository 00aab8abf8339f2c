import { outline } from './contours.js';
import type { Series } from './dicom/common.js';
import { writeCtSeries } from './dicom/ct-image.js';
import { writeStructureSet } from './dicom/rtstruct.js';
import { writeSegmentation } from './dicom/segmentation.js';
import { drawPatient, sliceCount, type PatientDrawing } from './drawing.js';
import { NoSuchPhantomError } from './errors.js';
import { canariesOf, sliceUid } from './identity.js';
import type { ConsortiumPlan, PatientPlan, SitePlan } from './plan.js';

/** A file as a hospital's archive holds it; the path is relative to the site's folder, with `/`. */
export interface PhantomFile {
  readonly path: string;
  readonly bytes: Uint8Array;
}

/**
 * Draws a patient and writes the CT series and the tumour's region (SEG or RTSTRUCT) as DICOM files.
 *
 * Paths are `<PatientID>/ct/IM<number>.dcm` and `<PatientID>/roi/<SEG|RTSTRUCT>.dcm`: as in a hospital, they hold the
 * patient's identifier. About 0.5 MB a patient.
 *
 * @throws {NoSuchPhantomError} if the plan has no such site or patient
 */
export function renderPatient(plan: ConsortiumPlan, siteIndex: number, patientIndex: number): { files: PhantomFile[] } {
  const { site, patient } = find(plan, siteIndex, patientIndex);
  const drawing = drawPatient(plan.seed, site, patient);
  const series = seriesOf(plan.seed, site, patient, drawing);
  const folder = patient.identity.patientId;
  const files = writeCtSeries(site, patient, series, drawing.stored).map(({ instanceNumber, bytes }) => ({
    path: `${folder}/ct/IM${String(instanceNumber).padStart(4, '0')}.dcm`,
    bytes,
  }));
  const bytes =
    site.roiFormat === 'SEG'
      ? writeSegmentation(site, patient, series, drawing.mask)
      : writeStructureSet(site, patient, series, outlinesOf(drawing));
  files.push({ path: `${folder}/roi/${site.roiFormat}.dcm`, bytes });
  return { files };
}

/**
 * The image and region that `renderPatient` writes, as arrays: the truth a reader is held against.
 *
 * @throws {NoSuchPhantomError} if the plan has no such site or patient
 */
export function drawingOf(plan: ConsortiumPlan, siteIndex: number, patientIndex: number): PatientDrawing {
  const { site, patient } = find(plan, siteIndex, patientIndex);
  return drawPatient(plan.seed, site, patient);
}

/**
 * Every text in the files, their paths and the clinical tables that must not leave a hospital: names, identifiers,
 * dates (as DICOM and as ISO 8601), times, addresses, comments, institutions, devices, all UIDs, private elements;
 * whole, and for composed texts the telling words in them.
 *
 * @returns distinct strings; none of them stands in what a protocol may release (modality, manufacturer, model,
 *   kernel, slice thickness, tube voltage, age, sex, outcomes)
 */
export function canaries(plan: ConsortiumPlan): string[] {
  const found = new Set<string>();
  for (const site of plan.sites) {
    for (const text of canariesOf(site.identity)) found.add(text);
    for (const patient of site.patients) {
      for (const text of canariesOf(patient.identity)) found.add(text);
      if (site.roiFormat === 'RTSTRUCT') found.delete(patient.identity.dimensionUid); // stands in a SEG only
      const count = sliceCount(site.scanner.sliceThicknessMm);
      for (let slice = 0; slice < count; slice++) found.add(sliceUid(plan.seed, site.index, patient.index, slice));
    }
  }
  return [...found];
}

function find(plan: ConsortiumPlan, siteIndex: number, patientIndex: number): { site: SitePlan; patient: PatientPlan } {
  const site = plan.sites.at(siteIndex);
  const patient = site?.patients.at(patientIndex);
  if (site === undefined || patient === undefined || siteIndex < 0 || patientIndex < 0) {
    throw new NoSuchPhantomError(
      'the plan has no such patient',
      `site ${siteIndex}, patient ${patientIndex}`,
      'Ask for positions within the plan, counted from 0.',
    );
  }
  return { site, patient };
}

function seriesOf(seed: number, site: SitePlan, patient: PatientPlan, drawing: PatientDrawing): Series {
  const { affine, shape } = drawing;
  return {
    columns: shape[0],
    rows: shape[1],
    pixelSpacingMm: affine[0],
    sliceThicknessMm: affine[10],
    positions: Array.from({ length: shape[2] }, (_, k) => [affine[3], affine[7], affine[11] + k * affine[10]] as const),
    sliceUids: Array.from({ length: shape[2] }, (_, k) => sliceUid(seed, site.index, patient.index, k)),
  };
}

function outlinesOf({ shape, depthMm }: PatientDrawing): number[][][] {
  const plane = shape[0] * shape[1];
  return Array.from({ length: shape[2] }, (_, k) =>
    outline(depthMm.subarray(k * plane, (k + 1) * plane), shape[0], shape[1]).map((polygon) => [...polygon]),
  );
}
