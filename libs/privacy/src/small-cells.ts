import type { BatchSums, SiteSums } from '@concord/harmonization';

type Categorical = Extract<SiteSums['codebook']['covariates'][number], { kind: 'categorical' }>;

/** Patients by cell: `batch a`, `batch a, sex=f`, `batch a, f3 observed`. */
type Counts = ReadonlyMap<string, number>;

/**
 * The cells of encoded sums that hold 1 to `minimum` - 1 patients: batches, levels of covariates inside them, patients who
 * have a feature and who lack it, and the same of every fold, which follows by subtraction. Read from the sums alone, so
 * that whoever gets them can check them; needs no patient.
 */
export function smallCells(sums: SiteSums, minimum: number): string[] {
  const parts = sums.parts.map(({ without, batches }) => ({ without, counts: cellsOf(sums, batches) }));
  const whole = parts.find(({ without }) => without === null)?.counts ?? new Map<string, number>();
  return parts.flatMap(({ without, counts }) => {
    const name = without === null ? '' : `, without fold ${without}`;
    const left = new Map([...whole].map(([cell, count]) => [cell, count - (counts.get(cell) ?? 0)]));
    return [...smallOf(counts, minimum, name), ...smallOf(left, minimum, `, fold ${without}`)];
  });
}

function smallOf(counts: Counts, minimum: number, suffix: string): string[] {
  return [...counts].filter(([, count]) => count > 0 && count < minimum).map(([cell]) => `${cell}${suffix}`);
}

function cellsOf({ codebook }: SiteSums, batches: readonly BatchSums[]): Counts {
  const categorical = codebook.covariates.filter((covariate) => covariate.kind === 'categorical');
  const counts = new Map<string, number>();
  for (const own of batches) {
    const name = `batch ${own.batch}`;
    counts.set(name, own.count);
    const levels = levelCounts(categorical, own.sumX, own.count, own.count);
    for (const [level, count] of levels) counts.set(`${name}, ${level}`, count);
    for (const { feature, observed, sumX } of own.partial) {
      const cell = `${name}, ${codebook.features[feature]}`;
      counts.set(`${cell} observed`, observed);
      counts.set(`${cell} missing`, own.count - observed);
      for (const [level, count] of levelCounts(categorical, sumX, own.count, observed)) {
        counts.set(`${cell} observed, ${level}`, count);
        counts.set(`${cell} missing, ${level}`, (levels.get(level) ?? 0) - count);
      }
    }
  }
  return counts;
}

/** Categorical columns come first in a design, each the indicator of a level; sums are means times the batch's count. */
function levelCounts(
  covariates: readonly Categorical[],
  sumX: Float64Array,
  batchCount: number,
  observed: number,
): Map<string, number> {
  const counts = new Map<string, number>();
  let column = 0;
  for (const { name, levels } of covariates) {
    let rest = observed;
    for (const level of levels.slice(1)) {
      const count = batchCount === 0 ? 0 : Math.round((sumX[column++] / batchCount) * observed);
      counts.set(`${name}=${level}`, count);
      rest -= count;
    }
    counts.set(`${name}=${levels[0]}`, rest);
  }
  return counts;
}
