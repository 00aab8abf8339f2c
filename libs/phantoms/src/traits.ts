/** Standard normal scores of a tumour's visible traits, each partly the latent risk and partly chance. */
export interface TraitScores {
  readonly heterogeneity: number;
  readonly fineness: number;
  readonly necrosis: number;
  readonly rim: number;
  readonly lobulation: number;
  readonly size: number;
  readonly enhancement: number;
}

/** Correlation of each trait with the latent risk: the biology, the same at every site. */
export const TRAIT_LOADINGS: TraitScores = {
  heterogeneity: 0.88,
  fineness: 0.6,
  necrosis: 0.7,
  rim: 0.6,
  lobulation: 0.75,
  size: 0.45,
  enhancement: 0,
};

/** What the drawing needs, in physical units. */
export interface TumourTraits {
  readonly radiusMm: number;
  /** Relative height of the waves on the surface (standard deviation). */
  readonly lobulation: number;
  /** Mean attenuation of viable tumour, HU. */
  readonly attenuationHu: number;
  /** Standard deviation of the texture, HU. */
  readonly textureHu: number;
  /** Standard deviation of the Gaussian that smooths the texture, mm. */
  readonly textureSigmaMm: number;
  /** Radius of the necrotic core as a share of the tumour's. */
  readonly necrosis: number;
  /** Enhancement of the rim above viable tumour, HU. */
  readonly rimHu: number;
}

/** Trait scores to physical units; each is monotone in its score. */
export function traitsOf(scores: TraitScores): TumourTraits {
  return {
    radiusMm: 13 * Math.exp(0.14 * scores.size),
    lobulation: 0.09 * Math.exp(0.4 * scores.lobulation),
    attenuationHu: 82 + 6 * scores.enhancement,
    textureHu: 20 * Math.exp(0.35 * scores.heterogeneity),
    textureSigmaMm: 2.6 * Math.exp(-0.2 * scores.fineness),
    necrosis: Math.min(0.7, Math.max(0, 0.3 + 0.15 * scores.necrosis)),
    rimHu: Math.max(0, 14 + 8 * scores.rim),
  };
}
