import { ConcordError } from '@concord/errors';
import type { Mask } from '@concord/imaging';
import type { Kernels } from '@concord/kernels';
import { seededRandom } from '@concord/numeric';
import { perturb, runExtraction, type CompiledExtraction, type PerturbationStep } from '@concord/radiomics';
import type { CaseSpec } from '../extract/case-list.js';
import type { RegionResult } from '../extract/layout.js';
import { readImage, readRegions, type ReadImage } from '../extract/read-case.js';
import { reportOf, type ErrorReport } from '../lib/errors.js';

/** What is done to every region. */
export interface RobustnessPlan {
  readonly extraction: CompiledExtraction;
  readonly chain: readonly PerturbationStep[];
  readonly replicates: number;
  readonly seed: number;
}

/** Features of a region: as it is (replicate 0), and of every perturbed version. */
export interface Version extends RegionResult {
  readonly replicate: number;
}

/** All versions of a case's regions, or why it was refused. */
export type CaseVersions =
  | { readonly status: 'ok'; readonly versions: readonly Version[]; readonly warnings: readonly string[] }
  | { readonly status: 'refused'; readonly error: ErrorReport };

/**
 * Reads a case and measures every version of its regions. What is drawn depends on the seed, the names of case and region, and
 * the number of the version alone.
 */
export function versionsOf(spec: CaseSpec, plan: RobustnessPlan, kernels: Kernels): CaseVersions {
  try {
    const { reading } = plan.extraction.settings;
    const image = readImage(spec.image, reading, spec.region);
    const warnings = new Set(image.volume.provenance.warnings);
    const { masks } = readRegions(spec.region, image, (text) => warnings.add(text), reading);
    const versions = Array.from(masks, (mask) => versionsOfRegion(spec.name, image, mask, plan, kernels)).flat();
    for (const { vector } of versions) for (const warning of vector.warnings) warnings.add(warning);
    return { status: 'ok', versions, warnings: [...warnings] };
  } catch (error) {
    if (!(error instanceof ConcordError)) throw error;
    return { status: 'refused', error: reportOf(error) };
  }
}

function versionsOfRegion(
  caseName: string,
  { volume }: ReadImage,
  mask: Mask,
  { extraction, chain, replicates, seed }: RobustnessPlan,
  kernels: Kernels,
): Version[] {
  const { paddingValues } = extraction.settings;
  return Array.from({ length: replicates + 1 }, (_, replicate) => {
    const random = seededRandom(JSON.stringify([seed, caseName, mask.label, replicate]));
    const steps = replicate === 0 ? [] : chain;
    const version = perturb(volume, mask, steps, random, paddingValues, kernels);
    const vector = runExtraction(extraction, version.volume, version.mask, kernels);
    return { caseName, roi: mask.label, replicate, vector };
  });
}
