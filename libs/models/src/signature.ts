import { ModelFeatureError, ModelInputError } from './errors.js';
import type { NamedColumn } from './logistic-model.js';

/** What is done to a feature before it is weighed. */
export type SignatureTransform =
  | 'none'
  | 'log'
  | 'log2'
  | 'log10'
  | 'sqrt'
  | 'square'
  /** (value - mean) / sd, as the paper's cohort had them. */
  | { readonly mean: number; readonly sd: number }
  /** 1 where the value is above, 0 elsewhere. */
  | { readonly above: number };

export interface SignatureTerm {
  readonly feature: string;
  readonly coefficient: number;
  readonly transform: SignatureTransform;
}

/**
 * A score as a paper published it: formula and cut-off, nothing fitted here.
 *
 * score = intercept + Σ coefficient · transform(feature); risk by the link, if the paper gives one.
 */
export interface SignatureModel {
  readonly format: 'concord.signature/1';
  readonly name: string;
  /** Where it was published: authors, journal, year, DOI. */
  readonly source: string;
  readonly features: readonly string[];
  readonly terms: readonly SignatureTerm[];
  readonly intercept: number;
  /** `logit`: risk = 1 / (1 + exp(-score)); `survival`: risk by a horizon = 1 - survival^exp(score). */
  readonly link:
    'none' | 'logit' | { readonly survival: readonly { readonly horizon: number; readonly value: number }[] };
  /** Positive (high risk) where the score is at least this. */
  readonly cutOff: number | null;
}

const WORDS = ['none', 'log', 'log2', 'log10', 'sqrt', 'square'];

/**
 * Checks a signature as a person wrote it (JSON) and completes it.
 *
 * @param document `{name, source, terms: [{feature, coefficient, transform?}], intercept?, link?, cutOff?}`
 * @throws {ModelInputError} naming the part that is absent or malformed
 */
export function parseSignature(document: unknown): SignatureModel {
  const given = recordOf(document, 'the signature');
  const terms = given.terms;
  if (!Array.isArray(terms) || terms.length === 0) throw malformed('terms', 'a list of at least one term');
  const parsed = terms.map((term, i) => parseTerm(term, `terms[${i}]`));
  const features = [...new Set(parsed.map(({ feature }) => feature))];
  const cutOff = given.cutOff ?? null;
  if (cutOff !== null && !isFinite(cutOff)) throw malformed('cutOff', 'a number or null');
  return {
    format: 'concord.signature/1',
    name: textOf(given.name, 'name'),
    source: textOf(given.source, 'source'),
    features,
    terms: parsed,
    intercept: given.intercept === undefined ? 0 : numberOf(given.intercept, 'intercept'),
    link: parseLink(given.link ?? 'none'),
    cutOff,
  };
}

function parseTerm(term: unknown, where: string): SignatureTerm {
  const { feature, coefficient, transform = 'none' } = recordOf(term, where);
  return {
    feature: textOf(feature, `${where}.feature`),
    coefficient: numberOf(coefficient, `${where}.coefficient`),
    transform: parseTransform(transform, `${where}.transform`),
  };
}

function parseTransform(transform: unknown, where: string): SignatureTransform {
  if (typeof transform === 'string' && WORDS.includes(transform)) return transform as SignatureTransform; // listed above
  const wanted = `one of ${WORDS.join(', ')}, {mean, sd} or {above}`;
  if (typeof transform !== 'object' || transform === null) throw malformed(where, wanted);
  const { mean, sd, above } = transform as Record<string, unknown>;
  if (isFinite(above)) return { above };
  if (isFinite(mean) && isFinite(sd) && sd > 0) return { mean, sd };
  throw malformed(where, wanted);
}

function parseLink(link: unknown): SignatureModel['link'] {
  if (link === 'none' || link === 'logit') return link;
  const survival = typeof link === 'object' && link !== null ? (link as Record<string, unknown>).survival : undefined;
  if (!Array.isArray(survival) || survival.length === 0) throw malformed('link', 'none, logit or {survival: […]}');
  return {
    survival: survival.map((step, i) => {
      const { horizon, value } = recordOf(step, `link.survival[${i}]`);
      const share = numberOf(value, `link.survival[${i}].value`);
      if (!(share > 0 && share < 1)) throw malformed(`link.survival[${i}].value`, 'between 0 and 1');
      return { horizon: numberOf(horizon, `link.survival[${i}].horizon`), value: share };
    }),
  };
}

function recordOf(value: unknown, where: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw malformed(where, 'an object');
  return value as Record<string, unknown>;
}

function textOf(value: unknown, where: string): string {
  if (typeof value !== 'string' || value.trim() === '') throw malformed(where, 'a text');
  return value;
}

function isFinite(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

function numberOf(value: unknown, where: string): number {
  if (!isFinite(value)) throw malformed(where, 'a number');
  return value;
}

function malformed(part: string, want: string): ModelInputError {
  return new ModelInputError(`${part} is not ${want}`, 'signature', 'Write it as in docs/examples/signature.json.');
}

/**
 * The score of each patient.
 *
 * @throws {ModelFeatureError} if a feature is absent or missing, or a value has no logarithm or root
 */
export function signatureScores(model: SignatureModel, columns: readonly NamedColumn[]): Float64Array {
  const byName = new Map(columns.map(({ name, values }) => [name, values]));
  const rows = columns[0]?.values.length ?? 0;
  const scores = new Float64Array(rows).fill(model.intercept);
  for (const { feature, coefficient, transform } of model.terms) {
    const values = byName.get(feature);
    const terms = values?.map((value) => transformed(value, transform));
    const bad = terms?.reduce((count, value) => count + (Number.isFinite(value) ? 0 : 1), 0) ?? rows;
    if (terms?.length !== rows || bad > 0) {
      throw new ModelFeatureError(
        `feature ${feature} is absent, missing or out of range for ${bad} of ${rows} patients`,
        'signatureScores(columns)',
        'Give every feature of the signature in the units of its paper; leave those patients out and count them.',
      );
    }
    for (let i = 0; i < rows; i++) scores[i] += coefficient * terms[i];
  }
  return scores;
}

function transformed(value: number, transform: SignatureTransform): number {
  if (typeof transform !== 'string') {
    return 'above' in transform
      ? (value > transform.above ? 1 : 0) + 0 * value
      : (value - transform.mean) / transform.sd;
  }
  const functions: Record<string, (value: number) => number> = {
    log: Math.log,
    log2: Math.log2,
    log10: Math.log10,
    sqrt: Math.sqrt,
    square: (x) => x * x,
  };
  return functions[transform]?.(value) ?? value;
}
