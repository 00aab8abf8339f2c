import type { CombatEstimates, CombatModel } from './combat-model.js';

/** The model for some of its features, in their order there; what it says of each is the same. */
export function modelForFeatures(model: CombatModel, names: ReadonlySet<string>): CombatModel {
  const at = [...model.features.keys()].filter((g) => names.has(model.features[g]));
  const row = <T>(values: readonly T[]): T[] => at.map((g) => values[g]);
  const tables = ['gammaHat', 'deltaHat', 'gammaStar', 'deltaStar', 'coefficients'] as const;
  const { estimates } = model;
  const parts = Object.fromEntries(tables.map((key) => [key, estimates[key].map(row)])) as unknown as Pick<
    CombatEstimates,
    (typeof tables)[number]
  >;
  return {
    ...model,
    features: row(model.features),
    passedThrough: model.passedThrough.filter(({ feature }) => names.has(feature)),
    estimates: {
      ...estimates,
      ...parts,
      pooledVariance: row(estimates.pooledVariance),
      grandMean: row(estimates.grandMean),
    },
  };
}
