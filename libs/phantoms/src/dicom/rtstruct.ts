import type { Polygon } from '../contours.js';
import type { PatientPlan, SitePlan } from '../plan.js';
import { IMPLEMENTATION_UID } from '../uids.js';
import {
  CT_IMAGE_STORAGE,
  DETACHED_STUDY_MANAGEMENT,
  RT_STRUCTURE_SET_STORAGE,
  commonModules,
  type Series,
} from './common.js';
import type { Dataset } from './dataset.js';
import { TUMOUR_LABEL } from './segmentation.js';
import { writePart10 } from './writer.js';

/**
 * Writes outlines as an RT Structure Set (PS3.3 A.19) with one ROI.
 *
 * @param outlines for each slice of the series its closed polygons in voxel coordinates; even-odd within a slice
 */
export function writeStructureSet(
  site: SitePlan,
  patient: PatientPlan,
  series: Series,
  outlines: readonly (readonly Polygon[])[],
): Uint8Array {
  const person = patient.identity;
  const contours = outlines.flatMap((polygons, slice) => polygons.map((polygon) => contour(series, slice, polygon)));
  const dataset: Dataset = {
    ...commonModules(site, patient),
    SOPClassUID: RT_STRUCTURE_SET_STORAGE,
    SOPInstanceUID: person.roiInstanceUid,
    InstanceCreationDate: person.studyDate,
    InstanceCreationTime: person.studyTime,
    Modality: 'RTSTRUCT',
    Manufacturer: 'Concord phantoms',
    ManufacturerModelName: 'Structure set writer',
    SeriesDescription: `${person.seriesDescription} RTSTRUCT`,
    SeriesInstanceUID: person.roiSeriesUid,
    SeriesNumber: 101,
    InstanceNumber: 1,
    FrameOfReferenceUID: person.frameOfReferenceUid,
    PositionReferenceIndicator: '',
    StructureSetLabel: person.studyId,
    StructureSetName: person.seriesDescription,
    StructureSetDescription: person.imageComments,
    StructureSetDate: person.studyDate,
    StructureSetTime: person.studyTime,
    ReferencedFrameOfReferenceSequence: [referencedFrame(patient, series)],
    StructureSetROISequence: [
      {
        ROINumber: 1,
        ReferencedFrameOfReferenceUID: person.frameOfReferenceUid,
        ROIName: TUMOUR_LABEL,
        ROIGenerationAlgorithm: 'MANUAL',
      },
    ],
    ROIContourSequence: [{ ROIDisplayColor: [255, 64, 0], ContourSequence: contours, ReferencedROINumber: 1 }],
    RTROIObservationsSequence: [
      {
        ObservationNumber: 1,
        ReferencedROINumber: 1,
        RTROIInterpretedType: 'GTV',
        ROIInterpreter: person.contentCreator,
      },
    ],
    ApprovalStatus: 'UNAPPROVED',
  };
  return writePart10(dataset, IMPLEMENTATION_UID);
}

function referencedFrame(patient: PatientPlan, series: Series): Dataset {
  const person = patient.identity;
  return {
    FrameOfReferenceUID: person.frameOfReferenceUid,
    RTReferencedStudySequence: [
      {
        ReferencedSOPClassUID: DETACHED_STUDY_MANAGEMENT,
        ReferencedSOPInstanceUID: person.studyUid,
        RTReferencedSeriesSequence: [
          { SeriesInstanceUID: person.ctSeriesUid, ContourImageSequence: series.sliceUids.map(referenceTo) },
        ],
      },
    ],
  };
}

function contour(series: Series, slice: number, polygon: Polygon): Dataset {
  const [x0, y0, z0] = series.positions[slice];
  const points: string[] = [];
  for (let at = 0; at < polygon.length; at += 2) {
    points.push((x0 + polygon[at] * series.pixelSpacingMm).toFixed(3));
    points.push((y0 + polygon[at + 1] * series.pixelSpacingMm).toFixed(3));
    points.push(z0.toFixed(3));
  }
  return {
    ContourImageSequence: [referenceTo(series.sliceUids[slice])],
    ContourGeometricType: 'CLOSED_PLANAR',
    NumberOfContourPoints: polygon.length / 2,
    ContourData: points,
  };
}

function referenceTo(uid: string): Dataset {
  return { ReferencedSOPClassUID: CT_IMAGE_STORAGE, ReferencedSOPInstanceUID: uid };
}
