import { ImagingError } from '../imaging-error.js';
import type { Triple } from '../volume.js';
import { corrupt, decimalOf, decimalsOf, textOf, textsOf, unsignedOf, type DicomDataset } from './dataset.js';
import { doublesOf, frameGroupsOf, groupText, isEnhanced, type FrameGroups } from './functional-groups.js';
import type { FrameSource } from './pixel-data.js';
import { frameCountOf, greyFormatOf, unsupportedPixels, type PixelFormat } from './pixel-format.js';
import type { SlicePlacement } from './plan-grid.js';
import type { Scale } from './voxel-sink.js';

const MAX_SCALE = 1e30;
const PLANE_POSITION = 0x00209113;
const PLANE_ORIENTATION = 0x00209116;
const PIXEL_MEASURES = 0x00289110;
const VALUE_TRANSFORMATION = 0x00289145;
const FRAME_CONTENT = 0x00209111;
const FRAME_TYPES = [0x00189226, 0x00189329, 0x00189751].map((group) => [group, 0x00089007] as const);

/** What tells apart the volumes that may share one series; null where the header is silent. */
export interface StackFacts {
  readonly stack: string | null;
  readonly temporalPosition: string | null;
  readonly echoTime: string | null;
  readonly bValue: string | null;
  readonly imageType: string | null;
  readonly acquisition: string | null;
  readonly triggerTime: string | null;
}

/** One cross-section: a file of its own or a frame of one, with its place and its scale. */
export interface Slice extends FrameSource {
  readonly digest: string;
  readonly placement: SlicePlacement;
  readonly facts: StackFacts;
  readonly slope: number;
  readonly intercept: number;
}

/**
 * The slices of a file: one, or a slice for each frame of an enhanced multi-frame object.
 *
 * @throws {ImagingError} `UNSUPPORTED_OBJECT`, `UNSUPPORTED_PIXELS`, `NO_GEOMETRY`, `CORRUPT`
 */
export function slicesOf(dataset: DicomDataset, where: string, digest: string): Slice[] {
  refuseKind(dataset);
  if (dataset.elements.has(0x00283000)) throw unsupportedPixels('an image with a modality lookup table');
  const format = greyFormatOf(dataset);
  const source = { dataset, format, where, digest };
  const count = frameCountOf(dataset);
  if (!isEnhanced(dataset)) {
    if (count > 1) throw unsupportedPixels('a multi-frame image that does not say where its frames lie');
    const placement = placementOf(dataset, format);
    return [{ ...source, ...scaleOf(dataset), index: 0, placement, facts: factsOf(dataset) }];
  }
  const frames = frameGroupsOf(dataset);
  if (frames.length !== count) throw corrupt('the file describes another number of frames than it holds');
  return frames.map((groups, index) => {
    return {
      ...source,
      ...scaleOf(groups.group(VALUE_TRANSFORMATION) ?? dataset),
      index,
      placement: framePlacementOf(format, groups),
      facts: frameFactsOf(dataset, groups),
    };
  });
}

/** @throws {ImagingError} `CORRUPT` if rescaling would make all values one, or lead out of all numbers */
function scaleOf(values: DicomDataset): Scale {
  const slope = decimalOf(values, 0x00281053) ?? 1;
  const intercept = decimalOf(values, 0x00281052) ?? 0;
  if (slope !== 0 && Math.max(Math.abs(slope), Math.abs(intercept)) <= MAX_SCALE) return { slope, intercept };
  throw corrupt('the rescale slope is zero, or slope or intercept are huge');
}

/**
 * Objects that are no cross-sections of a patient.
 *
 * @throws {ImagingError} `UNSUPPORTED_OBJECT`
 */
export function refuseKind(dataset: DicomDataset): void {
  const kind = unsupportedKind(textOf(dataset, 0x00080060) ?? '', textOf(dataset, 0x00080016) ?? '');
  const hasPixels = dataset.elements.has(0x00280010);
  if (kind === null && hasPixels) return;
  throw new ImagingError(
    'UNSUPPORTED_OBJECT',
    `this is ${hasPixels ? (kind ?? '') : 'no image'}`,
    'the DICOM file',
    'Give the images of one CT, MR, PET or ultrasound series only.',
  );
}

function unsupportedKind(modality: string, sopClass: string): string | null {
  const isClass = (numbers: string): boolean => sopClass === `1.2.840.10008.5.1.4.1.1.${numbers}`;
  const isXray = /^1\.2\.840\.10008\.5\.1\.4\.1\.1\.(1|12|13)(\.|$)/.test(sopClass);
  if (isXray || ['CR', 'DX', 'MG', 'XA', 'RF', 'IO', 'PX', 'RG'].includes(modality)) {
    return 'an X-ray projection, in which tissue lies over tissue';
  }
  if (isClass('20') || modality === 'NM') return 'a nuclear medicine image (NM), whose counts have no unit';
  if (isClass('30')) return 'a parametric map';
  if (modality === 'SEG') return 'a segmentation';
  return null;
}

/** Place of a single-frame image. @throws {ImagingError} `NO_GEOMETRY` */
export function placementOf(dataset: DicomDataset, format: PixelFormat): SlicePlacement {
  return placed(format, dataset, dataset, dataset);
}

function framePlacementOf(format: PixelFormat, groups: FrameGroups): SlicePlacement {
  const group = (tag: number): DicomDataset | undefined => groups.group(tag);
  return placed(format, group(PLANE_POSITION), group(PLANE_ORIENTATION), group(PIXEL_MEASURES));
}

function placed(
  { rows, columns }: PixelFormat,
  positions?: DicomDataset,
  orientations?: DicomDataset,
  measures?: DicomDataset,
): SlicePlacement {
  const position = positions ? decimalsOf(positions, 0x00200032) : [];
  const orientation = orientations ? decimalsOf(orientations, 0x00200037) : [];
  const spacing = measures ? decimalsOf(measures, 0x00280030) : [];
  if (!measures || position.length !== 3 || orientation.length !== 6 || spacing.length !== 2) {
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
    thicknessMm: decimalOf(measures, 0x00180088) ?? decimalOf(measures, 0x00180050),
  };
}

/** Facts of a single-frame image, from its header alone. */
export function factsOf(dataset: DicomDataset): StackFacts {
  return {
    stack: null,
    temporalPosition: textOf(dataset, 0x00200100),
    echoTime: plainNumber(textOf(dataset, 0x00180081)),
    bValue: bValueOf(dataset),
    imageType: textOf(dataset, 0x00080008),
    acquisition: textOf(dataset, 0x00200012),
    triggerTime: plainNumber(textOf(dataset, 0x00181060)),
  };
}

function bValueOf(dataset: DicomDataset): string | null {
  const [standard] = doublesOf(dataset, 0x00189087);
  if (standard !== undefined) return String(standard);
  // Private groups say it only where their maker's name stands in front.
  if (textOf(dataset, 0x00190010) === 'SIEMENS MR HEADER') return textOf(dataset, 0x0019100c);
  if (textOf(dataset, 0x00430010) === 'GEMS_PARM_01') return textsOf(dataset, 0x00431039)[0] ?? null;
  return null;
}

/** One spelling for a number, so that 40 and 40.0 are the same. */
function plainNumber(text: string | null): string | null {
  return text !== null && Number.isFinite(Number(text)) ? String(Number(text)) : text;
}

function numberText(dataset: DicomDataset | undefined, tag: number): string | null {
  const value = dataset && unsignedOf(dataset, tag);
  return typeof value === 'number' ? String(value) : null;
}

function frameFactsOf(dataset: DicomDataset, groups: FrameGroups): StackFacts {
  const content = groups.group(FRAME_CONTENT);
  const number = (group: number, tag: number): string | null => {
    const item = groups.group(group);
    const [value] = item ? doublesOf(item, tag) : [];
    return value === undefined ? null : String(value);
  };
  return {
    stack: content ? textOf(content, 0x00209056) : null,
    temporalPosition: numberText(content, 0x00209128),
    echoTime: number(0x00189114, 0x00189082),
    bValue: number(0x00189117, 0x00189087),
    imageType: groupText(groups, FRAME_TYPES) ?? textOf(dataset, 0x00080008),
    acquisition: numberText(content, 0x00209156),
    triggerTime: number(0x00189118, 0x00209153),
  };
}
