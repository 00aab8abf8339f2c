import type { PatientPlan, SitePlan } from '../plan.js';
import { IMPLEMENTATION_UID } from '../uids.js';
import { CT_IMAGE_STORAGE, commonModules, type Series } from './common.js';
import type { Dataset } from './dataset.js';
import { writePart10 } from './writer.js';

/** Stored value = HU + 1024. */
export const RESCALE_INTERCEPT = -1024;

/**
 * Writes the slices of a CT series (CT Image IOD, PS3.3 A.3).
 *
 * Sites of odd index number their slices from the head down, as some scanners do: readers must order by position.
 *
 * @param stored unsigned 12-bit values, x-fastest, slice after slice
 * @returns one file a slice, in the order of the positions, with its InstanceNumber
 */
export function writeCtSeries(
  site: SitePlan,
  patient: PatientPlan,
  series: Series,
  stored: Uint16Array,
): { instanceNumber: number; bytes: Uint8Array }[] {
  const shared = { ...commonModules(site, patient), ...seriesModules(site, patient, series) };
  const plane = series.columns * series.rows;
  const count = series.positions.length;
  return series.positions.map((position, slice) => {
    const instanceNumber = site.index % 2 === 0 ? slice + 1 : count - slice;
    const pixels = stored.subarray(slice * plane, (slice + 1) * plane);
    const dataset: Dataset = {
      ...shared,
      SOPInstanceUID: series.sliceUids[slice],
      InstanceNumber: instanceNumber,
      ImagePositionPatient: [...position],
      SliceLocation: position[2],
      PixelData: new Uint8Array(pixels.buffer, pixels.byteOffset, pixels.byteLength),
    };
    return { instanceNumber, bytes: writePart10(dataset, IMPLEMENTATION_UID) };
  });
}

function seriesModules(site: SitePlan, patient: PatientPlan, series: Series): Dataset {
  const { scanner } = site;
  const person = patient.identity;
  return {
    ImageType: ['ORIGINAL', 'PRIMARY', 'AXIAL'],
    SOPClassUID: CT_IMAGE_STORAGE,
    InstanceCreationDate: person.studyDate,
    InstanceCreationTime: person.studyTime,
    AcquisitionDate: person.studyDate,
    AcquisitionTime: person.studyTime,
    Modality: 'CT',
    Manufacturer: scanner.manufacturer,
    ManufacturerModelName: scanner.model,
    SeriesDescription: person.seriesDescription,
    ScanOptions: 'HELICAL MODE',
    BodyPartExamined: 'ABDOMEN',
    SliceThickness: series.sliceThicknessMm,
    KVP: scanner.kvp,
    DataCollectionDiameter: 500,
    ReconstructionDiameter: series.pixelSpacingMm * series.columns,
    XRayTubeCurrent: Math.round(240 / patient.dose ** 2),
    ConvolutionKernel: scanner.kernel,
    ProtocolName: site.identity.protocolName,
    PatientPosition: 'HFS',
    SeriesInstanceUID: person.ctSeriesUid,
    SeriesNumber: 2,
    AcquisitionNumber: 1,
    FrameOfReferenceUID: person.frameOfReferenceUid,
    PositionReferenceIndicator: '',
    ImageOrientationPatient: [1, 0, 0, 0, 1, 0],
    ImageComments: person.imageComments,
    SamplesPerPixel: 1,
    PhotometricInterpretation: 'MONOCHROME2',
    Rows: series.rows,
    Columns: series.columns,
    PixelSpacing: [series.pixelSpacingMm, series.pixelSpacingMm],
    BitsAllocated: 16,
    BitsStored: 12,
    HighBit: 11,
    PixelRepresentation: 0,
    BurnedInAnnotation: 'NO',
    WindowCenter: 60,
    WindowWidth: 400,
    RescaleIntercept: RESCALE_INTERCEPT,
    RescaleSlope: 1,
    RescaleType: 'HU',
    LossyImageCompression: '00',
    // Private elements of two owners, as scanners and archives leave them (PS3.5 section 7.8).
    extra: [
      { tag: 0x00290010, vr: 'LO', value: 'CONCORD PHANTOM A' },
      { tag: 0x00291001, vr: 'LO', value: person.privateNote },
      { tag: 0x00430010, vr: 'LO', value: 'CONCORD PHANTOM B' },
      { tag: 0x00431002, vr: 'SQ', value: [{ PatientName: person.privateName }] },
    ],
  };
}
