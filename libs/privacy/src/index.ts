export { areDates, textProblem } from './disclosure-text.js';
export { InvalidKeyError } from './privacy-errors.js';
export { isPseudonym, pseudonym } from './pseudonym.js';
export { stricterRule, VECTOR_DEFAULTS, type ReleaseRule } from './release-rule.js';
export {
  releaseTable,
  roundToSignificant,
  type ReleasableColumn,
  type ReleasableTable,
  type ReleaseContext,
} from './release-table.js';
export { Released, type ReleaseRecord } from './released.js';
export { releaseHarmonizationSums, SUMS_DEFAULTS, SuppressedSums } from './release-sums.js';
export { smallCells } from './small-cells.js';
export { Suppressed, type SuppressionCode } from './suppressed.js';
