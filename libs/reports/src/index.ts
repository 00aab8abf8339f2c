export { renderStudyReport } from './render-study-report.js';
export type * from './study-report.js';
export { verdictOf, type Verdict } from './verdict.js';
