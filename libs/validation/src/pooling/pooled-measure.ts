import { normalQuantile } from '@concord/numeric';
import { estimate, notEstimable, type Estimate } from '../estimate.js';
import { metaAnalyse, type MetaAnalysis } from '../meta-analysis.js';
import { EXACT_SEARCH, leaveOneOut } from './random-effects.js';

/** What one site brings to a mean over sites, on a scale where the normal law fits; or why it brings nothing. */
export type SiteValue =
  | { readonly site: string; readonly value: number; readonly error: number }
  | { readonly site: string; readonly reason: string };

/** A measure over sites with everything that a reader asks of a mean: spread, a new site, and who makes it. */
export interface PooledMeasure extends MetaAnalysis {
  readonly excluded: readonly { readonly site: string; readonly reason: string }[];
  /** The mean without each site in turn; empty below three sites. */
  readonly leaveOneOut: readonly { readonly site: string; readonly mean: Estimate }[];
}

/** Without one site tau² needs no more digits than anybody reads. */
const SEARCH = { ...EXACT_SEARCH, scoringTolerance: 1e-7 };

/**
 * Pools a measure over sites by REML with Hartung and Knapp's interval.
 *
 * @param back carries the mean back to the scale of the reader; default: none
 */
export function poolMeasure(
  sites: readonly SiteValue[],
  level: number,
  back: (x: number) => number = (x) => x,
): PooledMeasure {
  const used = sites.flatMap((one) => ('value' in one ? [one] : []));
  const values = used.map(({ value }) => value);
  const errors = used.map(({ error }) => error);
  const method = 'REML, Hartung-Knapp, without this site';
  const without = used.length < 3 ? [] : leaveOneOut(values, errors, level, SEARCH);
  return {
    ...metaAnalyse(values, errors, level, back),
    excluded: sites.flatMap((one) => ('reason' in one ? [one] : [])),
    leaveOneOut: without.map(({ omitted, analysis }) => ({
      site: used[omitted].site,
      mean:
        analysis === null
          ? notEstimable(method, 'the variance between sites did not settle')
          : estimate(
              back(analysis.estimate),
              [back(analysis.interval[0]), back(analysis.interval[1])] as const,
              method,
            ),
    })),
  };
}

/** The value of a site from its estimate, its standard error read off a symmetric interval of the level. */
export function siteValueOf(
  site: string,
  { value, interval, reason }: Estimate,
  level: number,
  forward: (x: number) => number = (x) => x,
): SiteValue {
  if (value === null || interval === null) return { site, reason: reason ?? 'no interval' };
  const error = (forward(interval[1]) - forward(interval[0])) / (2 * normalQuantile(1 - (1 - level) / 2));
  const here = forward(value);
  if (!Number.isFinite(here) || !(error > 1e-12) || !Number.isFinite(error)) {
    return { site, reason: 'no standard error on this scale' };
  }
  return { site, value: here, error };
}
