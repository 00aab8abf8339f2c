import { DEFAULT_READING, type Reading } from '@concord/imaging';
import { filterShape } from './filters/filter-settings.js';
import { AGGREGATIONS, aggregationsOf, FAMILIES, isDiscretised, isTexture } from './names.js';
import {
  checked,
  listOf,
  nullable,
  number,
  object,
  oneOf,
  refuse,
  text,
  tuple,
  variants,
  wholeNumber,
  type JsonSchema,
  type Shape,
} from './settings-shape.js';
import {
  discretisationName,
  type Discretisation,
  type ExtractionSettings,
  type FixedBinNumber,
  type FixedBinSize,
  type ImageSettings,
  type MinimumRegion,
  type NoDiscretisation,
  type Normalisation,
  type PercentileNormalisation,
  type Resampling,
  type Resegmentation,
  type ZScoreNormalisation,
} from './settings.js';

const FROM_1 = 'must be null or a whole number from 1';

const reading = object<Reading>({
  suv: {
    shape: oneOf(['bodyWeight', 'leanBodyMassJames', 'leanBodyMassJanmahasatian', 'bodySurfaceArea'] as const),
    fallback: DEFAULT_READING.suv,
  },
  gaps: { shape: oneOf(['refuse', 'interpolate'] as const), fallback: DEFAULT_READING.gaps },
  tilt: { shape: oneOf(['refuse', 'keep'] as const), fallback: DEFAULT_READING.tilt },
  lossy: { shape: oneOf(['warn', 'refuse'] as const), fallback: DEFAULT_READING.lossy },
  colour: { shape: oneOf(['refuse', 'luminance'] as const), fallback: DEFAULT_READING.colour },
  pixelMm: {
    shape: nullable(
      tuple(number('must be positive', { exclusiveMinimum: 0 }), 2, 'must be null or two positive numbers in mm'),
    ),
    fallback: DEFAULT_READING.pixelMm,
  },
  fractionAtLeast: {
    shape: nullable(number('must be null, or above 0 and at most 1', { exclusiveMinimum: 0, maximum: 1 })),
    fallback: DEFAULT_READING.fractionAtLeast,
  },
  offGrid: { shape: oneOf(['reject', 'snap', 'resample'] as const), fallback: DEFAULT_READING.offGrid },
  part: { shape: nullable(wholeNumber(FROM_1, { minimum: 1 })), fallback: DEFAULT_READING.part },
  frame: { shape: nullable(wholeNumber(FROM_1, { minimum: 1 })), fallback: DEFAULT_READING.frame },
});

const PADDING_OF_CT = [-3024, -2000];
const ORIGINAL = { name: 'original' };

const bound = nullable(number('must be a number or null'));

const range = nullable(
  checked(tuple(bound, 2, 'must be null or [lower, upper], null for an open side'), ([lower, upper], path) => {
    if (lower !== null && upper !== null && lower >= upper) refuse(path, 'must go upwards');
  }),
);

function upwards(limits: { minimum?: number; maximum?: number }, rule: string): Shape<readonly [number, number]> {
  return checked(tuple(number(rule, limits), 2, rule), ([lower, upper], path) => {
    if (lower >= upper) refuse(path, 'must go upwards');
  });
}

const normalisationOver = {
  over: { shape: oneOf(['image', 'tissue', 'region'] as const), fallback: 'image' },
  tissueAbove: { shape: bound, fallback: null },
  saturation: { shape: range, fallback: null },
};

const normalisation = variants<'method', Normalisation>('method', {
  'z-score': object<ZScoreNormalisation>({
    method: { shape: oneOf(['z-score'] as const) },
    ...normalisationOver,
    scale: { shape: number('must be above 0', { exclusiveMinimum: 0 }), fallback: 1 },
  }),
  percentiles: object<PercentileNormalisation>({
    method: { shape: oneOf(['percentiles'] as const) },
    ...normalisationOver,
    percentiles: {
      shape: upwards({ minimum: 0, maximum: 100 }, 'must be two numbers from 0 to 100'),
      fallback: [0, 100],
    },
    target: { shape: upwards({}, 'must be two numbers'), fallback: [0, 1] },
  }),
});

const resampling = object<Resampling>({
  spacingMm: {
    shape: tuple(
      nullable(number('must be positive', { exclusiveMinimum: 0 })),
      3,
      'must be three positive numbers in mm, null to keep the spacing of an axis',
    ),
  },
  alignment: { shape: oneOf(['centre', 'origin', 'fit'] as const), fallback: 'centre' },
  image: { shape: oneOf(['nearest', 'linear', 'cubic'] as const), fallback: 'linear' },
  antiAliasing: {
    shape: nullable(number('must be null or between 0 and 1', { exclusiveMinimum: 0, exclusiveMaximum: 1 })),
    fallback: null,
  },
  mask: { shape: oneOf(['nearest', 'linear'] as const), fallback: 'linear' },
  maskThreshold: {
    shape: number('must be above 0 and at most 1', { exclusiveMinimum: 0, maximum: 1 }),
    fallback: 0.5,
  },
});

const resegmentation = object<Resegmentation>({
  range: { shape: range, fallback: null },
  outlierSigma: {
    shape: nullable(number('must be null or a positive number', { exclusiveMinimum: 0 })),
    fallback: null,
  },
});

const discretisation = variants<'method', Discretisation>('method', {
  FBS: object<FixedBinSize>({
    method: { shape: oneOf(['FBS'] as const) },
    width: { shape: number('must be positive', { exclusiveMinimum: 0 }) },
    minimum: { shape: bound, fallback: null },
  }),
  FBN: object<FixedBinNumber>({
    method: { shape: oneOf(['FBN'] as const) },
    count: { shape: wholeNumber('must be a whole number from 1 to 65535', { minimum: 1, maximum: 65535 }) },
  }),
  none: object<NoDiscretisation>({ method: { shape: oneOf(['none'] as const) } }),
});

const discretisations = checked(listOf(discretisation, { minItems: 1 }), (list, path) => {
  if (new Set(list.map(discretisationName)).size !== list.length) refuse(path, 'holds the same one twice');
});

const families = listOf(oneOf(FAMILIES), { uniqueItems: true });

const image = object<ImageSettings>({
  name: { shape: text(/^[A-Za-z0-9][A-Za-z0-9.-]*$/, 'must be letters, digits, dots and hyphens') },
  filter: { shape: nullable(filterShape), fallback: null },
  families: { shape: nullable(families), fallback: null },
  discretisations: { shape: nullable(discretisations), fallback: null },
});

const minimumRegion = object<MinimumRegion>({
  voxels: { shape: wholeNumber('must be a whole number from 1', { minimum: 1 }), fallback: 1 },
  dimensions: { shape: wholeNumber('must be 0, 1, 2 or 3', { minimum: 0, maximum: 3 }), fallback: 0 },
});

const settingsShape = object<ExtractionSettings>({
  format: { shape: oneOf(['concord.extraction/2'] as const) },
  reading: { shape: reading, fallback: {} },
  paddingValues: { shape: listOf(number('must be numbers')), fallback: PADDING_OF_CT },
  normalisation: { shape: nullable(normalisation), fallback: null },
  resampling: { shape: nullable(resampling), fallback: null },
  rounding: { shape: oneOf(['none', 'nearest-integer'] as const), fallback: 'none' },
  resegmentation: { shape: resegmentation, fallback: {} },
  minimumRegion: { shape: minimumRegion, fallback: {} },
  images: { shape: listOf(image, { minItems: 1 }), fallback: [ORIGINAL] },
  discretisations: { shape: discretisations },
  ivh: { shape: discretisation, fallback: { method: 'none' } },
  families: { shape: families, fallback: FAMILIES },
  diagnostics: { shape: oneOf(['region', 'image'] as const), fallback: 'region' },
  aggregations: {
    shape: listOf(oneOf(AGGREGATIONS), { uniqueItems: true }),
    fallback: ['3D:avg', '3D:merged', '3D'],
  },
});

/**
 * JSON schema (2020-12) of settings, made from what `parseSettings` reads by. It says all but how keys depend on one
 * another: `parseSettings` refuses some more.
 */
export function settingsSchema(): JsonSchema {
  const { properties, required, ...rest } = settingsShape.schema as {
    readonly properties: Readonly<Record<string, JsonSchema>>;
    readonly required: readonly string[];
  };
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'concord.extraction/2',
    ...rest,
    properties: { ...properties, discretisation: discretisation.schema },
    required: required.filter((key) => key !== 'discretisations'),
    oneOf: [{ required: ['discretisations'] }, { required: ['discretisation'] }],
  };
}

/**
 * Completes settings that came from outside: most keys may be missing and have a value then; an unknown one is refused.
 *
 * @param json plain JSON, as `JSON.parse` or a YAML parser gives it; `discretisation` stands for a list of one
 * @throws {InvalidSettingsError} naming the first key that is wrong
 */
export function parseSettings(json: unknown): ExtractionSettings {
  const settings = settingsShape.read(withList(json), 'settings');
  checkImages(settings);
  checkBins(settings);
  const everyFamily = [settings.families, ...settings.images.map((one) => one.families ?? [])].flat();
  for (const family of new Set(everyFamily)) {
    const known = aggregationsOf(family);
    if (isTexture(family) && !known.some((aggregation) => settings.aggregations.includes(aggregation))) {
      refuse('settings.aggregations', `has none of ${known.join(', ')}, though ${family} is asked for`);
    }
  }
  return settings;
}

function withList(json: unknown): unknown {
  if (typeof json !== 'object' || json === null || !('discretisation' in json)) return json;
  const { discretisation: one, ...rest } = json;
  if ('discretisations' in rest) refuse('settings.discretisation', 'and discretisations exclude each other');
  return { ...rest, discretisations: [one] };
}

function checkImages({ images }: ExtractionSettings): void {
  if (new Set(images.map(({ name }) => name)).size !== images.length) {
    refuse('settings.images', 'holds two of the same name');
  }
  images.forEach(({ name, filter }, n) => {
    if (name === 'original' && filter !== null) {
      refuse(`settings.images[${n}].filter`, 'must be null for the image named original');
    }
  });
}

/** Bins may begin at the lower bound of the re-segmentation range; a filter's responses have none. */
function checkBins(settings: ExtractionSettings): void {
  const isAnchored = settings.resegmentation.range?.[0] != null;
  const check = (list: readonly Discretisation[], path: string, isFiltered: boolean): void =>
    list.forEach((bins, n) => {
      if (bins.method !== 'FBS' || bins.minimum !== null || (isAnchored && !isFiltered)) return;
      const why = isFiltered ? 'and this image is filtered' : 'and the re-segmentation range has no lower bound';
      refuse(`${path}[${n}].minimum`, `is null, ${why}, so there is none to take instead`);
    });
  check(settings.discretisations, 'settings.discretisations', false);
  check([settings.ivh], 'settings.ivh', false);
  settings.images.forEach((one, n) => {
    const inherits = one.discretisations === null;
    const path = inherits ? 'settings.discretisations' : `settings.images[${n}].discretisations`;
    const isDiscrete = (one.families ?? settings.families).some(isDiscretised);
    if (isDiscrete) check(one.discretisations ?? settings.discretisations, path, one.filter !== null);
  });
}
