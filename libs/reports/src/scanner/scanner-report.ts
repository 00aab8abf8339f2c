import type {
  BiologyKept,
  Repeatability,
  ScannerEffect,
  ScannerEffectComparison,
  Separation,
  SiteClassification,
  Verdict,
} from '@concord/scanner-effects';
import type { BatchCorrectionsData, BatchDensitiesData, BatchHeatMapData, PriorQuantilesData } from '@concord/figures';

/** A state of the features, and the same after harmonisation where there is one. */
export interface BeforeAfter<T> {
  readonly before: T;
  readonly after: T | null;
}

export interface Told {
  readonly discriminant: SiteClassification;
  readonly forest: SiteClassification;
}

/** What a report of scanner effects is printed from; nothing in it belongs to a single patient. */
export interface ScannerReport {
  readonly title: string;
  readonly version: string;
  readonly batchColumn: string;
  readonly notes: readonly string[];
  readonly verdict: Verdict;
  readonly effect: ScannerEffect;
  readonly comparison: ScannerEffectComparison | null;
  readonly separation: BeforeAfter<Separation | null>;
  readonly classifier: { readonly raw: Told; readonly harmonized: Told } | null;
  readonly biology: BiologyKept | null;
  readonly outcome: string | null;
  readonly varianceShares: {
    readonly factors: readonly string[];
    readonly before: { readonly mean: readonly (number | null)[] };
    readonly after: { readonly mean: readonly (number | null)[] } | null;
  } | null;
  readonly identifiability: {
    readonly findings: readonly string[];
    readonly columns: readonly {
      readonly column: string;
      readonly batchRSquared: number;
      readonly vif: number | null;
    }[];
    readonly categorical: readonly { readonly name: string; readonly cramersV: number; readonly p: number }[];
    readonly continuous: readonly {
      readonly column: string;
      readonly batches: readonly [string, string];
      readonly standardisedDifference: number;
    }[];
    readonly condition: number | null;
  } | null;
  readonly flags: Readonly<
    Record<'constant' | 'constantInBatch' | 'twoValued' | 'zeroInflated' | 'skewed' | 'outlier', readonly string[]>
  >;
  readonly densities: BatchDensitiesData;
  readonly heatMap: BatchHeatMapData;
  readonly corrections: (BatchCorrectionsData & { readonly isOwnFit: boolean }) | null;
  readonly priors: PriorQuantilesData | null;
  readonly passedThrough: readonly { readonly feature: string; readonly reason: string }[];
  readonly negativeFeatures: readonly string[];
  readonly repeatability: BeforeAfter<Repeatability> | null;
  /** What could not be measured, and why. */
  readonly notDone: readonly string[];
}
