import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

// Every vendored reference case through the runner of `npm run golden -- validation`, leaf by leaf. The runner is the one
// place where the shape of a case is known; tolerances are those of the cases' README.

type Json = number | string | boolean | null | Json[] | { [key: string]: Json };
interface Case {
  readonly kind: string;
  readonly expected: Json;
}

const folder = new URL('../../validation/golden/reference-cases/', import.meta.url).pathname;
const runner = new URL('../../../scripts/golden/validation.mjs', import.meta.url).href;

/** Texts, Monte-Carlo errors, and R's interpolation of loess, which is not imitated. */
const SKIPPED =
  /\/(mcse|note|notes|definition|convention|method|piNote|tol|nAGQ|args|interpolate|gridInterpolate)(\/|\[|$)/;

/** Pattern of the kind, pattern of the path, tolerance relative with floor 1; the first that fits counts. */
const TOLERANCES: readonly (readonly [RegExp, RegExp, number])[] = [
  [/./, /(aucSe|aucFromRiskSe|brierSe)\[/, 1e-6],
  [/sample-size/, /externalValidation.*(sampleSize|Samp_size)/, 2e-2],
  [/sample-size/, /sampleSize|Samp_size/, 1],
  [/sample-size/, /./, 2e-2],
  [/./, /randomInterceptLogistic/, 1e-3],
  [/glmnet/, /./, 1e-5],
  [/./, /(remlAdhoc|remlKnha|pmKnha).*\/(se|ci|pi|p)/, 2e-4],
  [/./, /(meta|reml|dlZ|fixed|leaveOneOut|piHTS|tau2)/, 1e-5],
  [/meta/, /./, 1e-5],
  [/fit-|bootstrap|internal-external|competing/, /./, 1e-6],
  [
    /./,
    /(slope|citl|rcs|loess|lrt|vcov|[Cc]oef|ici|e50|e90|emax|eci|grid|[Cc]ox|[Ss]piegelhalter|Slope|calibrat)/,
    1e-6,
  ],
  [/./, /./, 1e-9],
];

/** From here on glmnet's folds are not settled, and later stop at its bound of iterations: see the README. */
const UNFINISHED: Readonly<Record<string, number>> = { 'glmnet-cox-enet': 52, 'glmnet-cox-lasso': 53 };

function isLeftOut(id: string, path: string): boolean {
  if (SKIPPED.test(path)) return true;
  const point = /^\/cvDeviance\/cv(?:m|sd)\[(\d+)\]/.exec(path);
  return point !== null && Number(point[1]) >= (UNFINISHED[id] ?? Infinity);
}

function* leaves(want: Json, have: Json | undefined, path = ''): Generator<[string, number | null, Json | undefined]> {
  if (want === null || typeof want === 'number') yield [path, want, have];
  else if (Array.isArray(want)) {
    // A vector of length 1 may stand as a scalar, and the other way round.
    const list = Array.isArray(have) && have.length === want.length ? have : [];
    for (const [i, value] of want.entries()) yield* leaves(value, list[i], `${path}[${i}]`);
  } else if (typeof want === 'object') {
    const fields = typeof have === 'object' && have !== null && !Array.isArray(have) ? have : {};
    for (const [key, value] of Object.entries(want)) yield* leaves(value, fields[key], `${path}/${key}`);
  }
}

function misses(id: string, { kind, expected }: Case, actual: Json): string[] {
  const result: string[] = [];
  for (const [path, want, found] of leaves(expected, actual)) {
    if (isLeftOut(id, path)) continue;
    // A slope with a standard error beyond 1,000 is a monotone likelihood: ours is not estimable.
    const slope = /^\[(\d+)\]\/coxSlope/.exec(path);
    if (slope && monotone(expected, Number(slope[1]))) continue;
    const have = Array.isArray(found) && found.length === 1 ? found[0] : found;
    if (want === null ? have === null || have === undefined : isNear(kind, path, want, have)) continue;
    result.push(`${path}: ${JSON.stringify(have)} not ${want}`);
  }
  return result;
}

function isNear(kind: string, path: string, want: number, have: Json | undefined): boolean {
  const tolerance = TOLERANCES.find(([k, p]) => k.test(kind) && p.test(path))?.[2] ?? 0;
  const scale = tolerance >= 1 ? 1 : Math.max(1, Math.abs(want));
  return typeof have === 'number' && Math.abs(have - want) <= tolerance * scale;
}

function monotone(expected: Json, index: number): boolean {
  const part = (expected as { coxSlope?: { se?: number } }[])[index].coxSlope;
  return (part?.se ?? 0) > 1000;
}

const ids = readdirSync(folder).filter((name) => !name.endsWith('.md'));

describe('reference cases of validation', () => {
  it('are the 31 that may be vendored', () => {
    expect(ids).toHaveLength(31);
  });

  it.each(ids)('%s agrees leaf by leaf', async (id) => {
    const { computeCase } = (await import(runner)) as { computeCase: (folder: string) => Json };
    const one = JSON.parse(readFileSync(join(folder, id, 'expected.json'), 'utf8')) as Case;
    expect([...leaves(one.expected, null)].length).toBeGreaterThan(10);
    expect(misses(id, one, computeCase(join(folder, id)))).toEqual([]);
  });
});
