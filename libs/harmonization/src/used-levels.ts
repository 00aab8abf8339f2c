import type { BatchSums, SiteSums } from './batch-sums.js';
import { type CovariateCoding, designColumnNames } from './coding.js';

/**
 * The same sums without the levels of covariates that no patient of any site has: a codebook comes from a protocol, which
 * may name more levels than there are. So the fit is that of all patients together, whose coding knows no such level. Where
 * nobody has the reference level, the first level that somebody has takes its place.
 *
 * @param sites sums of one codebook
 */
export function withUsedLevels(sites: readonly SiteSums[]): SiteSums[] {
  const codebook = sites[0]?.codebook;
  if (codebook === undefined) return [];
  const batches = sites.flatMap(({ parts }) => parts.find(({ without }) => without === null)?.batches ?? []);
  const count = batches.reduce((sum, own) => sum + own.count, 0);
  const patientsIn = (column: number): number => batches.reduce((sum, own) => sum + own.sumX[column], 0);
  const kept: number[] = [];
  const covariates: CovariateCoding[] = [];
  let start = 0;
  for (const code of codebook.covariates) {
    const columns = designColumnNames([code]).map((_, j) => start + j);
    start += columns.length;
    const used = code.kind === 'categorical' ? usedLevels(columns.map(patientsIn), count) : [];
    if (code.kind !== 'categorical' || used.length < 2) {
      covariates.push(code); // with one level left, the fit says by name that there is no effect
      kept.push(...columns);
      continue;
    }
    covariates.push({ ...code, levels: used.map((level) => code.levels[level]) });
    kept.push(...used.slice(1).map((level) => columns[level - 1]));
  }
  if (kept.length === start) return [...sites];
  return sites.map(({ parts }) => ({
    codebook: { ...codebook, covariates },
    parts: parts.map((part) => ({ ...part, batches: part.batches.map((own) => columnsOf(own, kept, start)) })),
  }));
}

/** Positions of the levels that somebody has; level 0 has no column. Sums are means times counts: whole but for rounding. */
function usedLevels(patients: readonly number[], count: number): number[] {
  const rest = count - patients.reduce((sum, own) => sum + own, 0);
  return [rest, ...patients].flatMap((own, level) => (own > 0.5 ? [level] : []));
}

function columnsOf(own: BatchSums, kept: readonly number[], q: number): BatchSums {
  const some = (values: Float64Array): Float64Array => Float64Array.from(kept, (j) => values[j]);
  const square = (values: Float64Array): Float64Array =>
    Float64Array.from(kept.flatMap((j) => kept.map((i) => values[j * q + i])));
  const p = own.sumY.length;
  return {
    ...own,
    sumX: some(own.sumX),
    sxx: square(own.sxx),
    sxy: Float64Array.from(
      { length: kept.length * p },
      (_, k) => own.sxy[Math.floor(k / kept.length) * q + kept[k % kept.length]],
    ),
    partial: own.partial.map((part) => ({ ...part, sumX: some(part.sumX), sxx: square(part.sxx) })),
  };
}
