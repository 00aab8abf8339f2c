import type { Family } from './path-state.js';

// Looked up once: inside the sandbox of a test runner every look-up of a global costs more than the function.
const { exp, log1p, max } = Math;

/** Below this the weight of a row is held, as glmnet does: a fitted probability of 0 or 1 has no curvature. */
const LEAST_WEIGHT = 1e-9;

/** Logistic likelihood of outcomes 0 and 1, both present. */
export function binomialFamily(outcome: Uint8Array): Family {
  const n = outcome.length;
  const events = outcome.reduce((sum, value) => sum + value, 0);
  const rate = events / n;
  return {
    hasIntercept: true,
    flatness: { steps: 1, gain: 1e-5 },
    nullIntercept: Math.log(events / (n - events)),
    nullDeviance: -2 * (rate * Math.log(rate) + (1 - rate) * Math.log(1 - rate)),
    refresh(linear, residual, weight) {
      for (let i = 0; i < n; i++) {
        const p = 1 / (1 + exp(-linear[i]));
        residual[i] = outcome[i] - p;
        weight[i] = max(p * (1 - p), LEAST_WEIGHT);
      }
    },
    deviance(linear) {
      let sum = 0;
      for (let i = 0; i < n; i++) {
        const eta = outcome[i] === 1 ? -linear[i] : linear[i];
        sum += eta > 0 ? eta + log1p(exp(-eta)) : log1p(exp(eta));
      }
      return (2 * sum) / n;
    },
  };
}
