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
 * Filters lines that lie side by side: value n of line w is at `n * width + w`. Beyond its ends a line goes on as its first and
 * last value.
 *
 * @param output as large as the lines; overwritten
 * @param scratch of that size too
 */
export function filterLines(
  lines: Float64Array,
  width: number,
  { ahead, behind, feedback, aheadStart, behindStart }: RecursiveFilter,
  output: Float64Array,
  scratch: Float64Array,
): void {
  const length = lines.length / width;
  runFrom(lines, width, 0, 1, { weights: ahead, lag: 0, feedback, start: aheadStart }, output);
  runFrom(lines, width, length - 1, -1, { weights: behind, lag: 1, feedback, start: behindStart }, scratch);
  for (let n = 0; n < output.length; n++) output[n] += scratch[n];
}

/** One direction of the filter; `lag` is how far back the first weight of the input reaches. */
interface OneWay {
  readonly weights: readonly number[];
  readonly lag: 0 | 1;
  readonly feedback: readonly number[];
  readonly start: readonly number[];
}

function runFrom(
  lines: Float64Array,
  width: number,
  first: number,
  direction: 1 | -1,
  way: OneWay,
  output: Float64Array,
): void {
  const length = lines.length / width;
  const [w0, w1, w2, w3] = way.weights;
  const [d1, d2, d3, d4] = way.feedback;
  const back = direction * width;
  const edge = Math.min(4 + way.lag, length);
  for (let n = 0; n < edge; n++)
    for (let w = 0; w < width; w++) edgeInPlace(lines, width, first, direction, way, output, n, w);
  for (let n = edge; n < length; n++) {
    const row = (first + direction * n) * width;
    const source = row - way.lag * back;
    for (let at = row, x = source; at < row + width; at++, x++) {
      const input = w0 * lines[x] + w1 * lines[x - back] + w2 * lines[x - 2 * back] + w3 * lines[x - 3 * back];
      const past =
        d1 * output[at - back] + d2 * output[at - 2 * back] + d3 * output[at - 3 * back] + d4 * output[at - 4 * back];
      output[at] = input - past;
    }
  }
}

/** Value n from the end where the filter starts, of line w: what lies before that end is its first value. */
function edgeInPlace(
  lines: Float64Array,
  width: number,
  first: number,
  direction: 1 | -1,
  { weights, lag, feedback, start }: OneWay,
  output: Float64Array,
  n: number,
  w: number,
): void {
  const at = (index: number): number => (first + direction * index) * width + w;
  const beyond = lines[at(0)];
  let value = 0;
  for (let k = 0; k < 4; k++) value += weights[k] * (n - k - lag >= 0 ? lines[at(n - k - lag)] : beyond);
  for (let k = 0; k < 4; k++) value -= n - k - 1 >= 0 ? feedback[k] * output[at(n - k - 1)] : start[k] * beyond;
  output[at(n)] = value;
}
