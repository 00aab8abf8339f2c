import { logitsOf } from '../calibration.js';
import { notEstimable, plainEstimate, testEstimate, withRemark, type Estimate } from '../estimate.js';
import { logitInterval } from '../auc.js';
import { randomInterceptLogistic } from '../pooling/random-intercept.js';
import { membershipModel, standardizedMeanDifference } from './membership.js';
import { groupInteraction } from './subgroups.js';

/** Whether sites differ in level and in effect once the model's own risk is taken into account. */
export interface SiteDifferences {
  /** p-values of likelihood-ratio tests: an intercept a site; slopes a site besides. */
  readonly intercepts: Estimate;
  readonly slopes: Estimate;
  /** Logistic model on the linear predictor with a random intercept a site. */
  readonly randomIntercept: { readonly slope: Estimate; readonly siteSd: Estimate };
  /** Each site against all others: do its patients differ, before any outcome is blamed? */
  readonly membership: readonly SiteMembership[];
}

export interface SiteMembership {
  readonly site: string;
  /** Of telling its patients from the others by linear predictor and outcome; 0.5 means the same kind of patients. */
  readonly auc: Estimate;
  /** Of the linear predictor, in standard deviations. */
  readonly difference: Estimate;
}

const LEAST_OF_CLASS = 10;

/** @param risks probabilities; @param sites the site of each patient */
export function siteDifferences(
  risks: Float64Array,
  outcomes: Uint8Array,
  sites: readonly string[],
  level: number,
): SiteDifferences {
  const names = [...new Set(sites)].sort((a, b) => (a < b ? -1 : 1));
  const { logits } = logitsOf(risks);
  const events = outcomes.reduce((sum, y) => sum + y, 0);
  const isThin = Math.min(events, outcomes.length - events) < LEAST_OF_CLASS;
  const reason =
    names.length < 2
      ? 'there is one site only'
      : isThin
        ? `fewer than ${LEAST_OF_CLASS} patients of one class`
        : 'a site has one class only, or its classes are separated';
  const effect = isThin ? null : groupInteraction(logits, outcomes, sites);
  return {
    intercepts: testEstimate(effect?.intercepts ?? null, 'likelihood ratio of site intercepts', reason),
    slopes: testEstimate(effect?.slopes ?? null, 'likelihood ratio of site slopes', reason),
    randomIntercept: randomIntercept(logits, outcomes, sites, names, names.length < 2 || isThin ? reason : null),
    membership: names.map((site) => membershipOf(site, logits, outcomes, sites, level)),
  };
}

function randomIntercept(
  logits: Float64Array,
  outcomes: Uint8Array,
  sites: readonly string[],
  names: readonly string[],
  refused: string | null,
): SiteDifferences['randomIntercept'] {
  const slope = 'logistic model with a random intercept a site, 15-point adaptive quadrature';
  const sd = 'standard deviation of the random intercepts';
  if (refused !== null) return { slope: notEstimable(slope, refused), siteSd: notEstimable(sd, refused) };
  const at = new Map(names.map((name, i) => [name, i]));
  const groups = Int32Array.from(sites, (site) => at.get(site) ?? 0);
  const fit = randomInterceptLogistic([new Float64Array(logits.length).fill(1), logits], outcomes, groups);
  const remark = fit && !fit.isConverged ? 'the search did not settle wholly' : null;
  const none = 'the model has no finite solution';
  return {
    slope: withRemark(plainEstimate(fit?.coefficients[1], slope, none), remark),
    siteSd: withRemark(plainEstimate(fit?.siteSd, sd, none), remark),
  };
}

function membershipOf(
  site: string,
  logits: Float64Array,
  outcomes: Uint8Array,
  sites: readonly string[],
  level: number,
): SiteMembership {
  const isHere = Uint8Array.from(sites, (name) => (name === site ? 1 : 0));
  const method = 'AUC of a membership model on linear predictor and outcome, DeLong variance, logit interval';
  const model = membershipModel([logits, Float64Array.from(outcomes)], isHere);
  const none = notEstimable(method, 'one site only, too few patients, or no variation');
  const auc = model?.auc;
  return {
    site,
    auc: auc?.auc != null && auc.variance !== null ? logitInterval(auc.auc, auc.variance, level, method) : none,
    difference: plainEstimate(
      standardizedMeanDifference(logits, isHere),
      'standardised mean difference of the linear predictor, this site less the others',
      'fewer than two patients on a side, or no variation',
    ),
  };
}
