import { ScannerEffectInputError } from './errors.js';
import { groupsOf } from './groups.js';
import { project } from './principal-components.js';
import {
  type FeatureEffect,
  LEVEL,
  measureFeatures,
  type ScannerEffect,
  type ScannerEffectInput,
  scannerEffectOf,
} from './scanner-effect.js';

/** One batch in the plane of two principal components. */
export interface BatchCloud {
  readonly batch: string;
  readonly patientCount: number;
  readonly centre: readonly [number, number];
  /** xx, xy, yy; divisor n − 1, zeros for one patient. */
  readonly covariance: readonly [number, number, number];
  /** One point a patient: leave them out where a study does not allow them to be shown. */
  readonly points: readonly (readonly [number, number])[];
}

/** The same features of the same patients, before and after harmonization. */
export interface ScannerEffectComparison {
  readonly before: ScannerEffect;
  readonly after: ScannerEffect;
  readonly features: readonly {
    readonly name: string;
    /** 0 where the feature does not vary. */
    readonly etaSquaredBefore: number;
    readonly etaSquaredAfter: number;
    readonly isAffectedBefore: boolean;
    readonly isAffectedAfter: boolean;
  }[];
  /** The test behind `isAffected`, as it should be cited. */
  readonly test: string;
  /** Both in the plane of the features before harmonization; null where there is no such plane. */
  readonly plane: {
    readonly explained: readonly [number, number];
    readonly before: readonly BatchCloud[];
    readonly after: readonly BatchCloud[];
  } | null;
}

export const TESTS = { anova: 'one-way analysis of variance', kruskalWallis: 'Kruskal–Wallis' } as const;

/**
 * Measures the scanner effect before and after harmonization.
 *
 * @param test which test decides whether a feature counts as affected
 * @param measured effects of the features before and after, where they were measured block by block; measured here if absent
 * @throws {ScannerEffectInputError} as {@link measureScannerEffect}, or if the two tables differ in names or order
 */
export function compareScannerEffects(
  input: {
    before: ScannerEffectInput['features'];
    after: ScannerEffectInput['features'];
    batch: ScannerEffectInput['batch'];
    covariates?: ScannerEffectInput['covariates'];
  },
  test: keyof typeof TESTS = 'kruskalWallis',
  measured?: { readonly before: readonly FeatureEffect[]; readonly after: readonly FeatureEffect[] },
): ScannerEffectComparison {
  if (input.before.length !== input.after.length || input.before.some(({ name }, g) => name !== input.after[g].name)) {
    throw new ScannerEffectInputError(
      'the tables before and after do not hold the same features in the same order',
      'compareScannerEffects',
      'Compare the table that was harmonized with its own result.',
    );
  }
  const of = (when: 'before' | 'after'): ScannerEffect => {
    const own = { features: input[when], batch: input.batch, covariates: input.covariates };
    return scannerEffectOf(own, measured?.[when] ?? measureFeatures(own));
  };
  const [before, after] = [of('before'), of('after')];
  const isAffected = (effect: ScannerEffect, g: number): boolean => (effect.features[g][test]?.adjustedP ?? 1) < LEVEL;
  return {
    before,
    after,
    features: before.features.map(({ name, etaSquared }, g) => ({
      name,
      etaSquaredBefore: etaSquared ?? 0,
      etaSquaredAfter: after.features[g].etaSquared ?? 0,
      isAffectedBefore: isAffected(before, g),
      isAffectedAfter: isAffected(after, g),
    })),
    test: `${TESTS[test]}, Benjamini–Hochberg ${LEVEL}`,
    plane: planeOf(before, input.after, input.batch),
  };
}

function planeOf(
  { pca }: ScannerEffect,
  after: ScannerEffectInput['features'],
  batch: ScannerEffectInput['batch'],
): ScannerEffectComparison['plane'] {
  if (pca === null || pca.components.scores.length < 2) return null;
  const byName = new Map(after.map(({ name, values }) => [name, values]));
  const columns = pca.featureNames.map((name) => byName.get(name)!);
  if (columns.some((values) => values.some(Number.isNaN))) return null;
  return {
    explained: [pca.explained[0], pca.explained[1]],
    before: clouds(pca.components.scores, batch),
    after: clouds(project(pca.components, columns), batch),
  };
}

function clouds([first, second]: readonly Float64Array[], batch: ScannerEffectInput['batch']): BatchCloud[] {
  const { labels, index } = groupsOf(batch);
  return labels.map((label, i) => {
    const rows = [...index.keys()].filter((row) => index[row] === i);
    const points = rows.map((row) => [first[row], second[row]] as const);
    const x = points.reduce((sum, point) => sum + point[0], 0) / points.length;
    const y = points.reduce((sum, point) => sum + point[1], 0) / points.length;
    const divisor = Math.max(1, points.length - 1);
    const moment = (a: 0 | 1, b: 0 | 1): number =>
      points.reduce((sum, p) => sum + (p[a] - (a === 0 ? x : y)) * (p[b] - (b === 0 ? x : y)), 0) / divisor;
    return {
      batch: label,
      patientCount: points.length,
      centre: [x, y],
      covariance: [moment(0, 0), moment(0, 1), moment(1, 1)],
      points,
    };
  });
}
