import { createHash } from 'node:crypto';
import type { FrameDecoder } from '../decode/frame-decoder.js';
import { voxelCount } from '../formats/voxels.js';
import { ImagingError, type ImagingErrorCode } from '../imaging-error.js';
import type { Acquisition, Volume } from '../volume.js';
import { frameOf, isClip, readClip, type ClipOptions } from './clip.js';
import { decimalOf, textOf, textsOf, type DicomDataset } from './dataset.js';
import { frameGroupsOf } from './functional-groups.js';
import type { NamedBytes } from './group-series.js';
import { lossWarning } from './loss.js';
import { inFile, readFrames } from './pixel-data.js';
import { planGrid, type GridPlan, type PlanOptions } from './plan-grid.js';
import { readDicom } from './read-dicom.js';
import { slicesOf, type Slice } from './slice.js';
import { splitStacks } from './stacks.js';
import { suvScale, type SuvKind } from './suv.js';
import { VoxelSink } from './voxel-sink.js';

export interface SeriesOptions extends PlanOptions, ClipOptions {
  /** Decodes compressed pixels; without one, RLE and lossless JPEG are still read. */
  readonly decoder?: FrameDecoder;
  /** Which volume of a series that holds several, from 1, in the order that the refusal and `groupSeries` list. */
  readonly part?: number;
  /** By what PET activity is divided; body weight unless told otherwise. */
  readonly suv?: SuvKind;
  /** Which frame of an ultrasound clip, from 1. */
  readonly frame?: number;
}

/**
 * Reads the files of one series into a volume in LPS: single-frame or enhanced multi-frame CT, MR and PET, or a frame of
 * an ultrasound clip. Each slice has its own rescale slope and intercept. Whole values are kept as Int16 where they fit,
 * others as Float32 or Float64, without loss.
 *
 * A file that is given twice, byte for byte, counts once. The unit is HU for CT, `SUV…` for PET, else `arbitrary`.
 *
 * @throws {ImagingError} any refusal of `readDicom`, `planGrid` and of the decoder; `MIXED_SERIES`, `FRAME_OF_REFERENCE`,
 *   `UNSUPPORTED_OBJECT`, `UNSUPPORTED_PIXELS`, `UNSUPPORTED_SYNTAX`, `NO_GEOMETRY`, `LOSSY`, `TOO_LARGE`, `PET_UNITS`,
 *   `PET_HEADER`, `PET_CORRECTIONS`
 */
export function readDicomSeries(files: readonly NamedBytes[], options: SeriesOptions = {}): Volume {
  const [only] = files;
  if (files.length === 1) {
    const dataset = inFile(only.name, () => readDicom(only.bytes));
    if (isClip(dataset)) return frameOf(readClip(only, options), options.frame);
  }
  const warnings: string[] = [];
  const { slices, plan } = planSlices(readSlices(files, warnings), options);
  const present = plan.order.filter((index) => index >= 0);
  const ordered = present.map((index) => slices[index]);
  const scale = scaleOf(ordered, options, warnings);
  const isLossy = ordered.some(({ dataset }) => isCompressedWithLoss(dataset));
  if (isLossy) warnings.push(lossWarning(options.lossy, 'the DICOM series'));
  const data = voxelsOf(slices, plan, scale.factors, options.decoder);
  return {
    shape: plan.shape,
    affine: plan.affine,
    data,
    unit: scale.unit,
    provenance: {
      sourceDigests: [...new Set(ordered.map(({ digest }) => digest))],
      transferSyntax: ordered[0].dataset.syntax.name,
      isLossy,
      acquisition: acquisitionOf(ordered[0]),
      warnings: [...plan.warnings, ...warnings],
    },
  };
}

function readSlices(files: readonly NamedBytes[], warnings: string[]): Slice[] {
  const seen = new Set<string>();
  const slices: Slice[] = [];
  for (const { name, bytes } of files) {
    const digest = createHash('sha256').update(bytes).digest('hex');
    if (seen.has(digest)) continue;
    seen.add(digest);
    for (const slice of inFile(name, () => slicesOf(readDicom(bytes), name, digest))) slices.push(slice);
  }
  if (seen.size < files.length) warnings.push(`${files.length - seen.size} files were given twice and count once`);
  const datasets = [...new Set(slices.map(({ dataset }) => dataset))];
  const unique = (tag: number): number => new Set(datasets.map((dataset) => textOf(dataset, tag))).size;
  if (unique(0x0020000e) > 1) {
    const what = `the files belong to ${unique(0x0020000e)} series`;
    throw refusal('MIXED_SERIES', what, 'Give the files of one series.');
  }
  if (unique(0x00200052) > 1) {
    const what = 'the slices lie in different frames of reference';
    throw refusal('FRAME_OF_REFERENCE', what, 'Give slices of one acquisition.');
  }
  return slices;
}

/** The slices of the volume asked for, and its grid. */
function planSlices(slices: readonly Slice[], options: SeriesOptions): { slices: readonly Slice[]; plan: GridPlan } {
  const planned = (members: readonly Slice[]): { slices: readonly Slice[]; plan: GridPlan } => ({
    slices: members,
    plan: planGrid(
      members.map(({ placement }) => placement),
      options,
    ),
  });
  if (options.part === undefined || options.part === 0) {
    try {
      return planned(slices);
    } catch (error) {
      if (!(error instanceof ImagingError && error.code === 'DUPLICATE')) throw error;
      const stacks = splitStacks(slices);
      if (stacks.length === 1) throw error;
      throw severalVolumes(stacks, error);
    }
  }
  const stacks = splitStacks(slices);
  const stack = stacks[options.part - 1];
  if (stack) return planned(stack.members);
  throw severalVolumes(stacks);
}

function severalVolumes(stacks: ReturnType<typeof splitStacks<Slice>>, cause?: Error): ImagingError {
  const list = stacks.map(({ label, members }, index) => `${index + 1} "${label}" (${members.length} slices)`);
  const shown = list.length > 12 ? [...list.slice(0, 12), `${list.length - 12} more`] : list;
  return new ImagingError(
    'MIXED_SERIES',
    `the series holds ${list.length} volumes: ${shown.join(', ')}`,
    'the DICOM series',
    'Choose one volume by its number, or give its files only.',
    { cause },
  );
}

function voxelsOf(
  slices: readonly Slice[],
  plan: GridPlan,
  factors: readonly number[],
  decoder: FrameDecoder | undefined,
): Volume['data'] {
  voxelCount(plan.shape, 'the DICOM series');
  const slots = plan.order.flatMap((index, k) => (index >= 0 ? [{ slice: slices[index], k }] : []));
  const scales = slots.map(({ slice: { slope, intercept } }, n) => ({
    slope: slope * factors[n],
    intercept: intercept * factors[n],
  }));
  const isWhole = scales.every(({ slope, intercept }) => Number.isInteger(slope) && Number.isInteger(intercept));
  const size = plan.shape[0] * plan.shape[1];
  const sink = new VoxelSink(size, plan.shape[2], isWhole);
  readFrames(
    slots.map(({ slice }) => slice),
    decoder,
    (n, frame) => sink.put(slots[n].k, frame, scales[n]),
  );
  return plan.filled.length === 0 ? sink.data : interpolated(sink.data, size, plan);
}

/** Fills missing slices linearly between their neighbours. */
function interpolated(data: Volume['data'], size: number, { filled }: GridPlan): Volume['data'] {
  const whole = data instanceof Float64Array ? data : Float32Array.from(data);
  for (const { k, below, above } of filled) {
    const weight = (k - below) / (above - below);
    for (let pixel = 0; pixel < size; pixel++) {
      const low = data[below * size + pixel];
      whole[k * size + pixel] = low + weight * (data[above * size + pixel] - low);
    }
  }
  return whole;
}

function scaleOf(
  slices: readonly Slice[],
  { suv }: SeriesOptions,
  warnings: string[],
): { factors: readonly number[]; unit: string } {
  const modality = textOf(slices[0].dataset, 0x00080060);
  if (modality !== 'PT') return { factors: slices.map(() => 1), unit: modality === 'CT' ? 'HU' : 'arbitrary' };
  const scale = suvScale(
    slices.map(({ dataset }) => dataset),
    suv,
  );
  if (scale.note !== null) warnings.push(scale.note);
  return scale;
}

/** What the header says of the image's history counts, as does its syntax; two syntaxes can do either. */
function isCompressedWithLoss(dataset: DicomDataset): boolean {
  const stated = textOf(dataset, 0x00282110);
  if (stated === '01') return true;
  return dataset.syntax.isLossy && !(stated === '00' && /\.4\.(91|203)$/.test(dataset.syntax.uid));
}

function acquisitionOf({ dataset, index, placement }: Slice): Acquisition {
  const groups = frameGroupsOf(dataset)[index];
  const found = (tag: number, group: number): DicomDataset =>
    dataset.elements.has(tag) ? dataset : (groups?.group(group) ?? dataset);
  return {
    modality: textOf(dataset, 0x00080060),
    manufacturer: textOf(dataset, 0x00080070),
    model: textOf(dataset, 0x00081090),
    kernel: textsOf(found(0x00181210, 0x00189314), 0x00181210).join('\\') || null,
    sliceThicknessMm: decimalOf(found(0x00180050, 0x00289110), 0x00180050) ?? placement.thicknessMm,
    kvp: decimalOf(found(0x00180060, 0x00189325), 0x00180060),
  };
}

function refusal(code: ImagingErrorCode, what: string, fix: string): ImagingError {
  return new ImagingError(code, what, 'the DICOM series', fix);
}
