import { InvalidSettingsError } from '../errors.js';
import { UnsupportedParameterError } from './errors.js';
import { suggestName } from './suggest-name.js';
import { pythonFloat } from './python-text.js';
import {
  INTERPOLATORS,
  LBP_METHODS,
  RESEGMENT_MODES,
  WEIGHTING_NORMS,
  type PyradiomicsSettings,
  type Sigma,
} from './settings.js';
import { WAVELET_NAMES } from './wavelet-filters.js';

/** Reads one setting; undefined when the value is not allowed. */
interface Rule {
  readonly allowed: string;
  readonly read: (value: unknown) => unknown;
}

const positive = number('a number above 0', (value) => value > 0);
const whole = (low: number, high = Infinity): Rule =>
  number(
    high === Infinity ? `a whole number from ${low}` : `a whole number from ${low} to ${high}`,
    (value) => Number.isInteger(value) && value >= low && value <= high,
  );
const flag: Rule = {
  allowed: 'true or false',
  read: (value) => (typeof value === 'boolean' ? value : undefined),
};

const RULES: Readonly<Record<keyof PyradiomicsSettings, Rule>> = {
  minimumROIDimensions: whole(1, 3),
  minimumROISize: whole(1),
  geometryTolerance: positive,
  correctMask: flag,
  additionalInfo: flag,
  label: whole(1),
  label_channel: whole(0),
  binWidth: positive,
  binCount: whole(1),
  normalize: flag,
  normalizeScale: positive,
  removeOutliers: positive,
  resampledPixelSpacing: list('three numbers from 0', (value) => value >= 0, 3, 3),
  interpolator: {
    allowed: `${INTERPOLATORS.join(', ')}, or nothing`,
    read: readInterpolator,
  },
  padDistance: whole(0),
  distances: list('a list of whole numbers from 1', (value) => Number.isInteger(value) && value >= 1, 1),
  force2D: flag,
  force2Ddimension: whole(0, 2),
  resegmentRange: list('one or two numbers', () => true, 1, 2),
  resegmentMode: oneOf(RESEGMENT_MODES),
  resegmentShape: flag,
  preCrop: flag,
  sigma: { allowed: 'a list of numbers above 0', read: readSigmas },
  start_level: whole(0),
  level: whole(1),
  wavelet: oneOf(WAVELET_NAMES),
  gradientUseSpacing: flag,
  lbp2DRadius: positive,
  lbp2DSamples: whole(1),
  lbp2DMethod: oneOf(LBP_METHODS),
  lbp3DLevels: whole(1),
  lbp3DIcosphereRadius: positive,
  lbp3DIcosphereSubdivision: whole(0),
  voxelArrayShift: number('a whole number', Number.isInteger),
  symmetricalGLCM: flag,
  weightingNorm: oneOf(WEIGHTING_NORMS),
  gldm_a: whole(0),
};

/** Settings of voxel-wise maps, which a parameter file may hold as well. */
export const VOXEL_SETTINGS: Readonly<Record<string, Rule>> = {
  kernelRadius: whole(1),
  maskedKernel: flag,
  initValue: number('a number', () => true),
  voxelBatch: whole(1),
};

/**
 * Reads settings over those that hold already. Nothing (null) as a value leaves the one that holds, except that no
 * interpolator means no resampling.
 *
 * @throws {InvalidSettingsError} if a key is unknown or a value not allowed
 */
export function readSettings(
  given: Readonly<Record<string, unknown>>,
  where: string,
  base: PyradiomicsSettings,
  rules: Readonly<Record<string, Rule>> = RULES,
): PyradiomicsSettings {
  const read: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(given)) {
    if (!Object.hasOwn(rules, key)) {
      throw new InvalidSettingsError(`${where} has no ${key}`, where, suggestName(key, Object.keys(rules)));
    }
    if (value === null && key !== 'interpolator') continue;
    const result = rules[key].read(value);
    if (result === undefined) {
      throw new InvalidSettingsError(`${key} must be ${rules[key].allowed}`, `${where}.${key}`, fixFor(key));
    }
    read[key] = result;
  }
  return read as unknown as PyradiomicsSettings; // every key went through its rule
}

function fixFor(key: string): string {
  return key === 'wavelet'
    ? 'Names are those of PyWavelets, for example coif1, db2, haar.'
    : 'See the documentation of PyRadiomics for its meaning.';
}

function number(allowed: string, isAllowed: (value: number) => boolean): Rule {
  return {
    allowed,
    read: (value) => {
      const plain = typeof value === 'bigint' ? Number(value) : value;
      return typeof plain === 'number' && Number.isFinite(plain) && isAllowed(plain) ? plain : undefined;
    },
  };
}

function list(allowed: string, isAllowed: (value: number) => boolean, least: number, most = Infinity): Rule {
  const { read } = number(allowed, isAllowed);
  return {
    allowed,
    read: (value) => {
      if (!Array.isArray(value) || value.length < least || value.length > most) return undefined;
      const numbers = value.map(read);
      return numbers.includes(undefined) ? undefined : numbers;
    },
  };
}

function oneOf(names: readonly string[]): Rule {
  return {
    allowed: names.length > 12 ? `a name such as ${names.slice(0, 4).join(', ')}` : `one of ${names.join(', ')}`,
    read: (value) => (typeof value === 'string' && names.includes(value) ? value : undefined),
  };
}

function readSigmas(value: unknown): Sigma[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const sigmas = value.map((item: unknown) => ({
    mm: positive.read(item) as number | undefined,
    text: sigmaText(item),
  }));
  return sigmas.every((sigma): sigma is Sigma => sigma.mm !== undefined) ? sigmas : undefined;
}

function sigmaText(value: unknown): string {
  return (typeof value === 'bigint' ? String(value) : pythonFloat(Number(value))).replace('.', '-');
}

/** SimpleITK's names, or its numbers from 1. */
const OTHER_INTERPOLATORS = [
  'sitkGaussian',
  'sitkLabelGaussian',
  'sitkHammingWindowedSinc',
  'sitkCosineWindowedSinc',
  'sitkWelchWindowedSinc',
  'sitkLanczosWindowedSinc',
  'sitkBlackmanWindowedSinc',
];

function readInterpolator(value: unknown): string | null | undefined {
  if (value === null) return null;
  const all: readonly string[] = [...INTERPOLATORS, ...OTHER_INTERPOLATORS];
  const index = typeof value === 'bigint' ? Number(value) : value;
  const name = typeof index === 'number' ? all[index - 1] : value;
  if (typeof name !== 'string' || !all.includes(name)) return undefined;
  if (!OTHER_INTERPOLATORS.includes(name)) return name;
  throw new UnsupportedParameterError(
    `the interpolator ${name} is not computed here`,
    'setting.interpolator',
    'Choose sitkBSpline, sitkLinear or sitkNearestNeighbor, or resample the image before.',
  );
}
