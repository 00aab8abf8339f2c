import { featureCatalogue, type ExtractionSettings } from '@concord/radiomics';
import { measureRepeatability } from '@concord/scanner-effects';
import type { FeatureTable } from '@concord/tables';
import type { Version } from './versions.js';

/** How far a feature repeats over the versions of a region; null where that has no meaning. */
export interface FeatureStability {
  readonly feature: string;
  /** ICC(1,1) of the perturbed versions, with the ends of its 95 % interval. */
  readonly icc: number | null;
  readonly lower: number | null;
  readonly upper: number | null;
  readonly isStable: boolean;
  readonly reason: string | null;
}

/**
 * ICC(1,1) of every feature: regions are the subjects, perturbed versions the measurements; the region as it is does not
 * count. A feature that has no value in some version has no ICC.
 *
 * @param threshold a feature is stable when the lower end of its interval reaches this
 * @throws {ScannerEffectInputError} with fewer than three regions or two versions
 */
export function stabilityOf(
  versions: readonly Version[],
  settings: ExtractionSettings,
  threshold: number,
): FeatureStability[] {
  const perturbed = versions.filter(({ replicate }) => replicate > 0);
  const { features } = measureRepeatability({
    subject: perturbed.map(regionOf),
    occasion: perturbed.map(({ replicate }) => String(replicate)),
    features: featureCatalogue(settings).map(({ name }) => ({
      name,
      values: Float64Array.from(perturbed, ({ vector }) => vector.values[name].value ?? NaN),
    })),
  });
  return features.map((measured): FeatureStability => {
    if (!('icc11' in measured)) {
      return { ...measured, icc: null, lower: null, upper: null, isStable: false };
    }
    const { value, interval } = measured.icc11;
    const isStable = interval[0] >= threshold;
    return { feature: measured.feature, icc: value, lower: interval[0], upper: interval[1], isStable, reason: null };
  });
}

/** The region that a version is one of. */
export function regionOf({ caseName, roi }: Version): string {
  return JSON.stringify([caseName, roi]);
}

export function stabilityTable(features: readonly FeatureStability[]): FeatureTable {
  const numbers = (name: 'icc' | 'lower' | 'upper') => ({
    kind: 'number' as const,
    name,
    values: Float64Array.from(features, (feature) => feature[name] ?? NaN),
  });
  const text = (name: string, value: (feature: FeatureStability) => string | null) => ({
    kind: 'text' as const,
    name,
    values: features.map(value),
  });
  return {
    rowCount: features.length,
    columns: [
      text('feature', ({ feature }) => feature),
      numbers('icc'),
      numbers('lower'),
      numbers('upper'),
      text('verdict', ({ icc, isStable }) => (icc === null ? 'undefined' : isStable ? 'stable' : 'unstable')),
      text('reason', ({ reason }) => reason),
    ],
  };
}

/** The settings without the images and families that hold no stable feature; null if none does. */
export function stableSettings(
  settings: ExtractionSettings,
  features: readonly FeatureStability[],
): ExtractionSettings | null {
  const stable = new Set(features.filter(({ isStable }) => isStable).map(({ feature }) => feature));
  const kept = featureCatalogue(settings).filter(({ name }) => stable.has(name));
  const images = settings.images.flatMap((image) => {
    const own = new Set(kept.filter((feature) => feature.image === image.name).map(({ family }) => family));
    const families = (image.families ?? settings.families).filter((family) => own.has(family));
    return families.length === 0 ? [] : [{ ...image, families }];
  });
  return images.length === 0 ? null : { ...settings, images };
}
