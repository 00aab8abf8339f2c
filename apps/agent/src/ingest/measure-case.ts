import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';

import {
  drawnOn,
  groupSeries,
  readDicomSeries,
  readRtstruct,
  readSegmentation,
  segmentOptionsOf,
  seriesOptionsOf,
  startFrameDecoder,
  type NamedBytes,
  type Reading,
  type SeriesGroup,
} from '@concord/imaging';
import type { Kernels } from '@concord/kernels';
import { extractFeatures, type ExtractionSettings } from '@concord/radiomics';

import { problemOf, type Problem } from '../agent-errors.js';

/** Starts no thread before the first compressed frame; cases are measured side by side already. */
const decoder = startFrameDecoder({ threads: 1 });

/** One case to measure; plain data, it crosses threads. */
export interface MeasureTask {
  readonly folder: string;
  readonly imagePaths: readonly string[];
  /** Of all its files: how long it may take depends on it. */
  readonly byteCount: number;
  readonly region: { readonly path: string; readonly format: 'SEG' | 'RTSTRUCT' };
  readonly regionName: string;
  readonly settings: ExtractionSettings;
}

/** What came of it; a case that cannot be measured is an outcome. */
export type MeasureResult =
  | {
      readonly state: 'ok';
      readonly features: Readonly<Record<string, number | null>>;
      readonly acquisition: Readonly<Record<string, string | number | null>>;
      readonly warnings: readonly string[];
    }
  | { readonly state: 'refused'; readonly problem: Problem };

/** Reads image and region and computes the features. Never throws. */
export function measureCase(task: MeasureTask, kernels: Kernels): MeasureResult {
  try {
    const files = task.imagePaths.map((path) => ({
      name: basename(path),
      bytes: readFileSync(join(task.folder, path)),
    }));
    const { reading } = task.settings;
    const regionBytes = readFileSync(join(task.folder, task.region.path));
    const group = volumeToMeasure(files, regionBytes, reading);
    if ('problem' in group) return { state: 'refused', problem: group.problem };
    const frame = reading.frame === null ? {} : { frame: reading.frame };
    const volume = readDicomSeries(group.files, { ...seriesOptionsOf(reading), ...frame, part: group.part, decoder });
    const space = group.frameOfReferenceUid;
    const sameSpace = space === null ? {} : { frameOfReferenceUid: space };
    const segment = { ...segmentOptionsOf(reading), segment: task.regionName, decoder };
    const mask =
      task.region.format === 'SEG'
        ? readSegmentation(regionBytes, volume, { ...segment, ...sameSpace })
        : readRtstruct(regionBytes, volume, { roi: task.regionName, ...sameSpace });
    const { values, warnings } = extractFeatures(volume, mask, task.settings, kernels);
    return {
      state: 'ok',
      features: Object.fromEntries(Object.entries(values).map(([name, { value }]) => [name, value])),
      acquisition: { ...volume.provenance.acquisition },
      warnings: [...volume.provenance.warnings, ...warnings],
    };
  } catch (error) {
    return { state: 'refused', problem: problemOf(error) };
  }
}

/**
 * A series may hold several volumes: echoes, phases, a localizer. The one that the settings name by number is measured, else
 * the one that the region was drawn on; a problem with the list of them where that is not clear.
 */
function volumeToMeasure(
  files: readonly NamedBytes[],
  region: Uint8Array,
  { part }: Reading,
): SeriesGroup | { readonly problem: Problem } {
  const { series, skipped } = groupSeries(files);
  if (skipped.length > 0) throw skipped[0].error; // a slice may be missing: never guess
  const [only, ...others] = part === null ? drawnOn(series, region) : series.slice(part - 1, part);
  if (only !== undefined && others.length === 0) return only;
  const list = series.map(({ label, files: own }, n) => `${n + 1} ${label || 'volume'} (${own.length} files)`);
  const what = `the series holds ${series.length} volumes, and it is not clear which one counts: ${list.join(', ')}`;
  const fix =
    'Leave the files of one in the source folder, or have the coordinator name its number in the settings (reading.part).';
  return { problem: { code: 'CASE_MANY_IMAGES', what, where: '', fix } };
}
