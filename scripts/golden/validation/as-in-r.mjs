// Readings of our numbers as R prints them, where R's own method leaves more error than the comparison allows.
import { outcomeRuler } from '@concord/models';
import { chiSquaredQuantile, normalQuantile } from '@concord/numeric';
import { fitLogistic } from '@concord/validation';

/**
 * Profile intervals as `confint` of a glm in R 4.2 reads them: our profile at steps of a fifth of the cutoff, a cubic
 * spline through it, and straight lines between three times as many points of that. The bounds are off by up to 2e-4;
 * `profileIntervals` of the models package gives the exact ones.
 */
export function profileAsInR(columns, outcome, fit) {
  const design = [new Float64Array(outcome.length).fill(1), ...columns];
  const size = design.length;
  const limit = Math.sqrt(chiSquaredQuantile(0.9875, 1));
  return design.map((column, j) => {
    const others = design.filter((_, k) => k !== j);
    const unit = Math.sqrt(fit.covariance.data[j * size + j]);
    const points = [{ value: fit.coefficients[j], z: 0 }];
    for (const sign of [-1, 1]) {
      for (let step = 1; step <= 10; step++) {
        const value = fit.coefficients[j] + sign * step * (limit / 5) * unit;
        const held = fitLogistic(others, outcome, column.map((x) => x * value));
        const z = sign * Math.sqrt(Math.max(0, held.deviance - fit.deviance));
        points.push({ value, z });
        if (Math.abs(z) >= limit) break;
      }
    }
    points.sort((a, b) => a.value - b.value);
    return [0.025, 0.975].map((p) => readOff(points, normalQuantile(p)));
  });
}

/** A ruler of outcomes as rms draws it: the points read off straight lines between 1,000 linear predictors. */
export function rulerAsInR(nomogram, outcome) {
  const { values, points } = nomogram.linearPredictor;
  const at = (share) => values[0] + share * (values.at(-1) - values[0]);
  const grid = Array.from({ length: 1000 }, (_, i) => ({ linear: at(i / 999), outcome: outcome(at(i / 999)) }));
  grid.sort((a, b) => a.outcome - b.outcome);
  const ruler = outcomeRuler(nomogram, outcome);
  return {
    value: ruler.values,
    points: ruler.values.map((value) => {
      const above = grid.findIndex((point) => point.outcome >= value);
      const [low, high] = [grid[above - 1], grid[above]];
      const share = (value - low.outcome) / (high.outcome - low.outcome);
      const linear = low.linear + share * (high.linear - low.linear);
      return points[0] + (linear - values[0]) * nomogram.pointsPerUnit;
    }),
  };
}

function readOff(points, cutoff) {
  const [x, y] = [points.map(({ value }) => value), points.map(({ z }) => z)];
  const spline = cubicSpline(x, y);
  const count = 3 * x.length;
  const fine = Array.from({ length: count }, (_, i) => x[0] + ((x.at(-1) - x[0]) * i) / (count - 1));
  const height = fine.map(spline);
  const at = height.findIndex((z) => z >= cutoff);
  const share = (cutoff - height[at - 1]) / (height[at] - height[at - 1]);
  return fine[at - 1] + share * (fine[at] - fine[at - 1]);
}

/** Interpolating cubic spline whose ends follow the cubic through the four outermost points (Forsythe, Malcolm and Moler). */
function cubicSpline(x, y) {
  const n = x.length;
  const h = x.slice(1).map((value, i) => value - x[i]);
  const slope = h.map((step, i) => (y[i + 1] - y[i]) / step);
  const third = (i) => {
    const second = (k) => (slope[k + 1] - slope[k]) / (x[k + 2] - x[k]);
    return (second(i + 1) - second(i)) / (x[i + 3] - x[i]);
  };
  // Unknowns: a sixth of the second derivatives.
  const [diagonal, right] = [new Float64Array(n), new Float64Array(n)];
  const lower = new Float64Array(n);
  const upper = new Float64Array(n);
  diagonal[0] = -h[0];
  upper[0] = h[0];
  right[0] = h[0] ** 2 * third(0);
  diagonal[n - 1] = -h[n - 2];
  lower[n - 1] = h[n - 2];
  right[n - 1] = -(h[n - 2] ** 2) * third(n - 4);
  for (let i = 1; i < n - 1; i++) {
    lower[i] = h[i - 1];
    diagonal[i] = 2 * (h[i - 1] + h[i]);
    upper[i] = h[i];
    right[i] = slope[i] - slope[i - 1];
  }
  for (let i = 1; i < n; i++) {
    const factor = lower[i] / diagonal[i - 1];
    diagonal[i] -= factor * upper[i - 1];
    right[i] -= factor * right[i - 1];
  }
  const c = new Float64Array(n);
  for (let i = n - 1; i >= 0; i--) c[i] = (right[i] - (i < n - 1 ? upper[i] * c[i + 1] : 0)) / diagonal[i];
  return (at) => {
    let i = 0;
    while (i < n - 2 && at > x[i + 1]) i++;
    const d = at - x[i];
    const b = slope[i] - h[i] * (c[i + 1] + 2 * c[i]);
    return y[i] + d * (b + d * (3 * c[i] + (d * (c[i + 1] - c[i])) / h[i]));
  };
}
