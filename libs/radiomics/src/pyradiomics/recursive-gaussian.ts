/** Coefficients of a recursive filter of order four, run forwards and backwards (Deriche's form). */
export interface RecursiveFilter {
  /** Forwards: weights of the input, current value first. */
  readonly ahead: readonly number[];
  /** Backwards: weights of the input, next value first. */
  readonly behind: readonly number[];
  /** Weights of the four outputs before, both ways. */
  readonly feedback: readonly number[];
  /** The same for what lies beyond either end, where the input goes on as its last value. */
  readonly aheadStart: readonly number[];
  readonly behindStart: readonly number[];
}

/**
 * Approximates the Gaussian, or its second derivative, as ITK's RecursiveGaussianImageFilter does.
 *
 * @param sigma in samples
 * @param order 0, or 2 for the second derivative with respect to samples
 * @param gain what the filter is multiplied by
 * @see Deriche, INRIA RR-1893 (1993); Farnebäck and Westin, J. Math. Imaging Vis. 26 (2006), for the constants
 */
export function recursiveGaussian(sigma: number, order: 0 | 2, gain: number): RecursiveFilter {
  const feedback = feedbackOf(sigma);
  const [s, d, e] = momentsOf([1, ...feedback]);
  let ahead = inputWeights(sigma, 0);
  if (order === 0) {
    const [n] = momentsOf(ahead);
    ahead = scaled(ahead, gain / ((2 * n) / s - ahead[0]));
  } else {
    const second = inputWeights(sigma, 2);
    const [n0] = momentsOf(ahead);
    const [n2] = momentsOf(second);
    const beta = -(2 * n2 - s * second[0]) / (2 * n0 - s * ahead[0]); // no response to a constant
    ahead = second.map((value, n) => value + beta * ahead[n]);
    const [n, dn, en] = momentsOf(ahead);
    ahead = scaled(ahead, gain / ((en * s * s - e * n * s - 2 * dn * d * s + 2 * d * d * n) / (s * s * s)));
  }
  const behind = feedback.map((value, n) => (n < 3 ? ahead[n + 1] : 0) - value * ahead[0]);
  const [n] = momentsOf(ahead);
  const [m] = momentsOf(behind);
  return {
    ahead,
    behind,
    feedback,
    aheadStart: scaled(feedback, n / s),
    behindStart: scaled(feedback, m / s),
  };
}

const ANGLES = [0.6681, 2.0787];
const DECAYS = [-1.3932, -1.3732];
/** Of the cosine and the sine of each of two damped waves, for order 0 and for order 2. */
const AMPLITUDES = {
  0: [1.353, 1.8151, -0.3531, 0.0902],
  2: [-1.3563, 5.2318, 0.3446, -2.2355],
} as const;

function waves(sigma: number) {
  const [s1, s2] = ANGLES.map((angle) => Math.sin(angle / sigma));
  const [c1, c2] = ANGLES.map((angle) => Math.cos(angle / sigma));
  const [e1, e2] = DECAYS.map((decay) => Math.exp(decay / sigma));
  return { s1, s2, c1, c2, e1, e2 };
}

function inputWeights(sigma: number, order: 0 | 2): number[] {
  const { s1, s2, c1, c2, e1, e2 } = waves(sigma);
  const [a1, b1, a2, b2] = AMPLITUDES[order];
  const mixed = (a1 + a2) * c2 * c1 - b1 * c2 * s1 - b2 * c1 * s2;
  return [
    a1 + a2,
    e2 * (b2 * s2 - (a2 + 2 * a1) * c2) + e1 * (b1 * s1 - (a1 + 2 * a2) * c1),
    2 * e1 * e2 * mixed + a2 * e1 * e1 + a1 * e2 * e2,
    e2 * e1 * e1 * (b2 * s2 - a2 * c2) + e1 * e2 * e2 * (b1 * s1 - a1 * c1),
  ];
}

function feedbackOf(sigma: number): number[] {
  const { c1, c2, e1, e2 } = waves(sigma);
  return [
    -2 * (e2 * c2 + e1 * c1),
    4 * c2 * c1 * e1 * e2 + e1 * e1 + e2 * e2,
    -2 * c1 * e1 * e2 * e2 - 2 * c2 * e2 * e1 * e1,
    e1 * e1 * e2 * e2,
  ];
}

/** Sums of the weights times their index to the power 0, 1, 2. */
function momentsOf(weights: readonly number[]): [number, number, number] {
  let [zeroth, first, second] = [0, 0, 0];
  weights.forEach((weight, n) => {
    zeroth += weight;
    first += n * weight;
    second += n * n * weight;
  });
  return [zeroth, first, second];
}

function scaled(weights: readonly number[], factor: number): number[] {
  return weights.map((weight) => weight * factor);
}

/**
 * Filters one line; beyond its ends it goes on as its first and last value.
 *
 * @param output as long as the line; overwritten
 * @param scratch of that length too
 */
export function filterLine(line: Float64Array, filter: RecursiveFilter, output: Float64Array, scratch: Float64Array) {
  const { feedback, ahead, behind } = filter;
  const last = line.length - 1;
  const [n0, n1, n2, n3] = ahead;
  const [d1, d2, d3, d4] = feedback;
  for (let i = 0; i <= last; i++) {
    if (i < 4) output[i] = edgeValue(line, output, i, 1, line[0], ahead, 0, filter.feedback, filter.aheadStart);
    else {
      const input = n0 * line[i] + n1 * line[i - 1] + n2 * line[i - 2] + n3 * line[i - 3];
      output[i] = input - (d1 * output[i - 1] + d2 * output[i - 2] + d3 * output[i - 3] + d4 * output[i - 4]);
    }
  }
  const [m1, m2, m3, m4] = behind;
  for (let i = last; i >= 0; i--) {
    if (i > last - 4) scratch[i] = edgeValue(line, scratch, i, -1, line[last], behind, 1, feedback, filter.behindStart);
    else {
      const input = m1 * line[i + 1] + m2 * line[i + 2] + m3 * line[i + 3] + m4 * line[i + 4];
      scratch[i] = input - (d1 * scratch[i + 1] + d2 * scratch[i + 2] + d3 * scratch[i + 3] + d4 * scratch[i + 4]);
    }
  }
  for (let i = 0; i <= last; i++) output[i] += scratch[i];
}

/**
 * One of the first four outputs of a direction (1 forwards, -1 backwards).
 *
 * @param beyond the value the line has beyond this end
 * @param lag how far back the first weight of the input reaches
 */
function edgeValue(
  line: Float64Array,
  output: Float64Array,
  index: number,
  direction: 1 | -1,
  beyond: number,
  weights: readonly number[],
  lag: number,
  feedback: readonly number[],
  start: readonly number[],
): number {
  const isWithin = (at: number): boolean => (direction === 1 ? at >= 0 : at < line.length);
  let value = 0;
  for (let k = 0; k < 4; k++) {
    const at = index - direction * (k + lag);
    value += weights[k] * (isWithin(at) ? line[at] : beyond);
  }
  for (let k = 0; k < 4; k++) {
    const at = index - direction * (k + 1);
    value -= isWithin(at) ? feedback[k] * output[at] : start[k] * beyond;
  }
  return value;
}
