import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { deflateRawSync, gunzipSync, gzipSync, inflateRawSync } from 'node:zlib';

import {
  frameOf,
  groupSeries,
  ImagingError,
  readClip,
  readDicomSeries,
  readNifti,
  readNrrd,
  readRtstruct,
  readSegmentation,
  readSegmentationOnOwnGrid,
  spacingMm,
  type GridGeometry,
  type Mask,
  type Volume,
} from '@concord/imaging';

import { Dice, mutated } from './mutate.js';

const golden = new URL('../../../libs/imaging/golden/', import.meta.url).pathname;
const LIMIT_MS = 1000;

interface Base {
  readonly name: string;
  readonly bytes: Buffer;
  readonly read: (bytes: Buffer) => Volume | Mask;
  /** Bytes that are left alone: without its mark a file is no DICOM, and that is soon known. */
  readonly start?: number;
  /** How what is packed in the file is unpacked and packed again, so that changes reach what is inside. */
  readonly inside?: { unpack(bytes: Buffer): Buffer; pack(bytes: Buffer): Buffer };
}

/** A file that ended in anything else than a typed refusal or a sound image. */
export interface FuzzFailure {
  readonly run: number;
  readonly base: string;
  readonly problem: string;
}

export interface FuzzReport {
  readonly runs: number;
  /** How often each code refused, and how often an image was read (`read`). */
  readonly outcomes: ReadonlyMap<string, number>;
  readonly slowestMs: number;
  readonly failures: readonly FuzzFailure[];
}

function filesIn(folder: string, pattern: RegExp): string[] {
  return readdirSync(join(golden, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => pattern.test(name))
    .sort()
    .map((name) => join(folder, name));
}

function readDicomFile(bytes: Buffer): Volume {
  groupSeries([{ name: 'a', bytes: bytes.subarray(0, 65536) }]);
  return readDicomSeries([{ name: 'a', bytes }]);
}

const gzip = { unpack: (bytes: Buffer) => gunzipSync(bytes), pack: (bytes: Buffer) => gzipSync(bytes, { level: 1 }) };

/** What follows the meta header of a deflated file. */
function deflated(bytes: Buffer): NonNullable<Base['inside']> {
  const start = 132 + 12 + bytes.readUInt32LE(140);
  return {
    unpack: (file) => inflateRawSync(file.subarray(start)),
    pack: (body) => Buffer.concat([bytes.subarray(0, start), deflateRawSync(body, { level: 1 })]),
  };
}

const load = (name: string): Buffer => readFileSync(join(golden, name));

/** Decoders of these run in threads that can be ended, and are not asked here. */
const PREFIX = 132;
const IN_THREADS = /jpeg-(?!lossless)|htj2k|slow/;
const isRegion = (name: string): boolean => /(^|\/)(seg|rtstruct)[^/]*$|dicom\/regions\/[^/]+$/.test(name);

function dicomBases(): { images: Base[]; regions: Base[] } {
  // Of a series, or of a folder of alike ones, the first file will do.
  const names = [...filesIn('synthetic', /\.dcm$/), ...filesIn('dicom', /\.dcm$/)].filter(
    (name) => !IN_THREADS.test(name) && !/\/[1-9][^/]*\.dcm$|folders\/(?!b\/|phases\/)/.test(name),
  );
  const series = filesIn('synthetic/ct/explicit', /\.dcm$/).map((name) => ({ name, bytes: load(name) }));
  const grid: GridGeometry = readDicomSeries(series);
  const regionReaders: readonly Base['read'][] = [
    (bytes) => readSegmentation(bytes, grid, { segment: 1, offGrid: 'resample', fractionAtLeast: 0.5 }),
    (bytes) => readSegmentationOnOwnGrid(bytes, { segment: 1, fractionAtLeast: 0.5 }),
  ];
  const structures: readonly Base['read'][] = [1, 2].map((roi) => (bytes) => readRtstruct(bytes, grid, { roi }));
  const regions = names.filter(isRegion).flatMap((name): Base[] => {
    const bytes = load(name);
    return (name.includes('rtstruct') ? structures : regionReaders).map((read) => ({
      name,
      bytes,
      read,
      start: PREFIX,
    }));
  });
  const images = names
    .filter((name) => !isRegion(name))
    .map((name): Base => {
      const bytes = load(name);
      const inside = name.includes('deflated') ? { inside: deflated(bytes) } : {};
      return {
        name,
        bytes,
        read: name.includes('ultrasound') ? readFirstFrame : readDicomFile,
        start: PREFIX,
        ...inside,
      };
    });
  return { images, regions };
}

function readFirstFrame(bytes: Buffer): Volume {
  return frameOf(readClip({ name: 'a', bytes }, { colour: 'luminance', pixelMm: [0.5, 0.5] }), 1);
}

function niftiBases(): Base[] {
  return filesIn('synthetic/nifti', /\.nii(\.gz)?$/).map((name): Base => {
    const inside = name.endsWith('.gz') ? { inside: gzip } : {};
    return { name, bytes: load(name), read: (bytes) => readNifti(bytes, { frame: 0 }), ...inside };
  });
}

function nrrdBases(): Base[] {
  const dataFile = (name: string): Buffer => load(name.endsWith('.gz') ? 'formats/gzip.raw.gz' : 'formats/raw.raw');
  return filesIn('', /\.(nrrd|nhdr)$/).map((name): Base => ({
    name,
    bytes: load(name),
    read: (bytes) => readNrrd(bytes, { frame: 0, dataFile }),
  }));
}

/** What is wrong with an image that was read; null if nothing is. */
function problemOf(image: Volume | Mask): string | null {
  const [nx, ny, nz] = image.shape;
  if (image.data.length !== nx * ny * nz || image.data.length === 0) return 'it has not as many voxels as its shape';
  if (!image.affine.every(Number.isFinite)) return 'its affine is not finite';
  if (!spacingMm(image).every((mm) => mm > 0)) return 'a spacing is not positive';
  if (!('label' in image)) return null;
  return image.data.includes(1) && image.data.every((value) => value <= 1) ? null : 'it is no mask';
}

function attempt(read: () => Volume | Mask): { outcome: string; problem: string | null } {
  try {
    const image = read();
    return { outcome: 'read', problem: problemOf(image) };
  } catch (error) {
    if (error instanceof ImagingError) return { outcome: error.code, problem: null };
    return { outcome: 'other', problem: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}

/**
 * Reads mutated files; the same seed makes the same files, run by run.
 *
 * @param first the first run, to repeat a failure alone
 */
export function fuzz(seed: number, runs: number, first = 0): FuzzReport {
  const { images, regions } = dicomBases();
  const pools = [images, regions, images, niftiBases(), nrrdBases()];
  const outcomes = new Map<string, number>();
  const failures: FuzzFailure[] = [];
  let slowestMs = 0;
  for (let run = first; run < first + runs; run++) {
    const dice = new Dice(Math.imul(seed, 0x9e3779b1) ^ run);
    const pool = pools[run % pools.length];
    const { name, bytes, read, inside, start: kept = 0 } = pool[Math.floor(run / pools.length) % pool.length];
    const other = dice.one(dice.one(pools)).bytes;
    const isInside = inside !== undefined && dice.below(3) > 0;
    const changed = mutated(isInside ? inside.unpack(bytes) : bytes.subarray(kept), dice, other);
    const file = isInside ? inside.pack(changed) : Buffer.concat([bytes.subarray(0, kept), changed]);
    const start = performance.now();
    let { outcome, problem } = attempt(() => read(file));
    let ms = performance.now() - start;
    if (ms > LIMIT_MS) {
      // A busy machine, or a slow reader? The second time tells.
      const again = performance.now();
      ({ outcome, problem } = attempt(() => read(file)));
      ms = Math.min(ms, performance.now() - again);
    }
    if (ms > LIMIT_MS) problem ??= `it took ${Math.round(ms)} ms`;
    slowestMs = Math.max(slowestMs, ms);
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    if (problem !== null) failures.push({ run, base: name, problem });
  }
  return { runs, outcomes, slowestMs, failures };
}
