import type { RandomSource } from '@concord/numeric';
import { uniform } from './streams.js';

/** What a site's scanner does to the anatomy. It is the same for every patient of the site. */
export interface ScannerEffect {
  readonly manufacturer: string;
  readonly model: string;
  readonly kernel: string;
  readonly kvp: number;
  readonly pixelSpacingMm: number;
  readonly sliceThicknessMm: number;
  /** Standard deviation of the in-plane Gaussian point spread, mm. */
  readonly blurMm: number;
  /** Weight of the unsharp mask (image minus its 1.5 mm blur) added by an edge-enhancing kernel. */
  readonly sharpening: number;
  /** Standard deviation of the noise in a slice, HU. */
  readonly noiseHu: number;
  /** Standard deviation of the Gaussian that correlates the noise in-plane, mm. */
  readonly noiseCorrelationMm: number;
  /** Calibration: HU shown = gain * HU + offsetHu. */
  readonly gain: number;
  readonly offsetHu: number;
}

/** Makers and models are invented; the values lie in the range of abdominal CT in portal venous phase. */
const PROFILES: readonly ScannerEffect[] = [
  {
    manufacturer: 'Northlight Imaging',
    model: 'Aurora 64',
    kernel: 'B20s',
    kvp: 120,
    pixelSpacingMm: 0.86,
    sliceThicknessMm: 5,
    blurMm: 0.9,
    sharpening: 0,
    noiseHu: 9,
    noiseCorrelationMm: 0.9,
    gain: 1,
    offsetHu: 0,
  },
  {
    manufacturer: 'Helix Medical',
    model: 'Spira One',
    kernel: 'BONEPLUS-S',
    kvp: 120,
    pixelSpacingMm: 0.74,
    sliceThicknessMm: 2.5,
    blurMm: 0.35,
    sharpening: 0.7,
    noiseHu: 21,
    noiseCorrelationMm: 0.45,
    gain: 1.05,
    offsetHu: 14,
  },
  {
    manufacturer: 'Tessera Health',
    model: 'Volume 320',
    kernel: 'FC08',
    kvp: 100,
    pixelSpacingMm: 0.8,
    sliceThicknessMm: 3,
    blurMm: 0.6,
    sharpening: 0.15,
    noiseHu: 14,
    noiseCorrelationMm: 0.65,
    gain: 0.96,
    offsetHu: -12,
  },
  {
    manufacturer: 'Northlight Imaging',
    model: 'Borealis DS',
    kernel: 'I30f-3',
    kvp: 110,
    pixelSpacingMm: 0.9,
    sliceThicknessMm: 4,
    blurMm: 1.25,
    sharpening: 0,
    noiseHu: 6,
    noiseCorrelationMm: 1.4,
    gain: 1.03,
    offsetHu: 6,
  },
  {
    manufacturer: 'Cordata Systems',
    model: 'Ingenium 128',
    kernel: 'YB-D',
    kvp: 120,
    pixelSpacingMm: 0.7,
    sliceThicknessMm: 3.75,
    blurMm: 0.45,
    sharpening: 0.4,
    noiseHu: 17,
    noiseCorrelationMm: 0.55,
    gain: 0.93,
    offsetHu: -20,
  },
];

/**
 * The scanner of a site: five profiles in turn, and from the sixth site on variations of them under another model name.
 *
 * @param source used from the sixth site on
 */
export function scannerOfSite(siteIndex: number, source: RandomSource): ScannerEffect {
  const profile = PROFILES[siteIndex % PROFILES.length];
  const generation = Math.floor(siteIndex / PROFILES.length);
  if (generation === 0) return profile;
  return {
    ...profile,
    model: `${profile.model} G${generation + 1}`,
    pixelSpacingMm: round(profile.pixelSpacingMm * uniform(source, 0.95, 1.05), 3),
    blurMm: round(profile.blurMm * uniform(source, 0.75, 1.3), 3),
    noiseHu: round(profile.noiseHu * uniform(source, 0.8, 1.15), 2),
    noiseCorrelationMm: round(profile.noiseCorrelationMm * uniform(source, 0.8, 1.25), 3),
    gain: round(profile.gain + uniform(source, -0.03, 0.03), 3),
    offsetHu: round(profile.offsetHu + uniform(source, -8, 8), 1),
  };
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
