import { ConcordError } from '@concord/errors';
import type { Kernels } from '@concord/kernels';
import { extractFeatures, type ExtractionSettings } from '@concord/radiomics';
import { reportOf, type ErrorReport } from '../lib/errors.js';
import type { CaseSpec } from './case-list.js';
import type { RegionResult } from './layout.js';
import { readImage, readRegions } from './read-case.js';

/** What became of one case: its regions, or why it was refused. */
export type CaseOutcome =
  | { readonly status: 'ok'; readonly results: readonly RegionResult[]; readonly warnings: readonly string[] }
  | { readonly status: 'refused'; readonly error: ErrorReport };

/** Reads one case and computes the features of its regions; what Concord refuses comes back as a report. */
export function extractCase(spec: CaseSpec, settings: ExtractionSettings, kernels: Kernels): CaseOutcome {
  try {
    const image = readImage(spec.image);
    const { volume } = image;
    const results: RegionResult[] = [];
    const warnings = [...volume.provenance.warnings];
    for (const mask of readRegions(spec.region, image, (text) => warnings.push(text))) {
      const vector = extractFeatures(volume, mask, settings, kernels);
      warnings.push(...vector.warnings.map((warning) => `${mask.label}: ${warning}`));
      results.push({ caseName: spec.name, roi: mask.label, vector });
    }
    return { status: 'ok', results, warnings };
  } catch (error) {
    if (!(error instanceof ConcordError)) throw error;
    return { status: 'refused', error: reportOf(error) };
  }
}
