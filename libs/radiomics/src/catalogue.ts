import { FEATURE_ROWS } from './feature-rows.js';
import { aggregationsOf, FAMILIES, isDiscretised, type Aggregation, type Family, type FeatureUnit } from './names.js';
import { discretisationName, type Discretisation, type ExtractionSettings, type ImageSettings } from './settings.js';

/** One value of a feature vector. */
export interface FeatureDescriptor {
  /**
   * Unique: the tag, for texture with the suffix of its aggregation (`cm_joint_entr_3D_avg`); with that of the
   * discretisation where the settings have several (`ih_mean_fbn32`); after the image's name for all but the original
   * (`log-3_stat_mean`).
   */
  readonly name: string;
  readonly family: Family;
  /** IBSI's tag without suffix: `cm_joint_entr`. */
  readonly tag: string;
  /** What the feature is called in the IBSI manual. */
  readonly title: string;
  /** IBSI's four-character code; null for a feature that is not IBSI's. */
  readonly ibsi: string | null;
  readonly aggregation: Aggregation | null;
  /** Name of the image among the settings' images. */
  readonly image: string;
  /** null for families on intensities as they are. */
  readonly discretisation: Discretisation | null;
  readonly unit: FeatureUnit;
}

const SUFFIX: Readonly<Record<Aggregation, string>> = {
  '2D:avg': '_2D_avg',
  '2D:slice_merged': '_2D_comb',
  '2.5D:direction_merged': '_2_5D_avg',
  '2.5D:merged': '_2_5D_comb',
  '3D:avg': '_3D_avg',
  '3D:merged': '_3D_comb',
  '2D': '_2D',
  '2.5D': '_2_5D',
  '3D': '_3D',
};

/** Name of a texture feature under one aggregation: `cm_joint_entr` and `3D:avg` give `cm_joint_entr_3D_avg`. */
export function textureName(tag: string, aggregation: Aggregation): string {
  return tag + SUFFIX[aggregation];
}

/** Features that are computed together: one family of one image, with one discretisation and aggregation. */
export interface FeatureBlock {
  readonly image: string;
  readonly family: Family;
  readonly discretisation: Discretisation | null;
  readonly aggregation: Aggregation | null;
  readonly features: readonly FeatureDescriptor[];
}

/**
 * Every value that extraction with these settings gives, in the order of the output. It depends on the settings only,
 * never on image or region.
 */
export function featureCatalogue(settings: ExtractionSettings): FeatureDescriptor[] {
  return featureBlocks(settings).flatMap(({ features }) => features);
}

/** The catalogue in blocks. */
export function featureBlocks(settings: ExtractionSettings): FeatureBlock[] {
  return settings.images.flatMap((image) => {
    const families = image.families ?? settings.families;
    const discretisations = image.discretisations ?? settings.discretisations;
    return FAMILIES.filter((family) => families.includes(family)).flatMap((family) =>
      (isDiscretised(family) ? discretisations : [null]).flatMap((discretisation) => {
        const known = aggregationsOf(family);
        const aggregations = known.length > 0 ? known.filter((a) => settings.aggregations.includes(a)) : [null];
        return aggregations.map((aggregation) => {
          const suffix = discretisations.length > 1 && discretisation ? `_${discretisationName(discretisation)}` : '';
          return blockOf(image, family, discretisation, aggregation, suffix);
        });
      }),
    );
  });
}

function blockOf(
  { name: image }: ImageSettings,
  family: Family,
  discretisation: Discretisation | null,
  aggregation: Aggregation | null,
  suffix: string,
): FeatureBlock {
  const features = FEATURE_ROWS[family].map(([tag, title, ibsi, unit]): FeatureDescriptor => {
    const full = (aggregation === null ? tag : textureName(tag, aggregation)) + suffix;
    const name = image === 'original' ? full : `${image}_${full}`;
    return { name, family, tag, title, ibsi, aggregation, image, discretisation, unit };
  });
  return { image, family, discretisation, aggregation, features };
}
