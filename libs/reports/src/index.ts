export { renderStudyReport } from './render-study-report.js';
export { qualityAnswer } from './section-quality.js';
export { scannerAnswer } from './section-scanner.js';
export { rankingAnswer } from './section-validation.js';
export type * from './study-report.js';
export { verdictOf, type Verdict } from './verdict.js';
