import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';

import {
  readDicom,
  readDicomSeries,
  readRtstruct,
  readSegmentation,
  startFrameDecoder,
  textOf,
} from '@concord/imaging';
import type { Kernels } from '@concord/kernels';
import { extractFeatures, type ExtractionSettings } from '@concord/radiomics';

import { problemOf, type Problem } from '../agent-errors.js';

const FRAME_OF_REFERENCE = 0x00200052;
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
    const volume = readDicomSeries(files, { decoder });
    const regionBytes = readFileSync(join(task.folder, task.region.path));
    const space = textOf(readDicom(files[0].bytes, { isHeaderOnly: true }), FRAME_OF_REFERENCE);
    const sameSpace = space === null ? {} : { frameOfReferenceUid: space };
    const mask =
      task.region.format === 'SEG'
        ? readSegmentation(regionBytes, volume, { segment: task.regionName, decoder, ...sameSpace })
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
