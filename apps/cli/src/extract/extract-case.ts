import { ConcordError } from '@concord/errors';
import {
  DEFAULT_READING,
  spacingMm,
  type Acquisition,
  type Mask,
  type Reading,
  type Triple,
  type Volume,
} from '@concord/imaging';
import type { Kernels } from '@concord/kernels';
import {
  compileExtraction,
  extractPyradiomics,
  runExtraction,
  Timings,
  type ExtractionSettings,
  type PyradiomicsParameters,
} from '@concord/radiomics';
import { reportOf, type ErrorReport } from '../lib/errors.js';
import type { CaseSpec } from './case-list.js';
import type { RegionResult } from './layout.js';
import type { PyradiomicsRegion } from './pyradiomics-table.js';
import { readImage, readPyradiomicsRegions, readRegions, type ReadImage, type ReadRegions } from './read-case.js';

/** Where the values of a case come from; no names, dates or identifiers of a patient. */
export interface CaseProvenance {
  readonly image: {
    /** SHA-256 of each file read, hex, in the order of the slices. */
    readonly digests: readonly string[];
    readonly unit: string;
    readonly shape: Triple;
    readonly spacingMm: Triple;
    /** From voxel indices to the patient frame, LPS, mm: 4 x 4, row by row. */
    readonly affine: readonly number[];
    readonly transferSyntax: string | null;
    readonly isLossy: boolean;
    readonly acquisition: Acquisition;
  };
  readonly region: { readonly digests: readonly string[] };
  readonly warnings: readonly string[];
}

/** What became of one case: its regions, or why it was refused. */
export type CaseOutcome<R> =
  | {
      readonly status: 'ok';
      readonly results: readonly R[];
      readonly provenance: CaseProvenance;
      /** Of reading; of each phase and family as well if that was asked for. */
      readonly seconds: Readonly<Record<string, number>>;
    }
  | { readonly status: 'refused'; readonly error: ErrorReport };

/** What is done with cases, the same for all of a list; plain data, so that it can go to a worker thread. */
export type CaseTask = {
  /** Whether to measure the seconds of each phase, one phase after the other. */
  readonly isTimed: boolean;
} & (
  | { readonly profile: 'ibsi'; readonly settings: ExtractionSettings }
  | { readonly profile: 'pyradiomics'; readonly parameters: PyradiomicsParameters }
);

/** What a task gives for each region. */
export type ResultOf<T extends CaseTask> = T['profile'] extends 'ibsi' ? RegionResult : PyradiomicsRegion;

/** How one profile reads and measures the regions of a case. */
interface Profile<R> {
  readonly reading: Reading;
  readonly regions: (image: ReadImage, warn: (text: string) => void) => ReadRegions;
  readonly measure: (image: ReadImage, mask: Mask) => { readonly result: R; readonly warnings: readonly string[] };
}

/** Reads one case and computes the features of its regions; what Concord refuses comes back as a report. */
export function extractCase<T extends CaseTask>(spec: CaseSpec, task: T, kernels: Kernels): CaseOutcome<ResultOf<T>> {
  const timings = new Timings(() => performance.now() / 1000);
  try {
    const own = task.isTimed ? timings : null;
    const profile = task.profile === 'ibsi' ? ibsi(spec, task, kernels, own) : pyradiomics(spec, task, kernels, own);
    return measureCase(spec, profile as Profile<ResultOf<T>>, timings); // by the same property
  } catch (error) {
    if (!(error instanceof ConcordError)) throw error;
    return { status: 'refused', error: reportOf(error) };
  }
}

/** As `extractCase`, for one case of many: an error that is a bug is reported too, and does not end the others. */
export function extractAnyCase<T extends CaseTask>(
  spec: CaseSpec,
  task: T,
  kernels: Kernels,
): CaseOutcome<ResultOf<T>> {
  try {
    return extractCase(spec, task, kernels);
  } catch (error) {
    return { status: 'refused', error: { ...reportOf(error), where: spec.image } };
  }
}

function measureCase<R>(spec: CaseSpec, { reading, regions, measure }: Profile<R>, timings: Timings): CaseOutcome<R> {
  if (spec.region.kind === 'none') return { status: 'refused', error: spec.region.error };
  const image = timings.measure('reading', () => readImage(spec.image, reading, spec.region));
  const results: R[] = [];
  const warnings = [...image.volume.provenance.warnings];
  const read = timings.measure('reading', () => regions(image, (text) => warnings.push(text)));
  const masks = read.masks[Symbol.iterator]();
  const nextMask = (): IteratorResult<Mask> => timings.measure('reading', () => masks.next()); // read one by one
  for (let next = nextMask(); !next.done; next = nextMask()) {
    const mask = next.value;
    const measured = measure(image, mask);
    warnings.push(...measured.warnings.map((warning) => `${mask.label}: ${warning}`));
    results.push(measured.result);
  }
  const provenance = { image: factsOf(image.volume), region: { digests: read.digests }, warnings };
  return { status: 'ok', results, provenance, seconds: timings.seconds };
}

function factsOf(volume: Volume): CaseProvenance['image'] {
  const { sourceDigests, transferSyntax, isLossy, acquisition } = volume.provenance;
  const { unit, shape, affine } = volume;
  const grid = { unit, shape, spacingMm: spacingMm(volume), affine: [...affine] };
  return { digests: sourceDigests, ...grid, transferSyntax, isLossy, acquisition };
}

function ibsi(
  spec: CaseSpec,
  { settings }: CaseTask & { profile: 'ibsi' },
  kernels: Kernels,
  timings: Timings | null,
): Profile<RegionResult> {
  const extraction = compileExtraction(settings);
  const { reading } = settings;
  return {
    reading,
    regions: (image, warn) => readRegions(spec.region, image, warn, reading),
    measure: ({ volume }, mask) => {
      const vector = runExtraction(extraction, volume, mask, kernels, timings);
      return { result: { caseName: spec.name, roi: mask.label, vector }, warnings: vector.warnings };
    },
  };
}

function pyradiomics(
  spec: CaseSpec,
  { parameters }: CaseTask & { profile: 'pyradiomics' },
  kernels: Kernels,
  timings: Timings | null,
): Profile<PyradiomicsRegion> {
  const { label, label_channel: channel } = parameters.settings;
  const chosen = { label, channel: 'label_channel' in parameters.given.setting ? channel : null };
  return {
    reading: DEFAULT_READING,
    regions: (image, warn) => readPyradiomicsRegions(spec.region, image, chosen, warn),
    measure: ({ volume }, mask) => {
      const result = extractPyradiomics(volume, mask, parameters, kernels, timings);
      return { result: { caseName: spec.name, roi: mask.label, ...result }, warnings: result.warnings };
    },
  };
}
