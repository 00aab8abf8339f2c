export { referenceData } from './reference-data.js';
