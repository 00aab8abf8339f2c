export { ConcordError, InvariantError, invariant, isConcordError } from './concord-error.js';
