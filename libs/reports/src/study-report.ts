import type { StudyAssessment } from '@concord/rqs';
import type { BinaryValidation, Estimate } from '@concord/validation';
import type { EvaluationItem } from './validation/evaluation-items.js';

/**
 * The frozen result of one study as plain JSON (format `concord.report/1`): what `renderStudyReport` prints, and what
 * a reader can recompute. It holds summaries only, no row of a patient. Every part carries the SHA-256 digest (hex) of
 * the stored record its numbers come from; times are ISO 8601 in UTC; risks and shares run from 0 to 1.
 */
export interface StudyReport {
  readonly format: 'concord.report/1';
  readonly study: ReportStudy;
  readonly sites: readonly ReportSite[];
  readonly extraction: ReportExtraction | null;
  readonly scannerEffect: ReportScannerEffect | null;
  readonly harmonization: ReportHarmonization | null;
  readonly model: ReportModel | null;
  readonly validation: ReportValidation | null;
  readonly leakAudit: ReportLeakAudit | null;
  /** Every score and guideline, as stored under this digest. */
  readonly rqs: (StudyAssessment & { readonly digest: string }) | null;
  readonly provenance: ReportProvenance;
  readonly audit: { readonly entryCount: number; readonly headHash: string };
}

/** Every number that was estimated: no value without a status, none missing without a reason. */
export type ReportEstimate = Estimate;

export interface ReportStudy {
  readonly id: string;
  readonly title: string;
  /** What the model predicts, in words that fit "predicts …": `microvascular invasion`. */
  readonly outcome: string;
  /** `CT`, `MR`, `US`; null when mixed. */
  readonly modality: string | null;
  readonly protocolDigest: string;
  readonly frozenAt: string;
}

export interface ReportSite {
  readonly code: string;
  readonly name: string;
  readonly role: 'development' | 'externalValidation';
  readonly patientCount: number;
  /** Null while the outcomes of the site are closed. */
  readonly eventCount: number | null;
  readonly scanners: readonly {
    readonly manufacturer: string | null;
    readonly model: string | null;
    readonly kernel: string | null;
  }[];
  readonly bytesReleased: number;
  readonly tableDigest: string;
  /** Head of the site's own hash-chained ledger of releases; null where the hub does not know it. */
  readonly ledgerHead: string | null;
}

export interface ReportExtraction {
  readonly digest: string;
  readonly settingsDigest: string;
  readonly engineVersion: string;
  readonly preset: string | null;
  readonly featureCount: number;
}

export interface EffectSummary {
  readonly testedCount: number;
  /** Features whose difference between batches stays significant after adjustment for multiplicity. */
  readonly affectedCount: number;
  /** affectedCount / testedCount; null when nothing could be tested. */
  readonly share: number | null;
  /** Mean share of a feature's variance that lies between batches. */
  readonly meanEtaSquared: number | null;
}

/** One site in the plane of the first two principal components: an ellipse of one standard deviation. */
export interface PcaCloud {
  readonly site: string;
  readonly patientCount: number;
  readonly centre: readonly [number, number];
  /** xx, xy, yy. */
  readonly covariance: readonly [number, number, number];
  /** Positions of patients, where the study allows them to be shown; null otherwise. */
  readonly points: readonly (readonly [number, number])[] | null;
}

export interface ReportScannerEffect {
  readonly digest: string;
  /** Names the test and the adjustment: `Kruskal–Wallis, Benjamini–Hochberg 0.05`. */
  readonly test: string;
  readonly before: EffectSummary;
  readonly after: EffectSummary;
  readonly features: readonly {
    readonly name: string;
    readonly etaSquaredBefore: number;
    readonly etaSquaredAfter: number;
    readonly isAffectedBefore: boolean;
    readonly isAffectedAfter: boolean;
  }[];
  /** Both clouds lie in the same plane, found on the features before harmonization; null when not computed. */
  readonly pca: {
    readonly explained: readonly [number, number];
    readonly before: readonly PcaCloud[];
    readonly after: readonly PcaCloud[];
  } | null;
}

export interface ReportHarmonization {
  readonly digest: string;
  /** `ComBat, parametric empirical Bayes`. */
  readonly method: string;
  readonly fittedOn: readonly string[];
  readonly patientCount: number;
  readonly isTransductive: boolean;
  readonly preservedCovariates: readonly string[];
  /** Sites that came after the fit: their own batch parameters, estimated without outcomes. */
  readonly newSites: readonly {
    readonly site: string;
    readonly digest: string;
    readonly patientCount: number;
    readonly estimatedAt: string;
    readonly warnings: readonly string[];
  }[];
  readonly warnings: readonly string[];
}

export interface ReportModel {
  readonly digest: string;
  /** `Elastic-net logistic regression`. */
  readonly kind: string;
  readonly candidateCount: number;
  readonly intercept: number;
  /** Coefficients on the scale of the harmonized feature. */
  readonly terms: readonly {
    readonly name: string;
    readonly role: 'radiomic' | 'nonRadiomic';
    readonly coefficient: number;
  }[];
  readonly threshold: number;
  /** `best Youden index, development sites, out of fold`. */
  readonly thresholdRule: string;
  readonly lockDigest: string;
  readonly lockedAt: string;
}

/** One cohort judged with the locked model: a site, or all external sites pooled. */
export interface ReportCohort {
  /** Site code, or `pooled`. */
  readonly site: string;
  readonly digest: string;
  readonly patientCount: number;
  readonly eventCount: number;
  /** When the outcomes of this cohort became readable; null for pooled. */
  readonly outcomesOpenedAt: string | null;
  readonly auc: ReportEstimate;
  /** Observed over expected events: below 1 the model over-predicts. */
  readonly observedOverExpected: ReportEstimate;
  readonly calibrationInTheLarge: ReportEstimate;
  readonly calibrationSlope: ReportEstimate;
  readonly brier: ReportEstimate;
  readonly sensitivity: ReportEstimate;
  readonly specificity: ReportEstimate;
  readonly ppv: ReportEstimate;
  readonly npv: ReportEstimate;
  /** Groups of patients by predicted risk, ascending. */
  readonly calibrationGroups: readonly {
    readonly predicted: number;
    readonly observed: number;
    readonly interval: readonly [number, number] | null;
    readonly patientCount: number;
  }[];
  /** Patients by predicted risk: bin k spans edges[k] to edges[k + 1]. */
  readonly riskHistogram: {
    readonly edges: readonly number[];
    readonly events: readonly number[];
    readonly nonEvents: readonly number[];
  } | null;
}

export interface ReportValidation {
  readonly perSite: readonly ReportCohort[];
  readonly pooled: ReportCohort | null;
  /** Patients of the validation sites who could not be judged. */
  readonly dropped: { readonly missingScore: number; readonly missingOutcome: number };
  /** AUC over pairs of patients of the same site. */
  readonly withinSiteAuc: ReportEstimate;
  readonly meta: {
    readonly digest: string;
    readonly auc: ReportEstimate;
    /** Where the AUC of one more site would lie; `interval` holds it. */
    readonly prediction: ReportEstimate;
    readonly tauSquared: ReportEstimate;
  } | null;
  readonly decisionCurve: {
    readonly digest: string;
    readonly patientCount: number;
    /** Thresholds that the protocol declared before the analysis. */
    readonly declaredRange: readonly [number, number];
    readonly points: readonly {
      readonly threshold: number;
      readonly model: number;
      readonly all: number;
      readonly interval: readonly [number, number] | null;
    }[];
  } | null;
  readonly bootstrap: { readonly replicates: number; readonly seed: string } | null;
  /** Every measure of every cohort, without the ROC curves, whose points are patients; absent in older reports. */
  readonly whole?: BinaryValidation;
  /** What TRIPOD+AI and PROBAST+AI ask of an evaluation. */
  readonly items?: readonly EvaluationItem[];
}

export interface ReportLeakAudit {
  readonly digest: string;
  /** Whole-pipeline refits on shuffled outcomes. */
  readonly replicates: number;
  readonly meanAuc: number;
  readonly interval: readonly [number, number];
  readonly seeds: readonly string[];
}

export interface ReportProvenance {
  readonly codeVersion: string;
  readonly nodeVersion: string;
  readonly seed: string;
  readonly runDigest: string;
}
