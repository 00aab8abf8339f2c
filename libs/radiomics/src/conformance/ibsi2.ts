import type { Mask, Volume } from '@concord/imaging';
import type { Kernels } from '@concord/kernels';
import { extractFeatures } from '../extract.js';
import { filterImage } from '../filter-image.js';
import { PRESETS } from '../presets.js';
import { settingsDigest } from '../settings.js';
import { caseOf, type CheckedValue, type ConformanceCase } from './certificate.js';
import { csvRows, isWithinTolerance } from './compare.js';

/** Voxels of a response map may differ by this share of the map's range. */
const SHARE_OF_RANGE = 0.01;

/** A response map beside the phantom it is of. */
interface ResponseCase {
  /** As in the name of the preset: `2.a` of `ibsi2-phase1-2.a`. */
  readonly id: string;
  readonly phantom: Volume;
  readonly map: Volume;
  readonly digests: Readonly<Record<string, string>>;
}

/**
 * Filters a phantom of IBSI 2 and compares each voxel with the reference map: within 1 % of the map's range. The value
 * that is told is the voxel farthest off.
 */
export function checkResponseMap({ id, phantom, map, digests }: ResponseCase, kernels: Kernels): ConformanceCase {
  const settings = PRESETS[`ibsi2-phase1-${id}`];
  const { data } = filterImage(phantom, settings, null, kernels).volume;
  let [low, high] = [Infinity, -Infinity];
  let farthest = 0;
  for (let n = 0; n < map.data.length; n++) {
    low = Math.min(low, map.data[n]);
    high = Math.max(high, map.data[n]);
    if (!(Math.abs(data[n] - map.data[n]) <= Math.abs(data[farthest] - map.data[farthest]))) farthest = n;
  }
  const [value, reference, tolerance] = [data[farthest], map.data[farthest], SHARE_OF_RANGE * (high - low)];
  const isSameGrid = data.length === map.data.length && Number.isFinite(value);
  const checked: CheckedValue = {
    name: `response map ${id}`,
    family: 'filters',
    value: isSameGrid ? value : null,
    reference,
    tolerance,
    holds: isSameGrid && Math.abs(value - reference) <= tolerance,
  };
  const about = {
    name: `IBSI 2 response map ${id}`,
    source: 'Whybra et al., Radiology 310 (2024) e231319',
    digests,
    settingsDigest: settingsDigest(settings),
  };
  return caseOf(about, [checked]);
}

/** Configurations of phase 2 that have presets: `1.A` to `9.B`. */
export function phase2Configurations(): string[] {
  return Object.keys(PRESETS)
    .filter((name) => name.startsWith('ibsi2-phase2-'))
    .map((name) => name.slice('ibsi2-phase2-'.length));
}

/**
 * Computes the statistics of IBSI's CT phantom after a filter of phase 2.
 *
 * @param references IBSI's `reference_values.csv` of IBSI 2, separated by semicolons
 */
export function checkFilteredStatistics(
  configuration: string,
  { volume, mask, digests }: { volume: Volume; mask: Mask; digests: Readonly<Record<string, string>> },
  references: Uint8Array,
  kernels: Kernels,
): ConformanceCase {
  const settings = PRESETS[`ibsi2-phase2-${configuration}`];
  const vector = extractFeatures(volume, mask, settings, kernels);
  const prefix = settings.images[0].name === 'original' ? '' : `${settings.images[0].name}_`;
  const rows = csvRows(references, ';').filter(
    (row) => row['filter_id'] === configuration && row['consensus_value'] !== '' && row['tolerance'] !== '',
  );
  const values = rows.map((row): CheckedValue => {
    const [reference, tolerance] = [Number(row['consensus_value']), Number(row['tolerance'])];
    const value = vector.values[prefix + row['feature_tag']]?.value ?? null;
    const holds = value !== null && isWithinTolerance(value, reference, tolerance);
    return { name: row['feature_tag'], family: 'filters', value, reference, tolerance, holds };
  });
  const about = {
    name: `IBSI 2 CT phantom, configuration ${configuration}`,
    source: 'Whybra et al., Radiology 310 (2024) e231319',
    digests,
    settingsDigest: vector.settingsDigest,
  };
  return caseOf(about, values);
}
