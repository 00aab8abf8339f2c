import { ConcordError } from '@concord/errors';
import type { Mask } from '@concord/imaging';
import type { Kernels } from '@concord/kernels';
import { compileExtraction, runExtraction, Timings, type ExtractionSettings } from '@concord/radiomics';
import { reportOf, type ErrorReport } from '../lib/errors.js';
import type { CaseSpec } from './case-list.js';
import type { RegionResult } from './layout.js';
import { readImage, readRegions } from './read-case.js';

/** What became of one case: its regions, or why it was refused. */
export type CaseOutcome =
  | {
      readonly status: 'ok';
      readonly results: readonly RegionResult[];
      readonly warnings: readonly string[];
      /** Of reading; of each phase and family as well if that was asked for. */
      readonly seconds: Readonly<Record<string, number>>;
    }
  | { readonly status: 'refused'; readonly error: ErrorReport };

/** How cases are measured: the same for all of a list. */
export interface CaseTask {
  readonly settings: ExtractionSettings;
  /** Whether to measure the seconds of each phase, one phase after the other. */
  readonly isTimed: boolean;
}

/** Reads one case and computes the features of its regions; what Concord refuses comes back as a report. */
export function extractCase(spec: CaseSpec, { settings, isTimed }: CaseTask, kernels: Kernels): CaseOutcome {
  const timings = new Timings(() => performance.now() / 1000);
  try {
    const extraction = compileExtraction(settings);
    const image = timings.measure('reading', () => readImage(spec.image));
    const { volume } = image;
    const results: RegionResult[] = [];
    const warnings = [...volume.provenance.warnings];
    const masks = timings.measure('reading', () =>
      readRegions(spec.region, image, (text) => warnings.push(text))[Symbol.iterator](),
    );
    const nextMask = (): IteratorResult<Mask> => timings.measure('reading', () => masks.next()); // read one by one
    for (let next = nextMask(); !next.done; next = nextMask()) {
      const mask = next.value;
      const vector = runExtraction(extraction, volume, mask, kernels, isTimed ? timings : null);
      warnings.push(...vector.warnings.map((warning) => `${mask.label}: ${warning}`));
      results.push({ caseName: spec.name, roi: mask.label, vector });
    }
    return { status: 'ok', results, warnings, seconds: timings.seconds };
  } catch (error) {
    if (!(error instanceof ConcordError)) throw error;
    return { status: 'refused', error: reportOf(error) };
  }
}
