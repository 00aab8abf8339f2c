import { matrix, symmetricEigen } from '@concord/numeric';

/**
 * Surface of an ellipsoid with half-axes a >= b >= c as IBSI's manual gives it: a Legendre series to the 20th term in
 * alpha = sqrt(1 - b2 / a2) and beta = sqrt(1 - c2 / a2). Terms are kept as (alpha beta)^n P_n((alpha2 + beta2) /
 * (2 alpha beta)), which has no pole where two axes are equal.
 *
 * This is not the true surface unless the three are equal: that has sqrt(1 - c2 / b2) for alpha (Maas, 1994), and is
 * 4 % smaller on the digital phantom. IBSI's reference values need the series of its manual.
 */
export function ellipsoidArea(a: number, b: number, c: number): number {
  const alpha2 = 1 - (b / a) ** 2;
  const beta2 = 1 - (c / a) ** 2;
  const middle = (alpha2 + beta2) / 2;
  let previous = 0;
  let term = 1;
  let sum = 0;
  for (let n = 0; n <= 20; n++) {
    sum += term / (1 - 4 * n * n);
    const following = ((2 * n + 1) * middle * term - n * alpha2 * beta2 * previous) / (n + 1);
    previous = term;
    term = following;
  }
  return 4 * Math.PI * a * b * sum;
}

/** Half-axes of an ellipsoid, and how they were found. */
export interface EllipsoidFit {
  /** Descending, in the unit of the points. */
  readonly value: readonly [number, number, number];
  readonly isConverged: boolean;
  readonly iterations: number;
}

const TOLERANCE = 1e-7;
const MOST_ITERATIONS = 100_000;

/**
 * Half-axes of the ellipsoid of least volume round points that span space: Khachiyan's algorithm with steps away from
 * points that weigh too much, which makes it converge linearly. When converged, its volume exceeds the least one by less
 * than 1e-6 of it, and all points lie inside.
 *
 * @param points x, y, z in turn
 * @see Todd and Yildirim, Discrete Applied Mathematics 155 (2007) 1731-1744
 */
export function enclosingEllipsoid(points: Float64Array): EllipsoidFit {
  const count = points.length / 3;
  const { lifted, scale } = liftedToUnit(points);
  const weights = new Float64Array(count).fill(1 / count);
  const moments = new Float64Array(16);
  const inverse = new Float64Array(16);
  let iterations = 0;
  let isConverged = false;
  while (iterations < MOST_ITERATIONS) {
    momentsInto(moments, lifted, weights);
    invertInto(inverse, moments);
    const { farthest, far, nearest, near } = extremes(lifted, weights, inverse);
    if (far / 4 - 1 <= TOLERANCE && 1 - near / 4 <= TOLERANCE) {
      isConverged = true;
      break;
    }
    iterations++;
    const isTowards = far - 4 >= 4 - near;
    const point = isTowards ? farthest : nearest;
    const step = isTowards
      ? (far - 4) / (4 * (far - 1))
      : Math.max(-weights[nearest] / (1 - weights[nearest]), (near - 4) / (4 * (near - 1)));
    for (let n = 0; n < count; n++) weights[n] *= 1 - step;
    weights[point] = Math.max(0, weights[point] + step);
  }
  return { value: halfAxes(lifted, weights, scale), isConverged, iterations };
}

/** Points round their mean, divided by their largest coordinate, with a fourth coordinate of 1. */
function liftedToUnit(points: Float64Array): { lifted: Float64Array; scale: number } {
  const count = points.length / 3;
  const mean = [0, 0, 0];
  points.forEach((x, n) => (mean[n % 3] += x / count));
  const scale = points.reduce((most, x, n) => Math.max(most, Math.abs(x - mean[n % 3])), 0);
  const lifted = new Float64Array(4 * count).fill(1);
  points.forEach((x, n) => (lifted[4 * Math.floor(n / 3) + (n % 3)] = (x - mean[n % 3]) / scale));
  return { lifted, scale };
}

function momentsInto(moments: Float64Array, lifted: Float64Array, weights: Float64Array): void {
  moments.fill(0);
  for (let n = 0; n < weights.length; n++) {
    if (weights[n] === 0) continue;
    for (let a = 0; a < 4; a++) {
      const weighted = weights[n] * lifted[4 * n + a];
      for (let b = 0; b <= a; b++) moments[4 * a + b] += weighted * lifted[4 * n + b];
    }
  }
  for (let a = 0; a < 4; a++) for (let b = a + 1; b < 4; b++) moments[4 * a + b] = moments[4 * b + a];
}

/** Gauss-Jordan without pivoting: the matrix is positive definite. */
function invertInto(inverse: Float64Array, matrix: Float64Array): void {
  const rest = matrix.slice();
  inverse.fill(0);
  for (let a = 0; a < 4; a++) inverse[5 * a] = 1;
  for (let a = 0; a < 4; a++) {
    const pivot = 1 / rest[5 * a];
    for (let c = 0; c < 4; c++) {
      rest[4 * a + c] *= pivot;
      inverse[4 * a + c] *= pivot;
    }
    for (let b = 0; b < 4; b++) {
      const factor = rest[4 * b + a];
      if (b === a || factor === 0) continue;
      for (let c = 0; c < 4; c++) {
        rest[4 * b + c] -= factor * rest[4 * a + c];
        inverse[4 * b + c] -= factor * inverse[4 * a + c];
      }
    }
  }
}

/** The points farthest out, and of those with a weight farthest in, by q' inverse q. */
function extremes(lifted: Float64Array, weights: Float64Array, inverse: Float64Array) {
  let [farthest, far, nearest, near] = [0, -Infinity, 0, Infinity];
  for (let n = 0; n < weights.length; n++) {
    let square = 0;
    for (let a = 0; a < 4; a++) {
      let row = 0;
      for (let b = 0; b < 4; b++) row += inverse[4 * a + b] * lifted[4 * n + b];
      square += row * lifted[4 * n + a];
    }
    if (square > far) [farthest, far] = [n, square];
    if (weights[n] > 0 && square < near) [nearest, near] = [n, square];
  }
  return { farthest, far, nearest, near };
}

/** Of the ellipsoid that the weights stand for, widened until the last point is inside. */
function halfAxes(lifted: Float64Array, weights: Float64Array, scale: number): [number, number, number] {
  const moments = new Float64Array(16);
  const inverse = new Float64Array(16);
  momentsInto(moments, lifted, weights);
  invertInto(inverse, moments);
  const { far } = extremes(lifted, weights, inverse);
  const centre = [moments[12], moments[13], moments[14]];
  const covariance = Float64Array.from(
    { length: 9 },
    (_, n) => moments[4 * Math.floor(n / 3) + (n % 3)] - centre[Math.floor(n / 3)] * centre[n % 3],
  );
  // q' inverse q is 1 + the Mahalanobis distance from the centre.
  const { values } = symmetricEigen(matrix(3, 3, covariance));
  const axis = (n: number): number => scale * Math.sqrt(values[n] * (far - 1));
  return [axis(0), axis(1), axis(2)];
}
