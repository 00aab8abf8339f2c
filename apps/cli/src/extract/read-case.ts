import {
  attachMask,
  connectedLesions,
  DEFAULT_READING,
  drawnOn,
  groupSeries,
  lesionMask,
  listLabels,
  maskFromVolume,
  masksFromVolume,
  readDicomSeries,
  readNifti,
  readNrrd,
  readRtstruct,
  readSegmentation,
  segmentOptionsOf,
  seriesOptionsOf,
  startFrameDecoder,
  type AttachedMask,
  type Mask,
  type NamedBytes,
  type Reading,
  type SeriesGroup,
  type Volume,
} from '@concord/imaging';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { isMainThread } from 'node:worker_threads';
import { naming, ReportedError, UnsupportedFileError, UsageError } from '../lib/errors.js';
import { filesIn, foldersIn, isFolder, readInput } from '../lib/files.js';
import type { RegionSource } from './case-list.js';

/** Modalities of DICOM objects that are no image of their own. */
const NO_IMAGE = new Set(['SEG', 'RTSTRUCT', 'RTPLAN', 'RTDOSE', 'SR', 'PR', 'KO', 'REG']);

/** Starts no thread before the first compressed frame; cases in threads of their own share the cores already. */
export const frameDecoder = startFrameDecoder({ threads: isMainThread ? availableParallelism() : 1 });

/** An image, and for DICOM the frame of reference that its regions must name. */
export interface ReadImage {
  readonly volume: Volume;
  readonly frameOfReferenceUid?: string;
}

/**
 * Reads an image: a NIfTI or NRRD file, a DICOM file, or a folder of DICOM files that holds one image series. `PATH#2` is
 * the second volume of a folder or file that holds several, or the second frame of an ultrasound clip.
 *
 * @param region of several volumes in a folder the one that it says it was drawn on is taken
 * @throws {FileNotReadableError} if it is absent, {UnsupportedFileError} if it is no image; errors of @concord/imaging
 */
export function readImage(path: string, reading: Reading = DEFAULT_READING, region?: RegionSource): ReadImage {
  const [, before, number] = (!existsSync(path) && /^(.+)#([1-9]\d*)$/.exec(path)) || [];
  const [place, chosen] = before === undefined ? [path, null] : [before, Number(number)];
  return naming(path, () =>
    isFolder(place)
      ? readSeries(dicomFilesIn(place), { path: place, chosen, reading, region })
      : readImageFile({ path: place, chosen, reading, region }),
  );
}

/** What is wanted of a path. */
interface Wanted {
  readonly path: string;
  /** The number behind it, from 1. */
  readonly chosen: number | null;
  readonly reading: Reading;
  readonly region: RegionSource | undefined;
}

function readImageFile(wanted: Wanted): ReadImage {
  const { path, chosen, reading } = wanted;
  const bytes = readInput(path);
  if (isDicom(bytes)) return readSeries([{ name: basename(path), bytes }], wanted);
  const part = chosen ?? reading.part;
  const frame = part === null ? {} : { frame: part - 1 };
  if (hasAscii(bytes, 0, 'NRRD')) {
    const dataFile = (name: string): Uint8Array => readInput(join(dirname(path), name));
    return { volume: readNrrd(bytes, { ...frame, dataFile }) };
  }
  const isGzip = bytes[0] === 0x1f && bytes[1] === 0x8b;
  const isNifti = hasAscii(bytes, 344, 'n+1') || hasAscii(bytes, 4, 'n+2');
  if (isGzip || isNifti || /\.nii$/i.test(path)) return { volume: readNifti(bytes, frame) };
  throw new UnsupportedFileError(
    'this is no NIfTI, NRRD or DICOM file',
    path,
    'Convert it, or give the folder of its series.',
  );
}

function hasAscii(bytes: Uint8Array, at: number, text: string): boolean {
  return Array.from(text).every((character, n) => bytes[at + n] === character.charCodeAt(0));
}

export function isDicom(bytes: Uint8Array): boolean {
  return hasAscii(bytes, 128, 'DICM');
}

/** @throws {UnsupportedFileError} if the folder holds no DICOM file */
export function dicomFilesIn(folder: string): NamedBytes[] {
  const dicom = dicomFilesOf(filesIn(folder));
  if (dicom.length > 0) return dicom;
  const [inside, ...more] = foldersIn(folder);
  if (inside === undefined) {
    const fix = 'Give the folder with the files of one series.';
    throw new UnsupportedFileError('the folder holds no DICOM file', folder, fix);
  }
  const count = more.length === 0 ? 'a folder' : `${more.length + 1} folders`;
  const fix = `Give the folder of one series, such as ${inside}; concord inspect ${folder} says what is in each.`;
  throw new UnsupportedFileError(`the folder holds no DICOM file, but ${count}`, folder, fix);
}

export function dicomFilesOf(paths: readonly string[]): NamedBytes[] {
  return paths.map((path) => ({ name: basename(path), bytes: readInput(path) })).filter(({ bytes }) => isDicom(bytes));
}

/** The bytes of a structure set or segmentation: the file, or the only one of its kind in a folder. */
function readRegionFile(path: string, modality: 'RTSTRUCT' | 'SEG'): Uint8Array {
  if (!isFolder(path)) return readInput(path);
  const found = groupSeries(dicomFilesIn(path)).series.filter((series) => series.modality === modality);
  const files = found.flatMap((series) => series.files);
  if (files.length === 1) return files[0].bytes;
  const names = files.map(({ name }) => name).join(', ');
  const what = `the folder holds ${files.length} files of ${modality}${names && `: ${names}`}`;
  throw new UnsupportedFileError(what, path, 'Give the file itself.');
}

/** Segmentations and structure sets may lie beside the images: the header tells. */
function readSeries(files: readonly NamedBytes[], { path, chosen, reading, region }: Wanted): ReadImage {
  const { series, skipped } = groupSeries(files);
  const images = series.filter(({ modality }) => !NO_IMAGE.has(modality));
  if (images.length === 0 && skipped.length > 0) throw skipped[0].error;
  const isClip = images.length === 1 && images[0].modality === 'US';
  const number = isClip ? reading.part : (chosen ?? reading.part);
  const image = number === null ? onlyImage(images, region) : images[number - 1];
  if (image === undefined) throw severalSeries(images, series, path, number);
  if (skipped.length > 0) throw skipped[0].error; // a slice may be missing: never guess
  const { files: own, frameOfReferenceUid, part } = image;
  const frame = (isClip ? chosen : null) ?? reading.frame;
  const options = { ...seriesOptionsOf(reading), ...(frame === null ? {} : { frame }), part, decoder: frameDecoder };
  const volume = readDicomSeries(own, options);
  return frameOfReferenceUid === null ? { volume } : { volume, frameOfReferenceUid };
}

/** The only image, or the only one that the region was drawn on. */
function onlyImage(images: readonly SeriesGroup[], region: RegionSource | undefined): SeriesGroup | undefined {
  if (images.length < 2 || region === undefined || region.kind === 'none' || region.kind === 'mask') {
    return images.length === 1 ? images[0] : undefined;
  }
  const own = drawnOn(images, readRegionFile(region.path, region.kind === 'seg' ? 'SEG' : 'RTSTRUCT'));
  return own.length === 1 ? own[0] : undefined;
}

function severalSeries(
  images: readonly SeriesGroup[],
  all: readonly SeriesGroup[],
  path: string,
  number: number | null,
): Error {
  const named = ({ modality, label, files }: SeriesGroup): string =>
    `${[modality, label].filter(Boolean).join(' ')} (${files.length} files)`;
  if (images.length === 0) {
    const what = `it holds no image, but ${all.map(named).join(', ')}`;
    const [{ modality }] = all;
    const option = modality === 'RTSTRUCT' ? '--rtstruct' : modality === 'SEG' ? '--seg' : null;
    const fix = option ? `Give it with ${option}.` : 'Give a folder with the files of one series.';
    return new UnsupportedFileError(what, path, fix);
  }
  const list = images.map((image, n) => `${n + 1} ${named(image)}`).join(', ');
  const absent = number === null ? '' : `, and none has the number ${number}`;
  const fix = `Choose one by its number, such as ${path}#1, or give a folder with one series.`;
  return new UnsupportedFileError(`it holds ${images.length} image series${absent}: ${list}`, path, fix);
}

/** The regions of a case, and the SHA-256 of each file they were read from. */
export interface ReadRegions {
  /** To be walked over once: lesions become masks one by one. */
  readonly masks: Iterable<Mask>;
  readonly digests: readonly string[];
}

/**
 * Reads the regions of a case, on the grid of its image.
 *
 * @param warn told how a mask on another grid was brought onto that of its image
 * @throws as `readImage`, and what @concord/imaging refuses: an absent label, another grid, an empty region
 */
export function readRegions(
  source: RegionSource,
  image: ReadImage,
  warn: (sentence: string) => void = () => undefined,
  reading: Reading = DEFAULT_READING,
): ReadRegions {
  const { volume, ...frame } = image;
  const grid = ('grid' in source ? source.grid : undefined) ?? reading.offGrid;
  if (source.kind === 'none') throw new ReportedError(source.error);
  return naming(source.path, (): ReadRegions => {
    switch (source.kind) {
      case 'mask': {
        const labels = readImage(source.path).volume;
        const attached = masksOf(labels, source.label, source.path).map((mask) => attachMask(mask, volume, grid));
        for (const mask of attached) warnOfGrid(mask, warn);
        const masks = isLesions(source.label) ? lesionsOf(attached[0], source.minLesionMm3) : attached;
        return { masks, digests: labels.provenance.sourceDigests };
      }
      case 'rtstruct': {
        const bytes = readRegionFile(source.path, 'RTSTRUCT');
        const mask = readRtstruct(bytes, volume, { ...frame, ...chosen('roi', source.roi) });
        return { masks: [mask], digests: [sha256(bytes)] };
      }
      case 'seg': {
        const bytes = readRegionFile(source.path, 'SEG');
        const mask = readSegmentation(bytes, volume, {
          ...frame,
          ...chosen('segment', source.segment),
          ...segmentOptionsOf({ ...reading, offGrid: grid }),
          decoder: frameDecoder,
        });
        return { masks: [mask], digests: [sha256(bytes)] };
      }
    }
  });
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function chosen<Key extends string>(key: Key, value: string | null): Partial<Record<Key, string>> {
  return value === null ? {} : ({ [key]: value } as Record<Key, string>);
}

/**
 * Reads the regions of a case as PyRadiomics does: of a mask the label its parameters name, or the one asked for, on the mask's
 * own grid, unless a policy or lesions were asked for.
 *
 * @param channel of a mask that holds several images, or null
 * @throws as `readRegions`
 */
export function readPyradiomicsRegions(
  source: RegionSource,
  image: ReadImage,
  { label, channel }: { label: number; channel: number | null },
  warn: (sentence: string) => void,
): ReadRegions {
  if (source.kind !== 'mask') return readRegions(source, image, warn);
  const path = channel === null ? source.path : `${source.path}#${channel + 1}`;
  const wanted = source.label ?? String(label);
  if (source.grid !== undefined || isLesions(wanted))
    return readRegions({ ...source, path, label: wanted }, image, warn);
  return naming(path, () => {
    const labels = readImage(path).volume;
    return { masks: masksOf(labels, wanted, path), digests: labels.provenance.sourceDigests };
  });
}

/** `lesions`: the connected parts of all that is labelled; `lesions:2`: those of one label. */
const LESIONS = /^lesions(?::(.+))?$/;

function isLesions(label: string | null): boolean {
  return label !== null && LESIONS.test(label);
}

function warnOfGrid({ label, how, maxCornerErrorMm, volumeChangeMm3 }: AttachedMask, warn: (sentence: string) => void) {
  const off = `its corners lay up to ${maxCornerErrorMm.toFixed(3)} mm from those of the image`;
  if (how === 'snapped') warn(`${label}: the mask was moved onto the voxels of the image: ${off}`);
  if (how === 'resampled') {
    warn(`${label}: the mask was resampled by nearest neighbour (${volumeChangeMm3.toFixed(1)} mm³ of change): ${off}`);
  }
}

function lesionsOf(region: Mask, minVolumeMm3 = 0): Iterable<Mask> {
  const lesions = connectedLesions(region, { minVolumeMm3 }); // refused at once, not when walked over
  return (function* () {
    for (const lesion of lesions) yield lesionMask(region, lesion);
  })();
}

/** `1`, `1,2`, `all` (a region for each label), `union`, `lesions`, or nothing when the mask holds one label. */
function masksOf(labels: Volume, label: string | null, path: string): Mask[] {
  if (label === null) return [maskFromVolume(labels, 'all')];
  if (label === 'all') return masksFromVolume(labels);
  const wanted = isLesions(label) ? (LESIONS.exec(label)?.[1] ?? 'union') : label;
  if (wanted === 'union') return [maskFromVolume(labels, 'union')];
  const values = wanted.split(',').map((text) => Number(text.trim()));
  const isOne = values.length === 1 || !isLesions(label);
  if (!isOne || !values.every((value) => Number.isInteger(value) && value !== 0)) {
    throw new UsageError(
      `${label} is no label`,
      path,
      `Choose 1, 1,2, all, union, lesions or lesions:1; it holds ${listLabels(labels).join(', ')}.`,
    );
  }
  return values.map((value) => maskFromVolume(labels, value));
}
