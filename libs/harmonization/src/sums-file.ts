import type { BatchSums, Codebook, PartialSums, SiteSums } from './batch-sums.js';
import { designColumnNames } from './coding.js';
import { digestOf, isRecord } from './digest.js';
import { SumsFormatError } from './errors.js';

/** What a site writes for others to read: its sums and how they were formed, every number in full. */
export interface SumsFile {
  readonly sums: SiteSums;
  /** Name of the column that held the batches. */
  readonly batchColumn: string;
  /** Outcomes among the covariates, where that was allowed. */
  readonly outcomeCovariates: readonly string[];
  /** Fewest patients in any cell, by the site's own rule. */
  readonly minimum: number;
}

const FORMAT = 'concord.sums-file/1';
const TABLES = ['sumX', 'sumY', 'sxx', 'sxy', 'syy'] as const;

/** Sums as JSON that a person can read, with a digest of all of it. */
export function sumsToJson({ sums, ...about }: SumsFile): object {
  const batchOf = (batch: BatchSums) => ({
    batch: batch.batch,
    count: batch.count,
    ...Object.fromEntries(TABLES.map((key) => [key, Array.from(batch[key])])),
    constant: [...batch.constant.keys()].filter((g) => batch.constant[g] === 1),
    partial: batch.partial.map(({ feature, observed, sumX, sxx }) => ({
      feature,
      observed,
      sumX: Array.from(sumX),
      sxx: Array.from(sxx),
    })),
  });
  const parts = sums.parts.map(({ without, batches }) => ({ without, batches: batches.map(batchOf) }));
  const content = { format: FORMAT, ...about, codebook: sums.codebook, parts };
  return { ...content, digest: digestOf(content) };
}

/**
 * Sums from such JSON. Exactly the known fields are allowed, so that nothing of single patients can ride along.
 *
 * @throws {SumsFormatError} if a field is unknown, missing or of another shape, a number is not finite, or the digest
 *   does not fit
 */
export function sumsFromJson(json: unknown): SumsFile {
  if (!isRecord(json) || json['format'] !== FORMAT) fail(`this is not ${FORMAT}`);
  const { digest, ...content } = json;
  if (digest !== digestOf(content)) fail('the digest does not fit the content: the file was changed');
  only(content, ['format', 'batchColumn', 'outcomeCovariates', 'minimum', 'codebook', 'parts'], 'the file');
  const { batchColumn, outcomeCovariates, minimum, parts } = content;
  if (typeof batchColumn !== 'string' || !areTexts(outcomeCovariates) || !isCount(minimum))
    fail('its head is not whole');
  const codebook = codebookIn(content['codebook']);
  if (!Array.isArray(parts)) fail('there are no parts');
  const p = codebook.features.length;
  const q = designColumnNames(codebook.covariates).length;
  return {
    batchColumn,
    outcomeCovariates,
    minimum,
    sums: {
      codebook,
      parts: parts.map((part: unknown) => {
        const { without, batches } = only(part, ['without', 'batches'], 'a part');
        if (!(without === null || typeof without === 'string') || !Array.isArray(batches)) fail('a part is not whole');
        return { without, batches: batches.map((batch: unknown) => batchIn(batch, p, q)) };
      }),
    },
  };
}

function codebookIn(json: unknown): Codebook {
  const codebook = only(json, ['features', 'covariates'], 'the codebook');
  const { features, covariates } = codebook;
  const isCoding = (code: unknown): boolean =>
    isRecord(code) &&
    typeof code['name'] === 'string' &&
    (code['kind'] === 'continuous' || (code['kind'] === 'categorical' && areTexts(code['levels'])));
  if (!areTexts(features) || !Array.isArray(covariates) || !covariates.every(isCoding))
    fail('the codebook is not whole');
  return codebook as unknown as Codebook;
}

function batchIn(json: unknown, p: number, q: number): BatchSums {
  const fields = only(json, ['batch', 'count', ...TABLES, 'constant', 'partial'], 'a batch');
  const { batch, count, constant, partial } = fields;
  if (typeof batch !== 'string' || !isCount(count) || !Array.isArray(partial)) fail('a batch is not whole');
  const table = (key: string, length: number): Float64Array => numbers(fields[key], length, key);
  const flags = new Uint8Array(p);
  positions(constant, p).forEach((g) => (flags[g] = 1));
  const syy = table('syy', p);
  if (syy.some((value) => value < 0)) fail('a sum of squares is below zero');
  return {
    batch,
    count,
    sumX: table('sumX', q),
    sumY: table('sumY', p),
    sxx: table('sxx', q * q),
    sxy: table('sxy', q * p),
    syy,
    constant: flags,
    partial: partial.map((entry: unknown): PartialSums => {
      const { feature, observed, sumX, sxx } = only(entry, ['feature', 'observed', 'sumX', 'sxx'], 'missing values');
      if (!isCount(observed)) fail('a count is not whole');
      const [at] = positions([feature], p);
      return { feature: at, observed, sumX: numbers(sumX, q, 'sumX'), sxx: numbers(sxx, q * q, 'sxx') };
    }),
  };
}

function only(json: unknown, keys: readonly string[], what: string): Readonly<Record<string, unknown>> {
  if (!isRecord(json)) fail(`${what} is not whole`);
  const wrong = Object.keys(json).find((key) => !keys.includes(key)) ?? keys.find((key) => !(key in json));
  if (wrong !== undefined) fail(`${what} has not exactly the fields of sums (${wrong})`);
  return json;
}

function numbers(json: unknown, length: number, what: string): Float64Array {
  if (!Array.isArray(json) || json.length !== length || !json.every(Number.isFinite)) {
    fail(`${what} does not hold ${length} finite numbers`);
  }
  return Float64Array.from(json as number[]);
}

function positions(json: unknown, p: number): number[] {
  const isPosition = (value: unknown): boolean => isCount(value) && value < p;
  if (!Array.isArray(json) || !json.every(isPosition)) fail('a feature is named that the codebook has not');
  return json as number[];
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function areTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((entry) => typeof entry === 'string');
}

function fail(what: string): never {
  throw new SumsFormatError(what, 'the sums of a site', 'Use a file that concord harmonize sums wrote, unchanged.');
}
