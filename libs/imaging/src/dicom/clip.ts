import { createHash } from 'node:crypto';
import type { FrameDecoder } from '../decode/frame-decoder.js';
import { affineOf } from '../geometry.js';
import { voxelCount } from '../formats/voxels.js';
import { ImagingError } from '../imaging-error.js';
import type { Volume, VolumeProvenance } from '../volume.js';
import { decimalOf, decimalsOf, textOf, unsignedOf, unsignedLongsOf, type DicomDataset } from './dataset.js';
import { doublesOf } from './functional-groups.js';
import type { NamedBytes } from './group-series.js';
import { lossWarning } from './loss.js';
import { greyFrame, type ColourPolicy } from './luminance.js';
import { inFile, maskedValues, readFrames } from './pixel-data.js';
import { frameCountOf, pixelFormatOf, type PixelFormat } from './pixel-format.js';
import { itemsOf, readDicom } from './read-dicom.js';

export interface ClipOptions {
  readonly decoder?: FrameDecoder;
  /** `luminance` takes the brightness of coloured pixels; else a clip is read only if it holds no colour. */
  readonly colour?: ColourPolicy;
  /** Millimetres a pixel is wide and high, for a clip whose header does not say. */
  readonly pixelMm?: readonly [x: number, y: number];
  /** `refuse` takes no images that were compressed with loss; else there is a warning. */
  readonly lossy?: 'warn' | 'refuse';
}

/** A calibrated part of the picture; bounds are pixels and inclusive. */
export interface ClipRegion {
  readonly bounds: { readonly x0: number; readonly y0: number; readonly x1: number; readonly y1: number };
  /** `tissue` is a B-mode or contrast image; others are Doppler, traces and the like. */
  readonly kind: 'tissue' | 'flow' | 'other';
  /** Null where the region is not measured in length in both directions. */
  readonly pixelMm: readonly [x: number, y: number] | null;
}

/** The frames of an ultrasound file over time, as 2D images. */
export interface Clip {
  readonly columns: number;
  readonly rows: number;
  readonly frameCount: number;
  /** Milliseconds of each frame after the first; null if the header does not say. */
  readonly frameTimesMs: readonly number[] | null;
  readonly regions: readonly ClipRegion[];
  readonly pixelMm: readonly [x: number, y: number];
  /** Grey values of one frame after the other, x-fastest. */
  readonly data: Uint8Array | Float32Array;
  readonly provenance: VolumeProvenance;
}

/** Whether a file is an ultrasound image without a place in the patient. */
export function isClip(dataset: DicomDataset): boolean {
  return textOf(dataset, 0x00080060) === 'US' && !dataset.elements.has(0x00200037) && dataset.elements.has(0x00280010);
}

/**
 * Reads an ultrasound image or clip, contrast-enhanced ones too.
 *
 * @throws {ImagingError} any refusal of `readDicom` and of the decoder; `UNSUPPORTED_OBJECT` if it is no ultrasound, `LOSSY`,
 *   `UNSUPPORTED_PIXELS` for colour without a policy and for more than 8 bits, `NO_GEOMETRY` if no pixel size is known
 */
export function readClip({ name, bytes }: NamedBytes, options: ClipOptions = {}): Clip {
  return inFile(name, () => {
    const dataset = readDicom(bytes);
    if (!isClip(dataset)) {
      const fix = 'Give an ultrasound image or clip.';
      throw new ImagingError('UNSUPPORTED_OBJECT', 'this is no ultrasound image', 'the DICOM file', fix);
    }
    const format = pixelFormatOf(dataset);
    const frameCount = frameCountOf(dataset);
    const regions = regionsOf(dataset);
    const warnings: string[] = [];
    const pixelMm = pixelSize(dataset, regions, options, warnings);
    const isLossy = dataset.syntax.isLossy || textOf(dataset, 0x00282110) === '01';
    if (isLossy) warnings.push(lossWarning(options.lossy, 'the ultrasound clip'));
    if (format.samplesPerPixel === 3 && options.colour === 'luminance')
      warnings.push('grey is the luminance of colour');
    return {
      columns: format.columns,
      rows: format.rows,
      frameCount,
      frameTimesMs: frameTimes(dataset, frameCount),
      regions,
      pixelMm,
      data: greyFrames(dataset, format, name, options),
      provenance: {
        sourceDigests: [createHash('sha256').update(bytes).digest('hex')],
        transferSyntax: dataset.syntax.name,
        isLossy,
        acquisition: {
          modality: textOf(dataset, 0x00080060),
          manufacturer: textOf(dataset, 0x00080070),
          model: textOf(dataset, 0x00081090),
          kernel: null,
          sliceThicknessMm: null,
          kvp: null,
        },
        warnings,
      },
    };
  });
}

/**
 * One frame as a volume of a single slice, 1 mm thick, whose first pixel lies at the origin.
 *
 * @param frame from 1; may be left out if there is only one
 * @throws {ImagingError} `UNSUPPORTED_DIMENSIONS` if there are several and none is chosen, or there is no such frame
 */
export function frameOf(clip: Clip, frame?: number): Volume {
  const { columns, rows, frameCount } = clip;
  const chosen = frame ?? (frameCount === 1 ? 1 : 0);
  if (!(Number.isInteger(chosen) && chosen >= 1 && chosen <= frameCount)) {
    throw new ImagingError(
      'UNSUPPORTED_DIMENSIONS',
      frame === undefined ? `the clip has ${frameCount} frames` : `the clip has no frame ${frame}`,
      'the ultrasound clip',
      `Choose one frame, 1 to ${frameCount}.`,
    );
  }
  const size = columns * rows;
  const values = clip.data.subarray((chosen - 1) * size, chosen * size);
  const note = 'a frame of ultrasound has no place in the patient: its first pixel is the origin, its thickness 1 mm';
  return {
    shape: [columns, rows, 1],
    affine: affineOf([clip.pixelMm[0], 0, 0], [0, clip.pixelMm[1], 0], [0, 0, 1], [0, 0, 0]),
    data: values instanceof Float32Array ? values : Int16Array.from(values),
    unit: 'arbitrary',
    provenance: { ...clip.provenance, warnings: [...clip.provenance.warnings, note] },
  };
}

function greyFrames(
  dataset: DicomDataset,
  format: PixelFormat,
  where: string,
  { decoder, colour }: ClipOptions,
): Clip['data'] {
  const count = frameCountOf(dataset);
  const size = format.rows * format.columns;
  voxelCount([format.columns, format.rows, count], 'the DICOM file');
  const frames = Array.from({ length: count }, (_, index) => ({ dataset, format, index, where }));
  const isLuminance = format.samplesPerPixel === 3 && colour === 'luminance';
  const data = isLuminance ? new Float32Array(size * count) : new Uint8Array(size * count);
  readFrames(frames, decoder, (index, frame) => {
    const grey = greyFrame(maskedValues(frame), format, dataset.syntax.pixels, colour ?? 'refuse');
    data.set(grey, index * size);
  });
  return data;
}

/** Sequence of Ultrasound Regions (PS3.3 C.8.5.5). */
function regionsOf(dataset: DicomDataset): ClipRegion[] {
  return itemsOf(dataset, 0x00186011).map((item) => {
    const [x0, y0, x1, y1] = [0x00186018, 0x0018601a, 0x0018601c, 0x0018601e].map(
      (tag) => unsignedLongsOf(item, tag)[0],
    );
    const type = unsignedOf(item, 0x00186014);
    const isLength = unsignedOf(item, 0x00186024) === 3 && unsignedOf(item, 0x00186026) === 3; // centimetres
    const [dx, dy] = [doublesOf(item, 0x0018602c)[0], doublesOf(item, 0x0018602e)[0]].map((cm) => Math.abs(cm) * 10);
    return {
      bounds: { x0: x0 ?? 0, y0: y0 ?? 0, x1: x1 ?? 0, y1: y1 ?? 0 },
      kind: type === 1 ? 'tissue' : type === 2 ? 'flow' : 'other',
      pixelMm: isLength && dx > 0 && dy > 0 ? [dx, dy] : null,
    };
  });
}

/** The size of a pixel: of the regions of tissue, which must agree, else as the image or the caller says. */
function pixelSize(
  dataset: DicomDataset,
  regions: readonly ClipRegion[],
  options: ClipOptions,
  warnings: string[],
): readonly [number, number] {
  const sizes = regions.flatMap(({ kind, pixelMm }) => (kind === 'tissue' && pixelMm ? [pixelMm] : []));
  const [first] = sizes;
  if (sizes.some((size) => size.some((value, axis) => Math.abs(value - first[axis]) > 1e-3 * value))) {
    const fix = 'Crop the clip to one of them, or give the pixel size.';
    if (!options.pixelMm) throw noSize('its regions differ in the size of a pixel', fix);
  } else if (first) return first;
  const [rowSpacing, columnSpacing] = decimalsOf(dataset, 0x00280030);
  if (sizes.length === 0 && rowSpacing > 0 && columnSpacing > 0) return [columnSpacing, rowSpacing];
  const given = options.pixelMm;
  if (!given || !(given[0] > 0 && given[1] > 0)) {
    throw noSize('its header does not say how large a pixel is', 'Give the pixel size, or a file with calibration.');
  }
  warnings.push('the size of a pixel was given by the settings, not by the header');
  return given;
}

function noSize(what: string, fix: string): ImagingError {
  return new ImagingError('NO_GEOMETRY', what, 'the DICOM file', fix);
}

/** From the frame time, the vector of them, or the rate. */
function frameTimes(dataset: DicomDataset, count: number): number[] | null {
  const steps = decimalsOf(dataset, 0x00181065);
  if (steps.length === count) {
    let time = 0;
    return steps.map((step, index) => (time += index === 0 ? 0 : step));
  }
  const rate = decimalOf(dataset, 0x00180040) ?? decimalOf(dataset, 0x00082144) ?? 0;
  const step = decimalOf(dataset, 0x00181063) ?? (rate > 0 ? 1000 / rate : 0);
  return step > 0 ? Array.from({ length: count }, (_, index) => index * step) : null;
}
