import {
  encodeSums,
  releaseSums,
  SUMS_RULES,
  SumsRefusedError,
  type ReleaseInput,
  type SumsFinding,
} from '@concord/harmonization';
import { invariant } from '@concord/errors';

import { markReleased, type Released } from './released.js';
import { smallCells } from './small-cells.js';
import { Suppressed } from './suppressed.js';

/** What sums must keep to unless a site asks for more; of both the stricter holds. */
export const SUMS_DEFAULTS = SUMS_RULES.default;

/** Sums that must not leave, with every rule they break, the cell it concerns and what would mend it. */
export class SuppressedSums extends Suppressed {
  /** @param findings all; the first makes the sentence */
  constructor(readonly findings: readonly SumsFinding[]) {
    super('SUMS_REFUSED', findings[0].cell, findings[0].what, findings[0].fix);
  }
}

/**
 * Forms the sums that harmonisation needs of a site's patients, and lets them out if every rule allows it.
 *
 * The rules are those of `sumsFindings`: patients in a batch, in each level of a covariate inside it, patients beyond the
 * design columns, lone values, missing values, and membership against every earlier release. They are checked on the
 * patients; then the message itself is read once more for a cell that is too small.
 *
 * @param ruleName how the rule is called in the ledger
 * @returns the encoded sums, or `SuppressedSums` with every finding
 * @throws as `releaseSums` of `@concord/harmonization`, where patients do not fit the codebook
 */
export function releaseHarmonizationSums(input: ReleaseInput, ruleName: string): Released<Uint8Array> | Suppressed {
  const { rule, ledger, rows, codebook } = input;
  try {
    const { sums } = releaseSums(input);
    invariant(smallCells(sums, rule.minimum).length === 0, 'sums that passed the rules hold a small cell');
    return markReleased(encodeSums(sums), {
      rule: ruleName,
      checks: [
        `sums over ${rows.batch.length} patients, no row of a patient, no least or greatest value`,
        `at least ${rule.minimum} patients in every batch and level of a covariate, or none`,
        `at least ${rule.beyondColumns} patients more than columns of covariates`,
        `no feature and no covariate that varies in fewer than ${rule.minimum} patients only (${codebook.features.length} features)`,
        `values missing in none, or in at least ${rule.minimum} patients`,
        `members equal or differ by at least ${rule.minimum} from ${ledger.length} earlier`,
      ],
    });
  } catch (error) {
    if (error instanceof SumsRefusedError) return new SuppressedSums(error.findings);
    throw error;
  }
}
