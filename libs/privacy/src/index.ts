export { Released, type ReleaseRecord } from './released.js';
