export { betaIncomplete, betaQuantile } from './beta.js';
export { chiSquaredCdf, chiSquaredQuantile, chiSquaredSf, fQuantile, fSf, tCdf, tQuantile } from './distributions.js';
export { symmetricEigen, type SymmetricEigen } from './eigen.js';
export { NoRootInIntervalError, NotPositiveDefiniteError, NumericInputError } from './errors.js';
export { gammaP, gammaQ, logGamma } from './gamma.js';
export { leastSquares, type LeastSquaresFit } from './least-squares.js';
export { columnView, crossProduct, matrix, matrixOfColumns, matrixTimesVector, type Matrix } from './matrix.js';
export {
  mean,
  median,
  populationVariance,
  quantile,
  quantileOfSorted,
  standardDeviation,
  sumOfSquaredDeviations,
  variance,
} from './moments.js';
export { benjaminiHochberg } from './multiplicity.js';
export { normalCdf, normalPdf, normalQuantile, normalSf } from './normal.js';
export { findRoot, minimiseScalar, type ScalarSolution } from './optimise.js';
export { randomInteger, randomNormal, seededRandom, shuffleInPlace, type RandomSource } from './random.js';
export { ascendingOrder, midranks, rankWithTies } from './ranks.js';
export { maximiseByNewton, type LikelihoodPoint, type NewtonMaximum, type NewtonSettings } from './newton.js';
export {
  choleskyFactor,
  choleskyInverse,
  choleskyLogDeterminant,
  choleskySolve,
  inverseQuadratic,
  tryCholesky,
} from './solve.js';
