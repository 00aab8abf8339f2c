export type * from './study-report.js';
