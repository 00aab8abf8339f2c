export type { AnswerState, AssessedItem, Assessment } from './assessment.js';
export { assessRqs1 } from './assess-rqs1.js';
export {
  IllegalOptionError,
  InvalidRecordError,
  MissingItemError,
  SingleChoiceError,
  UnknownSchemeError,
} from './errors.js';
export { legalPoints, type Policy, type Scheme, type SchemeItem, type SchemeOption } from './scheme.js';
export { readRecord, type NamedRecord } from './read-record.js';
export { findScheme, schemes } from './schemes/index.js';
export { rqs1 } from './schemes/rqs1.js';
export { scoreRecord, type QualityRecord, type RecordScore, type ScoredItem } from './score-record.js';
export type * from './study-facts.js';
