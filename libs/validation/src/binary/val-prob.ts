import { quantile } from '@concord/numeric';
import { aucSums } from '../auc.js';
import { countEvents } from '../calibration.js';
import { calibrationTests, explainedLikelihood, nullDeviance, overallError } from './calibration-statistics.js';
import { interpolator } from './flexible-calibration.js';
import { lowess } from './lowess.js';

/** The summary that reviewers know from `val.prob` of the R package rms, by its own conventions. */
export interface ValProb {
  /** Of risks in steps of 0.0002, so a shade off the AUC. */
  readonly c: number;
  readonly dxy: number;
  readonly r2: number;
  /** Discrimination, unreliability and quality index, each in units of deviance per patient. */
  readonly d: number;
  readonly dChi2: number;
  readonly u: number;
  readonly uChi2: number;
  readonly uP: number;
  readonly q: number;
  readonly brier: number;
  /** By lowess without robustness steps. */
  readonly eAverage: number;
  readonly e90: number;
  readonly eMax: number;
  readonly spiegelhalterZ: number | null;
  readonly spiegelhalterP: number | null;
}

/**
 * @param risks probabilities
 * @returns null with one class or separation
 * @see Harrell, Lee and Mark, Stat Med 15 (1996)
 */
export function valProb(risks: Float64Array, outcomes: Uint8Array): ValProb | null {
  const n = risks.length;
  const tests = calibrationTests(risks, outcomes);
  const explained = explainedLikelihood(risks, outcomes);
  const error = overallError(risks, outcomes);
  const { auc } = aucSums(
    risks.map((risk) => Math.floor(5000 * risk)),
    outcomes,
  );
  if (tests === null || explained === null || error === null || auc === null) return null;
  const dChi2 = nullDeviance(countEvents(outcomes), n) - tests.deviancePredicted;
  const d = (dChi2 - 1) / n;
  const u = (tests.unreliability.chi2 - 2) / n;
  const distances = lowessDistances(risks, outcomes);
  return {
    c: auc,
    dxy: 2 * auc - 1,
    r2: explained.nagelkerke,
    d,
    dChi2,
    u,
    uChi2: tests.unreliability.chi2,
    uP: tests.unreliability.p,
    q: d - u,
    brier: error.brier,
    eAverage: distances.reduce((sum, value) => sum + value, 0) / n,
    e90: quantile(distances, 0.9),
    eMax: distances.reduce((most, value) => Math.max(most, value), 0),
    spiegelhalterZ: error.spiegelhalterZ,
    spiegelhalterP: error.spiegelhalterP,
  };
}

function lowessDistances(risks: Float64Array, outcomes: Uint8Array): Float64Array {
  const order = Uint32Array.from(risks.keys()).sort((a, b) => risks[a] - risks[b]);
  const x = Float64Array.from(order, (i) => risks[i]);
  const smooth = lowess(
    x,
    Float64Array.from(order, (i) => outcomes[i]),
    2 / 3,
    0.01 * (x[x.length - 1] - x[0]),
  );
  const [atX, atY]: [number[], number[]] = [[], []];
  for (let start = 0; start < x.length;) {
    let end = start;
    let sum = 0;
    while (end < x.length && x[end] === x[start]) sum += smooth[end++];
    atX.push(x[start]);
    atY.push(sum / (end - start));
    start = end;
  }
  const at = interpolator(atX, atY);
  return risks.map((risk) => Math.abs(risk - at(risk)));
}
