/**
 * What a study can show for its quality score: plain facts taken from stored records, each with the digest of the
 * record it was read from. No patient's value is among them. A record that is not there is null or an empty list; a
 * record that another one names by digest and that is not there proves nothing (see `assessRqs1`).
 */
export interface StudyFacts {
  readonly studyId: string;
  /** What the protocol promised before data came: the scope that cannot be narrowed later. */
  readonly protocol: ProtocolFact;
  readonly sites: readonly SiteFact[];
  readonly extraction: ExtractionFact | null;
  readonly robustness: readonly RobustnessFact[];
  readonly harmonization: HarmonizationFact | null;
  readonly selection: SelectionFact | null;
  readonly model: ModelFact | null;
  readonly lock: LockFact | null;
  readonly validations: readonly ValidationFact[];
  readonly comparators: readonly ComparatorFact[];
  readonly associations: readonly AssociationFact[];
  readonly leakAudit: LeakAuditFact | null;
  /** Analyses beyond those above, one entry a record. */
  readonly analyses: readonly AnalysisFact[];
  /** The run that made all of it, with every step's inputs and outputs by digest. */
  readonly run: RunFact | null;
  readonly artefacts: readonly ArtefactFact[];
  readonly claims: readonly ClaimFact[];
  readonly contests: readonly ContestFact[];
}

/** The stored record that a fact was read from. */
export interface EvidenceRef {
  /** In the field's words: `validation run`, `lock`, `acquisition profile`. */
  readonly kind: string;
  readonly id: string;
  /** SHA-256 of the record, in hex. */
  readonly digest: string;
}

/** Place in the hash-chained audit log: the order of events is read from it, not from clocks. */
export type AuditSequence = number;

export interface ProtocolFact extends EvidenceRef {
  /** What was planned, as far as it decides which questions apply. */
  readonly design: {
    readonly track: 'handcrafted' | 'deep-learning';
    readonly segmentation: 'none' | 'manual' | 'automatic';
    /** Kinds of images that features come from: sequences, phases. Null where the protocol does not say. */
    readonly imageSetCount: number | null;
  };
  /** The protocol declares a leak audit: without its record, claims on independence are void. */
  readonly declaresLeakAudit: boolean;
  /** A public acquisition protocol (DOI or URL) that the sites follow. */
  readonly publicAcquisition: { readonly citation: string; readonly conformingSeriesShare: number | null } | null;
}

export interface SiteFact {
  readonly code: string;
  readonly role: 'development' | 'externalValidation';
  /** Rows of this site that took part in fitting the model, or anything before it. */
  readonly trainingRowCount: number;
  /** When this site's outcomes became readable; null while closed, and for development sites. */
  readonly outcomesOpenedAt: AuditSequence | null;
  readonly acquisition: AcquisitionFact | null;
  /** Distinct scanners, `manufacturer model`. */
  readonly scanners: readonly string[];
}

export interface AcquisitionFact extends EvidenceRef {
  /** Share of series with every required acquisition field filled, 0 to 1. */
  readonly completeSeriesShare: number;
}

export interface ExtractionFact extends EvidenceRef {
  readonly settingsDigest: string;
  readonly engineVersion: string;
  readonly featureCount: number;
  /** The features carry IBSI codes, and the engine's conformance run held. */
  readonly isIbsiCatalogue: boolean;
  /** Certificates of conformance, one a site that extracted; features count as standard when no site lacks one. */
  readonly conformance: readonly (EvidenceRef & { readonly site: string })[];
  /** What the settings state in full. */
  readonly states: readonly ('resampling' | 'discretisation' | 'imageTypes')[];
}

export interface RobustnessFact extends EvidenceRef {
  readonly study: 'multiReader' | 'multiAlgorithm' | 'maskPerturbation' | 'breathingPhase' | 'phantom' | 'testRetest';
  readonly maskSetsPerCase: number;
  /** Different readers or algorithms. */
  readonly readerCount: number;
  /** Which ICC was computed for each feature, as `ICC(2,1)`; null when none. */
  readonly iccForm: string | null;
  /** For a phantom: the scanners it was scanned on. */
  readonly scanners: readonly string[];
  /** Least number of different study dates of a subject. */
  readonly datesPerSubject: number;
}

export interface HarmonizationFact extends EvidenceRef {
  /** True when rows to which the result is applied took part in the fit. */
  readonly isTransductive: boolean;
  readonly fittedOnSites: readonly string[];
  /** Rows that took part in the fit; null where the model does not say. */
  readonly fittedRowCount: number | null;
}

export interface SelectionFact extends EvidenceRef {
  readonly featuresIn: number;
  readonly featuresOut: number;
  readonly rows: 'development' | 'all';
  readonly multiplicity: string | null;
  /** Digest of the harmonization its input went through; null for none. */
  readonly harmonizationDigest: string | null;
  /** Digest of the robustness run whose unstable features were left out first; null for none. */
  readonly robustnessDigest: string | null;
}

export interface ModelFact extends EvidenceRef {
  readonly predictors: readonly { readonly name: string; readonly role: 'radiomic' | 'nonRadiomic' }[];
  readonly candidates: readonly { readonly name: string; readonly role: 'radiomic' | 'nonRadiomic' }[];
  /** Digest of the selection run whose features it was fitted on; null when no selection took place. */
  readonly selectionDigest: string | null;
  /** Digest of the harmonization its features went through; null for none. */
  readonly harmonizationDigest: string | null;
  /** DOI of the publication the model was taken from unchanged; null for a model fitted here. */
  readonly publishedDoi: string | null;
}

export interface LockFact extends EvidenceRef {
  readonly sequence: AuditSequence;
  readonly modelDigest: string;
  readonly harmonizationDigest: string | null;
  readonly threshold: number;
  readonly thresholdRule: 'developmentMedian' | 'developmentYouden' | 'published' | 'prespecified' | 'unstated';
}

export interface ValidationFact extends EvidenceRef {
  readonly site: string;
  readonly cohort: 'external' | 'internalHoldout' | 'crossValidation';
  readonly patientCount: number;
  readonly eventCount: number;
  /** What the run used: all must equal the lock. */
  readonly lockDigest: string | null;
  readonly modelDigest: string;
  readonly harmonizationDigest: string | null;
  readonly threshold: number | null;
  /** When this cohort's outcomes became readable; null when never recorded. */
  readonly outcomesOpenedAt: AuditSequence | null;
  /** Batch parameters estimated from the site's own features, outcomes unseen; null where none were needed. */
  readonly siteAdjustment: (EvidenceRef & { readonly sequence: AuditSequence }) | null;
  readonly discrimination: { readonly hasEstimate: boolean; readonly hasInterval: boolean } | null;
  readonly calibration: {
    readonly hasStatistic: boolean;
    readonly hasInterval: boolean;
    readonly hasPlot: boolean;
  } | null;
  /** Numbers of true and false positives and negatives at the cut-off. */
  readonly hasConfusionMatrix: boolean;
  /** The model's owner could not see this cohort: a third party evaluated it. */
  readonly isUnseenByOwner: boolean;
  /** Bootstrap or cross-validation of each, with the seed that repeats it. */
  readonly discriminationResampling: ResamplingFact | null;
  readonly calibrationResampling: ResamplingFact | null;
  /** Net benefit against treating all and none over a stated range of thresholds. */
  readonly decisionCurve: EvidenceRef | null;
}

export interface ResamplingFact {
  readonly replicates: number;
  readonly seed: string;
}

export interface ComparatorFact extends EvidenceRef {
  readonly name: string;
  /** A clinical model or standard without radiomics, or a simple baseline. */
  readonly class: 'clinical' | 'simple' | 'other';
  readonly validation: string;
  /** Difference to the model on the same rows, with an interval or p value. */
  readonly hasTest: boolean;
}

export interface AssociationFact extends EvidenceRef {
  readonly variable: string;
  readonly class: 'histology' | 'immunohistochemistry' | 'geneExpression' | 'pathwayScore' | 'other';
  readonly isPredictionTarget: boolean;
  readonly hasInterval: boolean;
  readonly isCorrectedForMultiplicity: boolean;
}

export interface LeakAuditFact extends EvidenceRef {
  /** Refits on shuffled outcomes. */
  readonly replicates: number;
  readonly meanAuc: number;
  readonly interval: readonly [number, number];
  readonly seed: string;
}

/** A record that some items ask for by its mere being there. */
export interface AnalysisFact extends EvidenceRef {
  readonly subject: AnalysisSubject;
}

export type AnalysisSubject =
  | 'automaticSegmentation'
  | 'baseline'
  | 'biasMitigation'
  | 'cohortFlow'
  | 'confounders'
  | 'deepLearningCombination'
  | 'dimensionality'
  | 'distribution'
  | 'drift'
  | 'explanation'
  | 'explanationEvaluation'
  | 'failureModes'
  | 'guidelineReport'
  | 'inputGates'
  | 'intervalToReference'
  | 'missingness'
  | 'networkRobustness'
  | 'outcomeDefinition'
  | 'previousModel'
  | 'prospectiveCohort'
  | 'redundancyRemoval'
  | 'sampleSize'
  | 'scannerEffects'
  | 'segmentationEvaluation'
  | 'segmentationMethod'
  | 'singleReaderMasks'
  | 'subgroups'
  | 'tuning';

export interface RunFact extends EvidenceRef {
  readonly codeVersion: string;
  readonly seed: string;
  readonly stepCount: number;
}

export interface ArtefactFact extends EvidenceRef {
  readonly content:
    'scans' | 'rois' | 'code' | 'features-representative-rois' | 'features' | 'settings' | 'model' | 'tool';
  readonly url: string | null;
  readonly licence: string | null;
  /** The fetched bytes (or commit) are those the study used. */
  readonly isSameAsUsed: boolean;
}

/**
 * A signed sentence of a person for something that no record can show. It counts once somebody else has accepted it,
 * and stops counting when it is withdrawn or contested (see `claimStanding`).
 */
export interface ClaimFact extends EvidenceRef {
  /** Id of the item it speaks for, of any scheme: `rqs1.11`. */
  readonly item: string;
  /** The option of the item that it asks for: `yes`, `public`. */
  readonly option: string;
  readonly statement: string;
  /** SHA-256 of the document that comes with it; null for none. */
  readonly attachmentDigest: string | null;
  readonly signer: string;
  readonly institution: string;
  readonly state: 'standing' | 'withdrawn';
  /** In the order in which they came; a reviewer's last word counts. */
  readonly reviews: readonly ReviewFact[];
}

/** What one reviewer says of one statement. */
export interface ReviewFact extends EvidenceRef {
  readonly reviewer: string;
  readonly institution: string;
  readonly verdict: 'accept' | 'contest';
  readonly reason: string;
}

/** A reviewer's objection to an item's answer, whatever it stands on; it stands until it is answered. */
export interface ContestFact extends EvidenceRef {
  readonly item: string;
  readonly reviewer: string;
  readonly institution: string;
  readonly reason: string;
}
