import { featureBlocks, type FeatureBlock } from './catalogue.js';
import type { Family } from './names.js';
import { settingsDigest, type Discretisation, type ExtractionSettings, type ImageSettings } from './settings.js';

/** What is computed on one image. */
export interface ImagePlan {
  readonly image: ImageSettings;
  readonly families: readonly Family[];
  /** Empty where no family needs grey levels. */
  readonly discretisations: readonly Discretisation[];
  readonly blocks: readonly FeatureBlock[];
}

/** Settings with what follows from them alone, made once for many regions. */
export interface CompiledExtraction {
  readonly settings: ExtractionSettings;
  readonly digest: string;
  readonly images: readonly ImagePlan[];
}

/** Works out once what `runExtraction` does on each region: names, order and digest. */
export function compileExtraction(settings: ExtractionSettings): CompiledExtraction {
  const blocks = featureBlocks(settings);
  const images = settings.images.map((image): ImagePlan => {
    const own = blocks.filter((block) => block.image === image.name);
    const used = new Set(own.map(({ discretisation }) => discretisation));
    return {
      image,
      families: image.families ?? settings.families,
      discretisations: (image.discretisations ?? settings.discretisations).filter((one) => used.has(one)),
      blocks: own,
    };
  });
  return { settings, digest: settingsDigest(settings), images };
}
