import type { PatientPlan, SitePlan } from '../plan.js';
import { IMPLEMENTATION_UID } from '../uids.js';
import { CT_IMAGE_STORAGE, SEGMENTATION_STORAGE, commonModules, type Series } from './common.js';
import { code, type Dataset } from './dataset.js';
import { writePart10 } from './writer.js';

/** Name of the tumour's segment or ROI. */
export const TUMOUR_LABEL = 'tumour';

/**
 * Writes a mask as a binary Segmentation (PS3.3 A.51): one segment, one frame for each slice that holds tumour.
 *
 * @param mask 0 or 1, x-fastest, on the grid of the series
 */
export function writeSegmentation(site: SitePlan, patient: PatientPlan, series: Series, mask: Uint8Array): Uint8Array {
  const plane = series.columns * series.rows;
  const slices = series.positions
    .map((_, slice) => slice)
    .filter((slice) => mask.subarray(slice * plane, (slice + 1) * plane).includes(1));
  const person = patient.identity;
  const dataset: Dataset = {
    ...commonModules(site, patient),
    ImageType: ['DERIVED', 'PRIMARY'],
    SOPClassUID: SEGMENTATION_STORAGE,
    SOPInstanceUID: person.roiInstanceUid,
    Modality: 'SEG',
    Manufacturer: 'Concord phantoms',
    ManufacturerModelName: 'Segmentation writer',
    SeriesDescription: `${person.seriesDescription} SEG`,
    ReferencedSeriesSequence: [
      {
        SeriesInstanceUID: person.ctSeriesUid,
        ReferencedInstanceSequence: series.sliceUids.map(referenceTo),
      },
    ],
    BodyPartExamined: 'ABDOMEN',
    ContentQualification: 'RESEARCH',
    SeriesInstanceUID: person.roiSeriesUid,
    SeriesNumber: 100,
    InstanceNumber: 1,
    FrameOfReferenceUID: person.frameOfReferenceUid,
    PositionReferenceIndicator: '',
    DimensionOrganizationSequence: [{ DimensionOrganizationUID: person.dimensionUid }],
    DimensionIndexSequence: dimensions(person.dimensionUid),
    SamplesPerPixel: 1,
    PhotometricInterpretation: 'MONOCHROME2',
    NumberOfFrames: slices.length,
    Rows: series.rows,
    Columns: series.columns,
    BitsAllocated: 1,
    BitsStored: 1,
    HighBit: 0,
    PixelRepresentation: 0,
    LossyImageCompression: '00',
    SegmentationType: 'BINARY',
    SegmentsOverlap: 'NO',
    SegmentSequence: [tumourSegment()],
    ContentLabel: 'TUMOUR',
    ContentDescription: `Drawn for ${person.seriesDescription}`,
    ContentCreatorName: person.contentCreator,
    SharedFunctionalGroupsSequence: [sharedGroups(series)],
    PerFrameFunctionalGroupsSequence: slices.map((slice, frame) => frameGroups(series, slice, frame)),
    extra: [{ tag: 0x7fe00010, vr: 'OB', value: packBits(mask, slices, plane) }],
  };
  return writePart10(dataset, IMPLEMENTATION_UID);
}

function dimensions(uid: string): Dataset[] {
  return [
    {
      DimensionOrganizationUID: uid,
      DimensionIndexPointer: 0x0062000b,
      FunctionalGroupPointer: 0x0062000a,
      DimensionDescriptionLabel: 'Segment number',
    },
    {
      DimensionOrganizationUID: uid,
      DimensionIndexPointer: 0x00200032,
      FunctionalGroupPointer: 0x00209113,
      DimensionDescriptionLabel: 'Position',
    },
  ];
}

function tumourSegment(): Dataset {
  return {
    SegmentNumber: 1,
    SegmentLabel: TUMOUR_LABEL,
    SegmentAlgorithmType: 'MANUAL',
    SegmentedPropertyCategoryCodeSequence: [code('49755003', 'SCT', 'Morphologically Abnormal Structure')],
    SegmentedPropertyTypeCodeSequence: [code('108369006', 'SCT', 'Neoplasm')],
  };
}

function sharedGroups(series: Series): Dataset {
  return {
    PixelMeasuresSequence: [
      { SliceThickness: series.sliceThicknessMm, PixelSpacing: [series.pixelSpacingMm, series.pixelSpacingMm] },
    ],
    PlaneOrientationSequence: [{ ImageOrientationPatient: [1, 0, 0, 0, 1, 0] }],
    SegmentIdentificationSequence: [{ ReferencedSegmentNumber: 1 }],
  };
}

function frameGroups(series: Series, slice: number, frame: number): Dataset {
  return {
    FrameContentSequence: [{ DimensionIndexValues: [1, frame + 1] }],
    PlanePositionSequence: [{ ImagePositionPatient: [...series.positions[slice]] }],
    DerivationImageSequence: [
      {
        DerivationCodeSequence: [code('113076', 'DCM', 'Segmentation')],
        SourceImageSequence: [
          {
            ...referenceTo(series.sliceUids[slice]),
            SpatialLocationsPreserved: 'YES',
            PurposeOfReferenceCodeSequence: [code('121322', 'DCM', 'Source image for image processing operation')],
          },
        ],
      },
    ],
  };
}

function referenceTo(uid: string): Dataset {
  return { ReferencedSOPClassUID: CT_IMAGE_STORAGE, ReferencedSOPInstanceUID: uid };
}

/** Frames bit after bit, the first pixel in the lowest bit (PS3.5 section 8.1.1). */
function packBits(mask: Uint8Array, slices: readonly number[], plane: number): Uint8Array {
  const packed = new Uint8Array(Math.ceil((slices.length * plane) / 8));
  let bit = 0;
  for (const slice of slices) {
    for (let index = slice * plane; index < (slice + 1) * plane; index++, bit++) {
      if (mask[index] === 1) packed[bit >> 3] |= 1 << (bit & 7);
    }
  }
  return packed;
}
