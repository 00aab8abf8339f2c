import type { BatchSums, Codebook, SiteRows, SiteSums } from './batch-sums.js';
import { type CovariateCoding, designColumnNames } from './coding.js';
import { sortedLabels } from './columns.js';
import { CombatInputError } from './errors.js';

/**
 * The codebook of one site, where no protocol gives one: its own features, and its own levels of categorical covariates.
 * {@link uniteSums} brings such codebooks together.
 *
 * @throws {CombatInputError} for a smooth covariate: knots from a site's own patients would tell their range
 */
export function siteCodebook({ features, covariates = [] }: SiteRows): Codebook {
  const coded = covariates.map((covariate): CovariateCoding => {
    const { name } = covariate;
    if (covariate.kind === 'continuous') return { name, kind: 'continuous' };
    if (covariate.kind === 'categorical') {
      const present = covariate.values.filter((value) => value !== null && value !== '' && !Number.isNaN(value));
      return { name, kind: 'categorical', levels: sortedLabels(present.map(String)) };
    }
    throw new CombatInputError(
      `the knots of ${name} would come from the patients of one site`,
      `covariate ${name}`,
      'Fix the knots in the protocol, or use the covariate without a spline.',
    );
  });
  return { features: features.map(({ name }) => name), covariates: [...coded].sort((a, b) => rank(a) - rank(b)) };
}

/** Categorical before continuous covariates, as in a fit on all patients. */
const rank = ({ kind }: CovariateCoding): number => ['categorical', 'continuous', 'smooth'].indexOf(kind);

/**
 * The sums of sites that used codebooks of their own, in one: the first site's order of features and covariates, and every
 * level that a site has seen. Exact: the columns of one coding are linear in those of the other.
 *
 * @throws {CombatInputError} if a site has other features or covariates, or a covariate has one level in all sites
 */
export function uniteSums(sites: readonly SiteSums[]): SiteSums[] {
  if (sites.length === 0) return [];
  const { features } = sites[0].codebook;
  const covariates = sites[0].codebook.covariates.map((first) => unitedCoding(first, sites));
  const codebook: Codebook = { features, covariates };
  return sites.map((site, index) => {
    checkSameNames(features, site.codebook.features, 'features', index);
    const covariateNames = covariates.map(({ name }) => name);
    checkSameNames(
      covariateNames,
      site.codebook.covariates.map(({ name }) => name),
      'covariates',
      index,
    );
    const own = new Map(site.codebook.features.map((name, g) => [name, g]));
    const order = features.map((name) => own.get(name)!);
    const columns = recoded(site.codebook.covariates, covariates);
    return {
      codebook,
      parts: site.parts.map(({ without, batches }) => ({
        without,
        batches: batches.map((batch) => unitedBatch(batch, order, columns)),
      })),
    };
  });
}

function unitedCoding(first: CovariateCoding, sites: readonly SiteSums[]): CovariateCoding {
  const all = sites.flatMap(({ codebook }) => codebook.covariates.filter(({ name }) => name === first.name));
  const differs = all.some(({ kind }) => kind !== first.kind);
  const isSmoothOther = first.kind === 'smooth' && all.some((code) => JSON.stringify(code) !== JSON.stringify(first));
  if (differs || isSmoothOther) {
    throw new CombatInputError(
      `covariate ${first.name} is coded in different ways by the sites`,
      `covariate ${first.name}`,
      'Let all sites name it in the same kind: categorical, continuous, or with the same knots.',
    );
  }
  if (first.kind !== 'categorical') return first;
  const levels = sortedLabels(all.flatMap((code) => (code.kind === 'categorical' ? code.levels : [])));
  if (levels.length < 2) {
    throw new CombatInputError(
      `covariate ${first.name} has one level only in all sites, so there is no effect to preserve`,
      `covariate ${first.name}`,
      'Leave it out.',
    );
  }
  return { ...first, levels };
}

function checkSameNames(wanted: readonly string[], given: readonly string[], what: string, site: number): void {
  const missing = wanted.filter((name) => !given.includes(name));
  const extra = given.filter((name) => !wanted.includes(name));
  if (missing.length + extra.length === 0) return;
  const parts = [
    missing.length > 0 ? `lacks ${missing.slice(0, 5).join(', ')}` : '',
    extra.length > 0 ? `has ${extra.slice(0, 5).join(', ')} beyond them` : '',
  ].filter((part) => part !== '');
  throw new CombatInputError(
    `the ${what} of site ${site + 1} differ from those of the first: it ${parts.join(' and ')}`,
    `the sums of site ${site + 1}`,
    'Form the sums of all sites on the same features and covariates.',
  );
}

/** A new design column: constant + sum of weight × own column. */
interface Recoded {
  readonly constant: number;
  readonly weights: readonly (readonly [column: number, weight: number])[];
}

function recoded(own: readonly CovariateCoding[], united: readonly CovariateCoding[]): Recoded[] {
  const at = new Map(designColumnNames(own).map((name, j) => [name, j]));
  return united.flatMap((code): Recoded[] => {
    if (code.kind !== 'categorical') {
      return designColumnNames([code]).map((name) => ({ constant: 0, weights: [[at.get(name)!, 1]] }));
    }
    const known = own.find(({ name }) => name === code.name) as typeof code;
    const rest = known.levels.slice(1).map((level) => at.get(`${code.name}=${level}`)!);
    return code.levels.slice(1).map((level) => {
      // The site's own reference level is what is left of its other levels.
      if (level === known.levels[0]) return { constant: 1, weights: rest.map((j) => [j, -1] as const) };
      return { constant: 0, weights: known.levels.includes(level) ? [[at.get(`${code.name}=${level}`)!, 1]] : [] };
    });
  });
}

function unitedBatch(batch: BatchSums, order: readonly number[], columns: readonly Recoded[]): BatchSums {
  const [q, width] = [columns.length, batch.sumX.length];
  const means = (sumX: Float64Array, count: number): Float64Array =>
    Float64Array.from(columns, ({ constant, weights }) =>
      weights.reduce((sum, [j, weight]) => sum + weight * sumX[j], constant * count),
    );
  const squares = (sxx: Float64Array): Float64Array =>
    Float64Array.from({ length: q * q }, (_, k) => {
      const [a, b] = [columns[k % q].weights, columns[Math.floor(k / q)].weights];
      return a.reduce((sum, [i, u]) => b.reduce((inner, [j, v]) => inner + u * v * sxx[j * width + i], sum), 0);
    });
  const sxy = new Float64Array(q * order.length);
  order.forEach((from, g) =>
    columns.forEach(({ weights }, j) => {
      sxy[g * q + j] = weights.reduce((sum, [i, weight]) => sum + weight * batch.sxy[from * width + i], 0);
    }),
  );
  const to = new Map(order.map((from, g) => [from, g]));
  return {
    batch: batch.batch,
    count: batch.count,
    sumX: means(batch.sumX, batch.count),
    sumY: Float64Array.from(order, (from) => batch.sumY[from]),
    sxx: squares(batch.sxx),
    sxy,
    syy: Float64Array.from(order, (from) => batch.syy[from]),
    constant: Uint8Array.from(order, (from) => batch.constant[from]),
    partial: batch.partial.map(({ feature, observed, sumX, sxx }) => ({
      feature: to.get(feature)!,
      observed,
      sumX: observed === 0 ? new Float64Array(q) : means(sumX, batch.count),
      sxx: squares(sxx),
    })),
  };
}
