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
  const { lifted: all, scale } = liftedToUnit(points);
  let lifted = all;
  let weights = onExtremes(all);
  const moments = new Float64Array(16);
  const inverse = new Float64Array(16);
  let iterations = 0;
  let isConverged = false;
  for (; iterations < MOST_ITERATIONS; iterations++) {
    momentsInto(moments, lifted, weights);
    invertInto(inverse, moments);
    const { farthest, far, nearest, near } = extremes(lifted, weights, inverse);
    if (far / 4 - 1 <= TOLERANCE && 1 - near / 4 <= TOLERANCE) {
      isConverged = true;
      break;
    }
    if (iterations % 16 === 15) {
      ({ lifted, weights } = withoutInner(lifted, weights, inverse, far));
      continue;
    }
    const isTowards = far - 4 >= 4 - near;
    const point = isTowards ? farthest : nearest;
    const step = isTowards
      ? (far - 4) / (4 * (far - 1))
      : Math.max(-weights[nearest] / (1 - weights[nearest]), (near - 4) / (4 * (near - 1)));
    for (let n = 0; n < weights.length; n++) weights[n] *= 1 - step;
    weights[point] = Math.max(0, weights[point] + step);
  }
  return { value: halfAxes(all, lifted, weights, scale), isConverged, iterations };
}

/**
 * Equal weights on up to six points that span space: in three directions, each across what the ones before it span, the
 * first and the last point.
 *
 * @see Kumar and Yildirim, Journal of Optimization Theory and Applications 126 (2005) 1-21
 */
function onExtremes(lifted: Float64Array): Float64Array {
  const count = lifted.length / 4;
  const chosen = new Set<number>();
  const spans: number[][] = [];
  for (let k = 0; k < 3; k++) {
    const [x, y, z] = k === 0 ? [1, 0, 0] : k === 1 ? acrossOne(spans[0]) : cross(spans[0], spans[1]);
    let [first, last, low, high] = [0, 0, Infinity, -Infinity];
    for (let n = 0; n < count; n++) {
      const along = x * lifted[4 * n] + y * lifted[4 * n + 1] + z * lifted[4 * n + 2];
      if (along < low) [first, low] = [n, along];
      if (along > high) [last, high] = [n, along];
    }
    chosen.add(first).add(last);
    spans.push([0, 1, 2].map((axis) => lifted[4 * last + axis] - lifted[4 * first + axis]));
  }
  const weights = new Float64Array(count);
  for (const n of chosen) weights[n] = 1 / chosen.size;
  return weights;
}

function cross(a: readonly number[], b: readonly number[]): number[] {
  return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
}

function acrossOne(a: readonly number[]): number[] {
  const least = Math.min(...a.map(Math.abs));
  const axis = a.findIndex((x) => Math.abs(x) === least);
  return cross(
    a,
    [0, 1, 2].map((n) => (n === axis ? 1 : 0)),
  );
}

/**
 * Leaves out points that cannot lie on the smallest ellipsoid, so that each step costs less.
 *
 * @see Harman and Pronzato, Statistics and Probability Letters 77 (2007) 90-94
 */
function withoutInner(lifted: Float64Array, weights: Float64Array, inverse: Float64Array, far: number) {
  const excess = far / 4 - 1;
  const least = 4 * (1 + excess / 2 - Math.sqrt(excess * (4 + excess - 1)) / 2);
  const kept: number[] = [];
  for (let n = 0; n < weights.length; n++) if (squareOf(lifted, n, inverse) >= least) kept.push(n);
  const total = kept.reduce((sum, n) => sum + weights[n], 0);
  if (kept.length === weights.length || total === 0) return { lifted, weights };
  return {
    lifted: Float64Array.from({ length: 4 * kept.length }, (_, n) => lifted[4 * kept[n >> 2] + (n & 3)]),
    weights: Float64Array.from(kept, (n) => weights[n] / total),
  };
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
    const square = squareOf(lifted, n, inverse);
    if (square > far) [farthest, far] = [n, square];
    if (weights[n] > 0 && square < near) [nearest, near] = [n, square];
  }
  return { farthest, far, nearest, near };
}

/** q' inverse q of a point. */
function squareOf(lifted: Float64Array, n: number, inverse: Float64Array): number {
  let square = 0;
  for (let a = 0; a < 4; a++) {
    let row = 0;
    for (let b = 0; b < 4; b++) row += inverse[4 * a + b] * lifted[4 * n + b];
    square += row * lifted[4 * n + a];
  }
  return square;
}

/** Of the ellipsoid that the weights stand for, widened until the last of all points is inside. */
function halfAxes(
  all: Float64Array,
  lifted: Float64Array,
  weights: Float64Array,
  scale: number,
): [number, number, number] {
  const moments = new Float64Array(16);
  const inverse = new Float64Array(16);
  momentsInto(moments, lifted, weights);
  invertInto(inverse, moments);
  let far = 0;
  for (let n = 0; n < all.length / 4; n++) far = Math.max(far, squareOf(all, n, inverse));
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
