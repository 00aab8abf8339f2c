import type { MaskPolicy } from '@concord/imaging';
import type { Command } from 'commander';
import { UsageError } from '../lib/errors.js';
import type { RegionOptions, RegionSource } from './case-list.js';

/** Options that say which region of an image is meant. */
export interface RegionFlags {
  readonly mask?: string;
  readonly label?: string;
  readonly minLesionMm3?: number;
  readonly maskGrid?: MaskPolicy;
  readonly rtstruct?: string;
  readonly roi?: string;
  readonly seg?: string;
  readonly segment?: string;
}

export function addRegionOptions(command: Command): Command {
  return command
    .option('--mask <mask>', 'the region: a NIfTI or NRRD file')
    .option('--label <label>', 'label of the mask: 1 | 1,2 | all | union | lesions | lesions:1')
    .option('--min-lesion-mm3 <volume>', 'of --label lesions, leave out smaller ones', parseVolume)
    .option('--mask-grid <policy>', 'a mask on another grid: reject | snap | resample (default: reject)', parsePolicy)
    .option('--rtstruct <file>', 'the region: a DICOM structure set')
    .option('--roi <name>', 'name of the region in the structure set')
    .option('--seg <file>', 'the region: a DICOM segmentation')
    .option('--segment <segment>', 'number or label of the segment');
}

/** @throws {UsageError} unless exactly one of mask, structure set and segmentation is given */
export function regionOf(flags: RegionFlags, command: string): RegionSource {
  const { mask, label, rtstruct, roi, seg, segment } = flags;
  if ([mask, rtstruct, seg].filter((path) => path !== undefined).length !== 1) {
    throw new UsageError('a region is needed', command, 'Give one of --mask, --rtstruct and --seg.');
  }
  if (mask !== undefined) return { kind: 'mask', path: mask, label: label ?? null, ...regionOptions(flags) };
  if (rtstruct !== undefined) return { kind: 'rtstruct', path: rtstruct, roi: roi ?? null };
  return { kind: 'seg', path: seg ?? '', segment: segment ?? null, ...regionOptions(flags) };
}

export function regionOptions({ maskGrid, minLesionMm3 }: RegionFlags): RegionOptions {
  return {
    ...(maskGrid === undefined ? {} : { grid: maskGrid }),
    ...(minLesionMm3 === undefined ? {} : { minLesionMm3 }),
  };
}

function parseVolume(text: string): number {
  const volume = Number(text);
  if (text.trim() !== '' && volume >= 0 && Number.isFinite(volume)) return volume;
  throw new UsageError('--min-lesion-mm3 must be a volume', '--min-lesion-mm3', 'Give mm³, such as 100.');
}

function parsePolicy(text: string): MaskPolicy {
  if (text === 'reject' || text === 'snap' || text === 'resample') return text;
  throw new UsageError(`there is no policy ${text}`, '--mask-grid', 'Choose reject, snap or resample.');
}
