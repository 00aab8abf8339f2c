export { DicomValueError, InvalidConsortiumError, NoSuchPhantomError } from './errors.js';
export type { PatientDrawing } from './drawing.js';
export type { PatientIdentity, SiteIdentity } from './identity.js';
export {
  planConsortium,
  type ConsortiumPlan,
  type ConsortiumRequest,
  type PatientPlan,
  type SitePlan,
} from './plan.js';
export { canaries, drawingOf, renderPatient, type PhantomFile } from './render.js';
export type { ScannerEffect } from './scanner.js';
export type { TraitScores } from './traits.js';
export { clinicalCsv, truth, type ConsortiumTruth, type PatientTruth } from './truth.js';
