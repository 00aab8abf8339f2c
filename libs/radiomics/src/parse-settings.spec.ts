import fc from 'fast-check';
import { parseSettings, PRESETS, settingsSchema, type JsonSchema } from './index.js';

/** The part of JSON Schema that settings use, to hold the schema against the parser. */
function accepts(schema: JsonSchema, value: unknown): boolean {
  const rules: Record<string, (rule: never) => boolean> = {
    type: (type: string) =>
      type === 'null'
        ? value === null
        : type === 'array'
          ? Array.isArray(value)
          : type === 'integer'
            ? Number.isInteger(value)
            : type === 'object'
              ? typeof value === 'object' && value !== null && !Array.isArray(value)
              : typeof value === type,
    enum: (allowed: unknown[]) => allowed.includes(value),
    pattern: (pattern: string) => typeof value !== 'string' || new RegExp(pattern).test(value),
    minimum: (n: number) => typeof value !== 'number' || value >= n,
    maximum: (n: number) => typeof value !== 'number' || value <= n,
    exclusiveMinimum: (n: number) => typeof value !== 'number' || value > n,
    exclusiveMaximum: (n: number) => typeof value !== 'number' || value < n,
    minItems: (n: number) => !Array.isArray(value) || value.length >= n,
    maxItems: (n: number) => !Array.isArray(value) || value.length <= n,
    uniqueItems: () =>
      !Array.isArray(value) || new Set(value.map((item) => JSON.stringify(item))).size === value.length,
    items: (item: JsonSchema) => !Array.isArray(value) || value.every((entry) => accepts(item, entry)),
    anyOf: (options: JsonSchema[]) => options.some((option) => accepts(option, value)),
    oneOf: (options: JsonSchema[]) => options.filter((option) => accepts(option, value)).length === 1,
    required: (keys: string[]) => !isRecord(value) || keys.every((key) => key in value),
    properties: (properties: Record<string, JsonSchema>) =>
      !isRecord(value) ||
      Object.entries(value).every(([key, item]) => !(key in properties) || accepts(properties[key], item)),
    additionalProperties: () =>
      !isRecord(value) || Object.keys(value).every((key) => key in (schema['properties'] as object)),
  };
  return Object.entries(schema).every(([key, rule]) => {
    if (['$schema', 'title', 'default'].includes(key)) return true;
    if (!(key in rules)) throw new Error(`this test does not know ${key}`);
    return rules[key](rule as never);
  });
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isParsed(json: unknown): boolean {
  try {
    parseSettings(json);
    return true;
  } catch (error) {
    expect(error).toMatchObject({ code: 'INVALID_SETTINGS' });
    return false;
  }
}

const FILTERS: readonly Record<string, unknown>[] = [
  { kind: 'mean', sizeVoxels: 5 },
  { kind: 'gaussian', sigmaMm: 2 },
  { kind: 'laplacian-of-gaussian', sigmaMm: 3, truncation: 6, boundary: 'zero' },
  { kind: 'laws', kernels: 'E5L5S5', rotationInvariant: true, energyDistanceVoxels: 7 },
  { kind: 'laws', kernels: 'E5L5', dimension: '2D' },
  { kind: 'gabor', sigmaMm: 5, wavelengthMm: 2, gamma: 1.5, thetaStepDegrees: 22.5, planes: 'orthogonal' },
  { kind: 'wavelet', wavelet: 'coif1', band: 'LHL' },
  { kind: 'wavelet', wavelet: 'db3', band: 'HH', dimension: '2D', level: 2, pooling: 'max' },
  { kind: 'simoncelli', level: 2, boundary: 'periodic' },
  { kind: 'riesz', order: [0, 2, 0], of: { kind: 'simoncelli' }, alignedBySigmaMm: 2 },
  { kind: 'riesz', order: [1, 0, 0], of: { kind: 'laplacian-of-gaussian', sigmaMm: 1 } },
  { kind: 'gradient' },
  { kind: 'square' },
  { kind: 'square-root' },
  { kind: 'logarithm' },
  { kind: 'exponential' },
];

const BASE = {
  format: 'concord.extraction/2',
  discretisations: [{ method: 'FBN', count: 32 }],
  images: FILTERS.map((filter, n) => ({ name: `image-${n}`, filter })),
};

describe('filters in settings', () => {
  it('are completed', () => {
    const { images } = parseSettings(BASE);
    expect(images[0].filter).toEqual({ kind: 'mean', sizeVoxels: 5, dimension: '3D', boundary: 'mirror' });
    expect(images[9].filter).toEqual({
      kind: 'riesz',
      order: [0, 2, 0],
      of: { kind: 'simoncelli', level: 1, dimension: '3D', boundary: 'mirror' },
      alignedBySigmaMm: 2,
    });
    expect(parseSettings(JSON.parse(JSON.stringify(parseSettings(BASE))))).toEqual(parseSettings(BASE));
  });

  it.each<[string, Record<string, unknown>, string]>([
    ['an even size', { kind: 'mean', sizeVoxels: 4 }, 'sizeVoxels'],
    ['a kernel too many', { kind: 'laws', kernels: 'E5L5S5', dimension: '2D' }, 'kernels'],
    ['an unknown kernel', { kind: 'laws', kernels: 'E7L5S5' }, 'kernels'],
    ['a band of another dimension', { kind: 'wavelet', wavelet: 'haar', band: 'LH' }, 'band'],
    ['a wavelet that nobody knows', { kind: 'wavelet', wavelet: 'sym9', band: 'LHH' }, 'wavelet'],
    ['steps that miss the start', { ...FILTERS[5], thetaStepDegrees: 50 }, 'thetaStepDegrees'],
    ['a transform of order 0', { kind: 'riesz', order: [0, 0, 0], of: { kind: 'simoncelli' } }, 'order'],
    [
      'an order across slices in 2D',
      { kind: 'riesz', order: [0, 0, 1], of: { kind: 'simoncelli', dimension: '2D' } },
      'order',
    ],
    ['a filter that nobody knows', { kind: 'median' }, 'kind'],
    ['no kind', { sigmaMm: 2 }, 'kind'],
    ['a negative sigma', { kind: 'gaussian', sigmaMm: -1 }, 'sigmaMm'],
  ])('are refused: %s', (_, filter, key) => {
    expect(() => parseSettings({ ...BASE, images: [{ name: 'a', filter }] })).toThrow(
      expect.objectContaining({
        code: 'INVALID_SETTINGS',
        where: `settings.images[0].filter.${key}`,
      }) as Error,
    );
  });

  it('leave the original alone, and bins that begin at the range of the original', () => {
    const image = (name: string) => ({ ...BASE, images: [{ name, filter: FILTERS[0] }] });
    expect(isParsed(image('smooth'))).toBe(true);
    expect(isParsed(image('original'))).toBe(false);
    const anchored = { resegmentation: { range: [-200, null] }, discretisations: [{ method: 'FBS', width: 25 }] };
    expect(isParsed({ ...image('smooth'), ...anchored })).toBe(false);
    expect(isParsed({ ...image('smooth'), ...anchored, families: ['statistics'] })).toBe(true);
  });
});

/** Every place in a JSON document, as the keys on the way. */
function placesIn(value: unknown, path: string[] = []): string[][] {
  if (typeof value !== 'object' || value === null) return [path];
  return [path, ...Object.entries(value).flatMap(([key, item]) => placesIn(item, [...path, key]))];
}

describe('settingsSchema', () => {
  const documents = [
    BASE,
    {
      ...BASE,
      normalisation: { method: 'percentiles', percentiles: [1, 99], over: 'tissue' },
      resampling: { spacingMm: [1, 1, null], antiAliasing: 0.98 },
    },
    { ...BASE, normalisation: { method: 'z-score', saturation: [-3, null] }, paddingValues: [-1] },
    { ...BASE, reading: { gaps: 'interpolate', pixelMm: [0.2, 0.3], fractionAtLeast: 0.5, part: 2 } },
    ...Object.values(PRESETS),
  ].map((document) => JSON.parse(JSON.stringify(document)) as Record<string, unknown>);
  const schema = settingsSchema();
  const odd = fc.constantFrom<unknown>(null, -1, 0, 0.5, 2, 3, 1e9, '', 'LHH', 'linear', true, [], {}, [1, 2], 'FBN');
  const change = fc.record({ place: fc.nat(), value: odd, key: fc.constantFrom(null, null, 'surprise') });

  it('accepts what parseSettings accepts, but for rules between keys', () => {
    const cases = fc.tuple(fc.constantFrom(...documents), fc.array(change, { maxLength: 1 }));
    let [accepted, refused] = [0, 0];
    fc.assert(
      fc.property(cases, ([document, changes]) => {
        const json = structuredClone(document);
        for (const { place, value, key } of changes) {
          const places = placesIn(json).slice(1);
          const path = places[place % places.length];
          let parent = json;
          for (const step of path.slice(0, -1)) parent = parent[step] as Record<string, unknown>;
          parent[key !== null && !Array.isArray(parent) ? key : path[path.length - 1]] = value;
        }
        const isAccepted = accepts(schema, json);
        if (isParsed(json)) expect(isAccepted).toBe(true);
        if (!isAccepted) expect(isParsed(json)).toBe(false);
        if (isAccepted && isParsed(json)) accepted++;
        if (!isAccepted) refused++;
      }),
      { numRuns: 600 },
    );
    expect(accepted).toBeGreaterThan(100);
    expect(refused).toBeGreaterThan(100);
  });

  it('takes one discretisation by its short key, not both', () => {
    const { discretisations, ...rest } = BASE;
    const short = { ...rest, discretisation: discretisations[0] };
    expect([accepts(schema, short), isParsed(short)]).toEqual([true, true]);
    const both = { ...short, discretisations };
    expect([accepts(schema, both), isParsed(both)]).toEqual([false, false]);
  });
});
