import { choleskyFactor, choleskySolve, matrix } from '@concord/numeric';
import type { BatchSums, Codebook, SiteSums } from './batch-sums.js';
import { lastPivot } from './centred-design.js';
import { designColumnNames } from './coding.js';
import type { PassedThrough } from './combat-model.js';
import { CombatInputError, CovariateAliasedError, SumsRefusedError, TooFewSubjectsError } from './errors.js';

/** Totals over the batches of all sites. Nothing in it belongs to one site, so secure aggregation can form it. */
export interface SumTotals {
  readonly codebook: Codebook;
  readonly siteCount: number;
  readonly batchCount: number;
  readonly count: number;
  readonly sumX: Float64Array;
  readonly sumY: Float64Array;
  readonly sxx: Float64Array;
  readonly sxy: Float64Array;
  readonly syy: Float64Array;
  /** Batches in which a feature is constant. */
  readonly constant: Float64Array;
  /** By feature with missing values anywhere. */
  readonly partial: ReadonlyMap<number, PartialTotals>;
}

interface PartialTotals {
  /** Patients of batches that have the feature; patients in whom it is observed. */
  weight: number;
  observed: number;
  sumX: Float64Array;
  sxx: Float64Array;
}

/** What the hub sends back: the same for every site. Tables are [design column][feature]. */
export interface PooledFit {
  readonly format: 'concord.pooled/1';
  readonly codebook: Codebook;
  readonly without: string | null;
  readonly siteCount: number;
  readonly batchCount: number;
  readonly count: number;
  readonly reference: string | null;
  readonly grandMean: readonly number[];
  readonly pooledVariance: readonly number[];
  readonly effects: readonly (readonly number[])[];
  /** Features that stay as they are, everywhere; their estimates are zero. */
  readonly passedThrough: readonly PassedThrough[];
}

export interface PoolOptions {
  /** The fold left out; null or absent: all patients. */
  readonly without?: string | null;
  /** Its own level and variance take the place of the common ones: its site must agree to show them. */
  readonly reference?: string | null;
  /** Sites that an aggregate must hold before other sites see it; 3 unless told. */
  readonly minimumSites?: number;
}

const ALIASED = 1e-12;

/** Totals of a part over sites. @throws {CombatInputError} if codebooks differ or a batch comes from two sites */
export function totalSums(sites: readonly SiteSums[], without: string | null = null): SumTotals {
  if (sites.length === 0) {
    throw new CombatInputError('there are no sums', 'the sums of the sites', 'Give the sums of at least one site.');
  }
  const { codebook } = sites[0];
  const text = JSON.stringify(codebook);
  const batches = sites.flatMap((site) => {
    const part = site.parts.find((candidate) => candidate.without === without);
    if (part === undefined || JSON.stringify(site.codebook) !== text) {
      throw new CombatInputError(
        part === undefined ? `a site has no sums without fold ${without}` : 'sites used different codebooks',
        'the sums of the sites',
        'Form all sums by the same protocol.',
      );
    }
    return part.batches;
  });
  const twice = batches.find(({ batch }, i) => batches.findIndex((other) => other.batch === batch) !== i);
  if (twice !== undefined) {
    throw new CombatInputError(
      `batch ${twice.batch} comes from two sites`,
      `batch ${twice.batch}`,
      'Give the batches of each site labels of their own.',
    );
  }
  return addUp(codebook, sites.length, batches);
}

function addUp(codebook: Codebook, siteCount: number, batches: readonly BatchSums[]): SumTotals {
  const p = codebook.features.length;
  const q = designColumnNames(codebook.covariates).length;
  const add = (key: 'sumX' | 'sumY' | 'sxx' | 'sxy' | 'syy' | 'constant', length: number): Float64Array => {
    const total = new Float64Array(length);
    for (const batch of batches) batch[key].forEach((value, k) => (total[k] += value));
    return total;
  };
  const partial = new Map<number, PartialTotals>();
  for (const feature of new Set(batches.flatMap((batch) => batch.partial.map((own) => own.feature)))) {
    const total = { weight: 0, observed: 0, sumX: new Float64Array(q), sxx: new Float64Array(q * q) };
    for (const batch of batches) {
      const own = batch.partial.find((candidate) => candidate.feature === feature);
      const { sumX, sxx } = own ?? batch;
      const observed = own === undefined ? batch.count : own.observed;
      total.observed += observed;
      total.weight += observed > 0 ? batch.count : 0;
      sumX.forEach((value, j) => (total.sumX[j] += value));
      sxx.forEach((value, j) => (total.sxx[j] += value));
    }
    partial.set(feature, total);
  }
  return {
    codebook,
    siteCount,
    batchCount: batches.length,
    count: batches.reduce((sum, { count }) => sum + count, 0),
    sumX: add('sumX', q),
    sumY: add('sumY', p),
    sxx: add('sxx', q * q),
    sxy: add('sxy', q * p),
    syy: add('syy', p),
    constant: add('constant', p),
    partial,
  };
}

/**
 * The common part of a ComBat from the sums of sites: covariate effects, grand mean and pooled variance, equal to those of
 * a fit on all patients together to about 1e-13 SD. One round; the hub needs totals only, but for a reference batch.
 *
 * @throws {SumsRefusedError} if fewer sites than the minimum take part
 * @throws {CovariateAliasedError} {@link TooFewSubjectsError} {@link CombatInputError} as `fitCombat`
 */
export function poolSums(sites: readonly SiteSums[], options: PoolOptions = {}): PooledFit {
  const { without = null, reference = null, minimumSites = 3 } = options;
  if (sites.length < minimumSites) {
    throw new SumsRefusedError([
      {
        rule: 'sites',
        cell: `${sites.length} sites`,
        what: `an aggregate that other sites see needs ${minimumSites} sites or more`,
        fix: 'Wait for more sites.',
      },
    ]);
  }
  const totals = totalSums(sites, without);
  const batches = sites.flatMap(({ parts }) => parts.find((part) => part.without === without)!.batches);
  const own = reference === null ? null : batches.find(({ batch }) => batch === reference);
  if (own === undefined) {
    throw new CombatInputError(
      `the reference ${reference} is not a batch`,
      'option reference',
      'Name one of the batches.',
    );
  }
  return { ...poolTotals(totals, own), without, reference };
}

function poolTotals(totals: SumTotals, reference: BatchSums | null) {
  const { codebook, count, batchCount } = totals;
  const q = totals.sumX.length;
  if (count <= batchCount + q) {
    throw new TooFewSubjectsError(
      `${count} patients cannot carry ${batchCount} batches and ${q} covariate columns`,
      'the sums of the sites',
      'Add patients, merge batches that are alike, or leave covariates out.',
    );
  }
  const names = designColumnNames(codebook.covariates);
  const solve = solver(totals.sxx, totals.sumX, count, names);
  const grandMean: number[] = [];
  const pooledVariance: number[] = [];
  const effects: number[][] = names.map(() => []);
  const passedThrough: PassedThrough[] = [];
  codebook.features.forEach((feature, g) => {
    const result = poolFeature(totals, reference, g, solve, names);
    if (typeof result === 'string') passedThrough.push({ feature, reason: result });
    const { grand, variance, beta } = typeof result === 'string' ? { grand: 0, variance: 0, beta: null } : result;
    grandMean.push(grand);
    pooledVariance.push(variance);
    effects.forEach((row, j) => row.push(beta === null ? 0 : beta[j]));
  });
  return {
    format: 'concord.pooled/1' as const,
    codebook,
    siteCount: totals.siteCount,
    batchCount,
    count,
    grandMean,
    pooledVariance,
    effects,
    passedThrough,
  };
}

type Solve = (right: Float64Array) => Float64Array;

function poolFeature(
  totals: SumTotals,
  reference: BatchSums | null,
  g: number,
  common: Solve,
  names: readonly string[],
) {
  const q = names.length;
  if (totals.constant[g] > 0) return 'it is constant inside a batch';
  const partial = totals.partial.get(g);
  const { sumX } = partial ?? totals;
  const weight = partial === undefined ? totals.count : partial.weight;
  const observed = partial === undefined ? totals.count : partial.observed;
  if (observed <= totals.batchCount + q) return 'too few patients have it';
  const sxy = totals.sxy.subarray(g * q, (g + 1) * q);
  let beta: Float64Array;
  try {
    beta = (partial === undefined ? common : solver(partial.sxx, partial.sumX, observed, names))(sxy);
  } catch (error) {
    if (error instanceof CovariateAliasedError) return 'its covariates cannot be told apart where it is observed';
    throw error;
  }
  const left = totals.syy[g] - inner(beta, sxy);
  if (!(left > 1e-13 * totals.syy[g])) return 'batches and covariates explain it completely';
  if (reference === null)
    return { grand: (totals.sumY[g] - inner(beta, sumX)) / weight, variance: left / observed, beta };
  return referencePart(reference, g, beta);
}

function referencePart(reference: BatchSums, g: number, beta: Float64Array) {
  const q = beta.length;
  const partial = reference.partial.find(({ feature }) => feature === g);
  const { sumX, sxx } = partial ?? reference;
  const observed = partial?.observed ?? reference.count;
  const sxy = reference.sxy.subarray(g * q, (g + 1) * q);
  let squares = reference.syy[g] - 2 * inner(beta, sxy);
  for (let j = 0; j < q; j++) squares += beta[j] * inner(beta, sxx.subarray(j * q, (j + 1) * q));
  if (!(squares > 1e-13 * reference.syy[g])) return 'the reference batch leaves no variance of it';
  return { grand: (reference.sumY[g] - inner(beta, sumX)) / reference.count, variance: squares / observed, beta };
}

function inner(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let j = 0; j < a.length; j++) sum += a[j] * b[j];
  return sum;
}

/** Solves sxx beta = right on columns scaled to unit length; names the column that depends on others. */
function solver(sxx: Float64Array, sumX: Float64Array, count: number, names: readonly string[]): Solve {
  const q = names.length;
  const lengths = Float64Array.from(names, (_, j) => Math.sqrt(sxx[j * q + j]));
  names.forEach((name, j) => {
    const mean = sumX[j] / count;
    if (!(lengths[j] ** 2 > 1e-20 * count * mean * mean && lengths[j] > 0)) throw new CovariateAliasedError(name, []);
  });
  const scaled = matrix(
    q,
    q,
    sxx.map((value, k) => value / (lengths[k % q] * lengths[Math.floor(k / q)])),
  );
  for (let size = 1; size <= q; size++) {
    const corner = matrix(size, size);
    for (let j = 0; j < size; j++) corner.data.set(scaled.data.subarray(j * q, j * q + size), j * size);
    if (!(lastPivot(corner) > ALIASED)) throw new CovariateAliasedError(names[size - 1], names.slice(0, size - 1));
  }
  const factor = choleskyFactor(scaled);
  return (right) =>
    choleskySolve(
      factor,
      right.map((value, j) => value / lengths[j]),
    ).map((value, j) => value / lengths[j]);
}
