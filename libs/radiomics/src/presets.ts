import { DEFAULT_READING } from '@concord/imaging';
import { IBSI2_PRESETS } from './ibsi2-presets.js';
import { AGGREGATIONS, FAMILIES, type Family } from './names.js';
import type { Discretisation, ExtractionSettings, Resampling, Resegmentation } from './settings.js';

const ALL_INTENSITIES: Resegmentation = { range: null, outlierSigma: null };

function isotropic(spacing: number, image: Resampling['image']): Resampling {
  return {
    spacingMm: [spacing, spacing, spacing],
    alignment: 'centre',
    image,
    antiAliasing: null,
    mask: 'linear',
    maskThreshold: 0.5,
  };
}

const NO_BINS: Discretisation = { method: 'none' };

/** Every family, as IBSI's references need it. */
function preset(
  resampling: Resampling | null,
  rounding: ExtractionSettings['rounding'],
  resegmentation: Resegmentation,
  discretisation: Discretisation,
  ivh: Discretisation = NO_BINS,
  aggregations: ExtractionSettings['aggregations'] = ['3D:avg', '3D:merged', '3D'],
): ExtractionSettings {
  return {
    format: 'concord.extraction/2',
    reading: DEFAULT_READING,
    paddingValues: [-3024, -2000],
    normalisation: null,
    resampling,
    rounding,
    resegmentation,
    minimumRegion: { voxels: 1, dimensions: 0 },
    images: [{ name: 'original', filter: null, families: null, discretisations: null }],
    discretisations: [discretisation],
    ivh,
    families: [...FAMILIES],
    aggregations,
    diagnostics: 'image',
  };
}

/** Every aggregation of what is counted within slices. */
const IN_SLICES = AGGREGATIONS.filter((aggregation) => aggregation.startsWith('2'));

/** Families of the clinical presets. */
const CLINICAL: readonly Family[] = ['morphology', 'statistics', 'histogram', 'glcm', 'glrlm'];

const from = (lower: number, upper: number | null): Resegmentation => ({ range: [lower, upper], outlierSigma: null });
const fbs = (width: number, minimum: number): Discretisation => ({ method: 'FBS', width, minimum });

/**
 * Named settings.
 *
 * - `ibsi1-phantom`, `ibsi1-A`, `-B`, `-C`, `-D`, `-E`: the reference configurations of IBSI 1 (ibsi-doc, chapter 5).
 * - `ibsi1-validation-ct`, `-mr`, `-pet`: its validation on sarcoma patients (phase 3).
 * - `ibsi2-phase1-…`, `ibsi2-phase2-…`: the filters of IBSI 2.
 * - `ct-hcc`: liver tumours on CT. 2 mm isotropic, linear, HU rounded; the intensity mask keeps -200 to 300 HU (soft
 *   tissue and contrast-enhanced liver; drops lung, gas, calcification and lipiodol); bins of 25 HU from -200.
 * - `mr-hcc`: liver tumours on MR, whose units are arbitrary: z-scores over the tissue of the image, 2 mm isotropic, what is
 *   beyond 3 standard deviations of the region left out, 32 bins.
 * - `us-hcc`: one ultrasound or contrast-enhanced frame: its own pixels, 64 bins, families within the slice.
 */
export const PRESETS: Readonly<Record<string, ExtractionSettings>> = {
  'ibsi1-phantom': preset(null, 'none', ALL_INTENSITIES, { method: 'none' }, NO_BINS, AGGREGATIONS),
  'ibsi1-A': preset(null, 'none', from(-500, 400), fbs(25, -500), NO_BINS, IN_SLICES),
  'ibsi1-B': preset(
    { ...isotropic(2, 'linear'), spacingMm: [2, 2, null] },
    'nearest-integer',
    from(-500, 400),
    { method: 'FBN', count: 32 },
    NO_BINS,
    IN_SLICES,
  ),
  'ibsi1-C': preset(isotropic(2, 'linear'), 'nearest-integer', from(-1000, 400), fbs(25, -1000), fbs(2.5, -1000)),
  'ibsi1-D': preset(
    isotropic(2, 'linear'),
    'nearest-integer',
    { range: null, outlierSigma: 3 },
    { method: 'FBN', count: 32 },
  ),
  'ibsi1-E': preset(
    isotropic(2, 'cubic'),
    'nearest-integer',
    { range: [-1000, 400], outlierSigma: 3 },
    { method: 'FBN', count: 32 },
    { method: 'FBN', count: 1000 },
  ),
  'ibsi1-validation-ct': preset(isotropic(1, 'cubic'), 'nearest-integer', from(-200, 200), fbs(10, -200), NO_BINS, [
    '3D:merged',
    '3D',
  ]),
  'ibsi1-validation-mr': preset(isotropic(1, 'cubic'), 'none', from(0, null), fbs(10, 0), fbs(1, 0), [
    '3D:merged',
    '3D',
  ]),
  'ibsi1-validation-pet': preset(isotropic(3, 'cubic'), 'none', from(0, null), fbs(0.25, 0), fbs(0.1, 0), [
    '3D:merged',
    '3D',
  ]),
  'ct-hcc': {
    ...preset(isotropic(2, 'linear'), 'nearest-integer', from(-200, 300), fbs(25, -200)),
    families: [...CLINICAL],
    diagnostics: 'region',
  },
  'mr-hcc': {
    ...preset(isotropic(2, 'linear'), 'none', { range: null, outlierSigma: 3 }, { method: 'FBN', count: 32 }),
    normalisation: { method: 'z-score', over: 'tissue', tissueAbove: null, saturation: null, scale: 100 },
    families: [...CLINICAL],
    diagnostics: 'region',
  },
  'us-hcc': {
    ...preset(null, 'none', ALL_INTENSITIES, { method: 'FBN', count: 64 }, NO_BINS, [
      '2D:avg',
      '2D:slice_merged',
      '2D',
    ]),
    families: ['statistics', 'histogram', 'glcm', 'glrlm', 'glszm', 'ngtdm', 'ngldm'],
    diagnostics: 'region',
  },
  ...IBSI2_PRESETS,
};
