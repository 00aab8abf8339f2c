import { leastSquares, matrixOfColumns } from '@concord/numeric';

/**
 * Local regression of degree 2 with tricube weights, fitted anew at each point asked for; O(n) a point after a sort.
 *
 * @param x @param y equally many, finite
 * @param span share of the points that a fit sees
 * @returns the fitted value at a point
 * @see Cleveland, Grosse and Shyu, Local regression models (1992); R's `loess(surface = "direct")`
 */
export function loessDirect(x: Float64Array, y: Float64Array, span: number): (at: number) => number {
  const order = Uint32Array.from(x.keys()).sort((a, b) => x[a] - x[b]);
  const sortedX = Float64Array.from(order, (i) => x[i]);
  const sortedY = Float64Array.from(order, (i) => y[i]);
  const near = Math.min(x.length, Math.max(3, Math.floor(x.length * span + 1e-5)));
  return (at) => {
    const start = nearestWindow(sortedX, at, near);
    const width = Math.max(at - sortedX[start], sortedX[start + near - 1] - at);
    return localQuadratic(sortedX, sortedY, at, width);
  };
}

/** Where the window of the `near` closest points begins. */
function nearestWindow(sorted: Float64Array, at: number, near: number): number {
  let low = 0;
  let high = sorted.length - near;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (at - sorted[middle] > sorted[middle + near] - at) low = middle + 1;
    else high = middle;
  }
  return low;
}

function localQuadratic(x: Float64Array, y: Float64Array, at: number, width: number): number {
  const rows: number[] = [];
  const [ones, linear, square, target] = [rows, [], [], []] as number[][];
  for (let i = 0; i < x.length; i++) {
    const distance = Math.abs(x[i] - at);
    if (distance >= width && width > 0) continue;
    if (width === 0 && distance > 0) continue;
    const share = width > 0 ? distance / width : 0;
    const root = Math.sqrt((1 - share ** 3) ** 3);
    const u = width > 0 ? (x[i] - at) / width : 0;
    ones.push(root);
    linear.push(root * u);
    square.push(root * u * u);
    target.push(root * y[i]);
  }
  if (ones.length === 0) return NaN;
  // Columns that vanish or repeat (few different risks) are left out by the solver.
  return leastSquares(matrixOfColumns([ones, linear, square]), target, 1e-7).coefficients[0];
}
