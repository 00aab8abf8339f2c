import type { FilterSettings } from './filters/filter-settings.js';
import { parseSettings } from './parse-settings.js';
import type { ExtractionSettings } from './settings.js';

/** Name of the filtered image in the presets of IBSI 2. */
export const RESPONSE = 'response';

type LooseFilter = { readonly kind: FilterSettings['kind'] } & Readonly<Record<string, unknown>>;

const zero = { boundary: 'zero' };
const mirror = { boundary: 'mirror' };
const turned = { rotationInvariant: true };
const energy = { energyDistanceVoxels: 7 };
const mean15 = { kind: 'mean', sizeVoxels: 15 } as const;
const log = (sigmaMm: number) => ({ kind: 'laplacian-of-gaussian', sigmaMm, truncation: 4 }) as const;
const laws = (kernels: string) => ({ kind: 'laws', kernels }) as const;
const narrowGabor = { kind: 'gabor', sigmaMm: 10, wavelengthMm: 4, gamma: 0.5, ...zero } as const;
const wideGabor = { kind: 'gabor', sigmaMm: 20, wavelengthMm: 8, gamma: 2.5, ...mirror } as const;
const wavelet = (name: string, band: string, level = 1) => ({ kind: 'wavelet', wavelet: name, band, level }) as const;
const simoncelli = (level: number) => ({ kind: 'simoncelli', level }) as const;
const twoD = { dimension: '2D' };

/** Phase 1: a digital phantom and a filter for each test (ibsi-doc, IBSI 2; voxels of 2 mm). */
const PHASE_1: Readonly<Record<string, LooseFilter>> = {
  '1.a.1': { ...mean15, ...zero },
  '1.a.2': { ...mean15, boundary: 'nearest' },
  '1.a.3': { ...mean15, boundary: 'periodic' },
  '1.a.4': { ...mean15, ...mirror },
  '1.b.1': { ...mean15, ...twoD, ...zero },
  '2.a': { ...log(3), ...zero },
  '2.b': { ...log(5), ...mirror },
  '2.c': { ...log(5), ...twoD, ...mirror },
  '3.a.1': { ...laws('E5L5S5'), ...zero },
  '3.a.2': { ...laws('E5L5S5'), ...zero, ...turned },
  '3.a.3': { ...laws('E5L5S5'), ...zero, ...turned, ...energy },
  '3.b.1': { ...laws('E3W5R5'), ...mirror },
  '3.b.2': { ...laws('E3W5R5'), ...mirror, ...turned },
  '3.b.3': { ...laws('E3W5R5'), ...mirror, ...turned, ...energy },
  '3.c.1': { ...laws('L5S5'), ...twoD, ...mirror },
  '3.c.2': { ...laws('L5S5'), ...twoD, ...mirror, ...turned },
  '3.c.3': { ...laws('L5S5'), ...twoD, ...mirror, ...turned, ...energy },
  '4.a.1': { ...narrowGabor, thetaDegrees: 60 },
  '4.a.2': { ...narrowGabor, thetaStepDegrees: 45, planes: 'orthogonal' },
  '4.b.1': { ...wideGabor, thetaDegrees: 225 },
  '4.b.2': { ...wideGabor, thetaStepDegrees: 22.5, planes: 'orthogonal' },
  '5.a.1': { ...wavelet('db2', 'LHL'), ...zero },
  '5.a.2': { ...wavelet('db2', 'LHL'), ...zero, ...turned },
  '6.a.1': { ...wavelet('coif1', 'HHL'), boundary: 'periodic' },
  '6.a.2': { ...wavelet('coif1', 'HHL'), boundary: 'periodic', ...turned },
  '7.a.1': { ...wavelet('haar', 'LLL', 2), ...mirror, ...turned },
  '7.a.2': { ...wavelet('haar', 'HHH', 2), ...mirror, ...turned },
  '8.a.1': { ...simoncelli(1), boundary: 'periodic' },
  '8.a.2': { ...simoncelli(2), boundary: 'periodic' },
  '8.a.3': { ...simoncelli(3), boundary: 'periodic' },
  '9.a': { kind: 'riesz', of: { ...log(3), ...zero }, order: [1, 0, 0] },
  '9.b.1': { kind: 'riesz', of: { ...log(3), ...zero }, order: [0, 2, 0] },
  '9.b.2': { kind: 'riesz', of: { ...log(3), ...zero }, order: [0, 2, 0], alignedBySigmaMm: 2 },
  '10.a': { kind: 'riesz', of: { ...simoncelli(1), ...zero }, order: [1, 0, 0] },
  '10.b.1': { kind: 'riesz', of: { ...simoncelli(1), boundary: 'nearest' }, order: [0, 2, 0] },
  '10.b.2': { kind: 'riesz', of: { ...simoncelli(1), boundary: 'nearest' }, order: [0, 2, 0], alignedBySigmaMm: 2 },
};

/** Phase 2: filters of the CT phantom, in 2D at its own spacing (A) and in 3D at 1 mm (B). */
const PHASE_2: Readonly<Record<string, readonly [a: LooseFilter | null, b: LooseFilter | null]>> = {
  1: [null, null],
  2: both({ kind: 'mean', sizeVoxels: 5 }),
  3: both(log(1.5)),
  4: [
    { ...laws('L5E5'), ...turned, ...energy, ...twoD },
    { ...laws('L5E5E5'), ...turned, ...energy },
  ],
  5: [gabor('axial'), gabor('orthogonal')],
  6: [
    { ...wavelet('db3', 'LH'), ...turned, ...twoD },
    { ...wavelet('db3', 'LLH'), ...turned },
  ],
  7: [
    { ...wavelet('db3', 'HH', 2), ...turned, ...twoD },
    { ...wavelet('db3', 'HHH', 2), ...turned },
  ],
  // The reference values are those of the periodic image, though mirror is named for all filters.
  8: both({ ...simoncelli(1), boundary: 'periodic' }),
  9: both({ ...simoncelli(2), boundary: 'periodic' }),
};

function both(filter: LooseFilter): [LooseFilter, LooseFilter] {
  return [{ ...filter, ...twoD }, filter];
}

function gabor(planes: 'axial' | 'orthogonal'): LooseFilter {
  return { kind: 'gabor', sigmaMm: 5, wavelengthMm: 2, gamma: 1.5, thetaStepDegrees: 22.5, planes };
}

const COMMON = {
  format: 'concord.extraction/2',
  families: ['statistics'],
  discretisations: [{ method: 'FBN', count: 32 }],
};

function imagesOf(filter: LooseFilter | null): object[] {
  return [filter === null ? { name: 'original' } : { name: RESPONSE, filter }];
}

const CT = { ...COMMON, rounding: 'nearest-integer', resegmentation: { range: [-1000, 400] } };
const ONE_MM = { spacingMm: [1, 1, 1], image: 'cubic' };

/**
 * The presets `ibsi2-phase1-…` and `ibsi2-phase2-…` of IBSI 2 (Whybra et al., Radiology 310(2), 2024; reference data of
 * theibsi/ibsi_2_reference_data). Their filtered image is named `response`.
 */
export const IBSI2_PRESETS: Readonly<Record<string, ExtractionSettings>> = Object.fromEntries([
  ...Object.entries(PHASE_1).map(([test, filter]) => [
    `ibsi2-phase1-${test}`,
    parseSettings({ ...COMMON, images: imagesOf(filter) }),
  ]),
  ...Object.entries(PHASE_2).flatMap(([number, [a, b]]) => [
    [`ibsi2-phase2-${number}.A`, parseSettings({ ...CT, images: imagesOf(a) })],
    [`ibsi2-phase2-${number}.B`, parseSettings({ ...CT, resampling: ONE_MM, images: imagesOf(b) })],
  ]),
]) as Readonly<Record<string, ExtractionSettings>>;
