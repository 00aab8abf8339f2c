export type { AnswerState, AssessedItem, Assessment, ChecklistAnswer, ChecklistAssessment } from './assessment.js';
export { assessRqs1 } from './assess-rqs1.js';
export { assessRqs2 } from './assess-rqs2.js';
export { assessMetrics } from './assess-metrics.js';
export { assessClear, assessTripodAi } from './assess-checklist.js';
export { assessStudy, type StudyAssessment } from './assess-study.js';
export { literatureLevels, shareAboveHalf, type LiteratureLevel } from './literature.js';
export { staleItems, type StaleItem } from './stale-evidence.js';
export { findHardStops } from './independence.js';
export { claimStanding, whyNotReviewer, type ClaimStanding } from './claims.js';
export { cohenKappa, type Kappa } from './agreement.js';
export {
  ConditionRequiresError,
  IllegalOptionError,
  InvalidRecordError,
  MissingItemError,
  NotApplicableError,
  SingleChoiceError,
  UnknownSchemeError,
} from './errors.js';
export {
  legalPoints,
  type Checklist,
  type PointsScheme,
  type Policy,
  type Scheme,
  type SchemeItem,
  type SchemeOption,
  type WeightedScheme,
} from './scheme.js';
export { readRecord, type NamedRecord } from './read-record.js';
export { findScheme, schemes } from './schemes/index.js';
export { rqs1, rqs2 } from './schemes/rqs.js';
export { metrics } from './schemes/metrics.js';
export { clear, tripodAi } from './schemes/checklists.js';
export type { QualityRecord, ScoredItem } from './answers.js';
export { scorePoints, type PointsScore } from './score-points.js';
export { scoreWeights, type WeightedScore } from './score-weights.js';
export { scoreChecklist, type ChecklistScore } from './score-checklist.js';
export { scoreRecord, type RecordScore } from './score-record.js';
export type * from './study-facts.js';
