import { FEATURE_ROWS } from './feature-rows.js';
import { AGGREGATIONS, FAMILIES, isTexture, type Aggregation, type Family, type FeatureUnit } from './names.js';
import type { ExtractionSettings } from './settings.js';

/** One value of a feature vector. */
export interface FeatureDescriptor {
  /** Unique: the tag, for texture with the suffix of its aggregation (`cm_joint_entr_3D_avg`). */
  readonly name: string;
  readonly family: Family;
  /** IBSI's tag without suffix: `cm_joint_entr`. */
  readonly tag: string;
  /** What the feature is called in the IBSI manual. */
  readonly title: string;
  /** IBSI's four-character code. */
  readonly ibsi: string;
  readonly aggregation: Aggregation | null;
  readonly unit: FeatureUnit;
}

const SUFFIX: Readonly<Record<Aggregation, string>> = {
  '2D:avg': '_2D_avg',
  '2D:slice_merged': '_2D_comb',
  '2.5D:direction_merged': '_2_5D_avg',
  '2.5D:merged': '_2_5D_comb',
  '3D:avg': '_3D_avg',
  '3D:merged': '_3D_comb',
};

/** Name of a texture feature under one aggregation: `cm_joint_entr` and `3D:avg` give `cm_joint_entr_3D_avg`. */
export function textureName(tag: string, aggregation: Aggregation): string {
  return tag + SUFFIX[aggregation];
}

/** IBSI's tags of a family, in the manual's order. */
export function tagsOf(family: Family): string[] {
  return FEATURE_ROWS[family].map(([tag]) => tag);
}

/**
 * Every value that extraction with these settings gives, in the order of the output. It depends on the settings only,
 * never on image or region.
 */
export function featureCatalogue(settings: ExtractionSettings): FeatureDescriptor[] {
  const described: FeatureDescriptor[] = [];
  for (const family of FAMILIES.filter((name) => settings.families.includes(name))) {
    const aggregations = isTexture(family) ? AGGREGATIONS.filter((a) => settings.aggregations.includes(a)) : [null];
    for (const aggregation of aggregations) {
      for (const [tag, title, ibsi, unit] of FEATURE_ROWS[family]) {
        const name = aggregation === null ? tag : textureName(tag, aggregation);
        described.push({ name, family, tag, title, ibsi, aggregation, unit });
      }
    }
  }
  return described;
}
