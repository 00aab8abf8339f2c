export { referenceData } from './reference-data.js';
export { readTable, readText, type TextTable } from './read-table.js';
