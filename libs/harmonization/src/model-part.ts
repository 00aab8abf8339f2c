import type { CombatEstimates, CombatModel } from './combat-model.js';

/** Cuts a model into models of some of its features; what each says of a feature is the same. Cost: the features asked for. */
export function modelParts(model: CombatModel): (names: readonly string[]) => CombatModel {
  const positions = new Map(model.features.map((name, g) => [name, g]));
  const reasons = new Map(model.passedThrough.map((entry) => [entry.feature, entry]));
  const { estimates } = model;
  return (names) => {
    const at = names.flatMap((name) => positions.get(name) ?? []);
    const row = <T>(values: readonly T[]): T[] => at.map((g) => values[g]);
    const tables = ['gammaHat', 'deltaHat', 'gammaStar', 'deltaStar', 'coefficients'] as const;
    const parts = Object.fromEntries(tables.map((key) => [key, estimates[key].map(row)])) as unknown as Pick<
      CombatEstimates,
      (typeof tables)[number]
    >;
    return {
      ...model,
      features: row(model.features),
      passedThrough: names.flatMap((name) => reasons.get(name) ?? []),
      estimates: {
        ...estimates,
        ...parts,
        pooledVariance: row(estimates.pooledVariance),
        grandMean: row(estimates.grandMean),
      },
    };
  };
}
