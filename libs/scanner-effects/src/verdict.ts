import type { BiologyKept } from './biology.js';
import type { ScannerEffect } from './scanner-effect.js';
import type { SiteClassification } from './site-classifier.js';

export interface VerdictInput {
  readonly before: ScannerEffect;
  readonly after: ScannerEffect | null;
  /** With harmonisation refitted in each fold, where there is one. */
  readonly classifier?: SiteClassification;
  /** The same by random forest, which sees more than shifts and scales; `before` on features as they are. */
  readonly forest?: { readonly before: SiteClassification; readonly after: SiteClassification };
  readonly biology?: BiologyKept;
  /** Findings of `identifiability`. */
  readonly identifiability?: { readonly aliased: readonly unknown[]; readonly findings: readonly string[] };
  /** Features of which no value was negative before, and some are after. */
  readonly negativeFeatures?: readonly string[];
}

export interface Verdict {
  /** Three: how large the effect is, what harmonisation does, what to do. */
  readonly sentences: readonly [string, string, string];
  readonly advice: 'not needed' | 'use' | 'use with care' | 'do not use';
  /** Why not, or why with care. */
  readonly reasons: readonly string[];
}

/** What the numbers mean, for a coordinator: three sentences, and advice with its reasons. */
export function verdictOf(input: VerdictInput): Verdict {
  const { before } = input;
  const against = reasonsAgainst(input);
  const care = reasonsForCare(input);
  const share = affectedShare(before);
  const advice =
    against.length > 0 ? 'do not use' : share < 0.05 ? 'not needed' : care.length > 0 ? 'use with care' : 'use';
  const reasons = against.length > 0 ? against : care;
  return {
    sentences: [effectSentence(before), changeSentence(input), adviceSentence(advice, reasons)],
    advice,
    reasons,
  };
}

function affectedShare({ summary }: ScannerEffect): number {
  return Math.max(summary.anova.share ?? 0, summary.kruskalWallis.share ?? 0, summary.brownForsythe.share ?? 0);
}

/** Beside covariates where they explain what is left between batches: those differences are meant to stay. */
function shareLeft(after: ScannerEffect): number {
  const { anova, partial, brownForsythe } = after.summary;
  if (partial.count >= anova.count) return affectedShare(after);
  return Math.max(partial.share ?? 0, brownForsythe.share ?? 0);
}

const percent = (share: number): string => `${Math.round(100 * share)} %`;

function effectSentence(before: ScannerEffect): string {
  const { summary, batches } = before;
  if (summary.testedCount === 0) return `No feature could be compared between the ${batches.length} batches.`;
  const counts = [summary.anova, summary.kruskalWallis].map(({ count }) => count);
  const size = affectedShare(before) < 0.05 ? 'hardly any' : affectedShare(before) < 0.3 ? 'a moderate' : 'a strong';
  return (
    `There is ${size} scanner effect: of ${summary.testedCount} features, ${counts[0]} differ in mean and ${counts[1]} in rank ` +
    `between the ${batches.length} batches, and ${percent(summary.meanEtaSquared ?? 0)} of their variance lies between batches on average.`
  );
}

function changeSentence({ after, before, classifier }: VerdictInput): string {
  if (after === null) return 'Nothing was harmonized yet.';
  const [was, is] = [before, after].map(({ summary }) => summary);
  const kept =
    is.kruskalWallis.count > 0 && is.partial.count === is.anova.count
      ? ` (${is.kruskalWallis.count} still differ in rank: not only shift and scale)`
      : '';
  const told =
    classifier === undefined
      ? ''
      : `; a linear rule tells the batch of new patients with a balanced accuracy of ${percent(classifier.balancedAccuracy)}, chance being ${percent(1 / classifier.batches.length)}`;
  const beside =
    is.partial.count < is.anova.count
      ? ` (${is.partial.count} of ${was.partial.count} beside the covariates, which differ between batches)`
      : '';
  return `Harmonization leaves ${is.anova.count} of ${was.anova.count} features that differ in mean${beside}${kept}${told}.`;
}

function adviceSentence(advice: Verdict['advice'], reasons: readonly string[]): string {
  const why = reasons.length > 0 ? `: ${reasons[0]}` : '';
  switch (advice) {
    case 'do not use':
      return `ComBat should not be used here${why}.`;
    case 'not needed':
      return 'Harmonization is hardly needed; using it costs little but adds a step to explain.';
    case 'use with care':
      return `Harmonization can be used with care${why}.`;
    case 'use':
      return 'Harmonization can be used; fit it on development patients only.';
  }
}

/** Orlhac et al. 2022 (J Nucl Med 63:172): populations that cannot be told from batches, and batches too small to learn from. */
function reasonsAgainst({ before, identifiability, biology }: VerdictInput): string[] {
  const tiny = before.batches.filter((_, i) => before.batchCounts[i] < 5);
  const lost = biology?.covariates.filter(
    ({ signChanges, foundBefore }) => foundBefore > 0 && signChanges > foundBefore / 2,
  );
  return [
    ...(identifiability !== undefined && identifiability.aliased.length > 0
      ? [trimmed(identifiability.findings[0])]
      : []),
    ...(tiny.length > 0 ? [`${tiny.join(', ')} has fewer than 5 patients`] : []),
    ...(lost ?? []).map(({ column }) => `the effect of ${column} turns round in most features`),
  ];
}

function reasonsForCare({
  before,
  after,
  identifiability,
  biology,
  negativeFeatures = [],
  classifier,
  forest,
}: VerdictInput): string[] {
  const small = before.batches.filter((_, i) => before.batchCounts[i] >= 5 && before.batchCounts[i] < 20);
  const tested = after?.summary.testedCount ?? 0;
  const left = after === null ? 0 : shareLeft(after);
  const weaker = biology?.outcome && biology.outcome.after < biology.outcome.before - 0.02;
  const isTold = classifier?.permutationP != null && classifier.permutationP <= 0.05;
  return [
    ...(small.length > 0 ? [`${small.join(', ')} has fewer than 20 patients, so its correction is uncertain`] : []),
    ...(identifiability?.findings ?? []).filter((finding) => !finding.includes('fewer than 20')).map(trimmed),
    ...(left > 0.1 ? [`${percent(left)} of ${tested} features still differ; try a transform, or leave them out`] : []),
    ...(isTold ? ['the batch can still be told in new patients'] : []),
    ...forestReason(forest),
    ...(negativeFeatures.length > 0
      ? [`${negativeFeatures.length} features became negative that cannot be; use a transform`]
      : []),
    ...(weaker ? ['features tell the outcome less well inside batches than before'] : []),
  ];
}

/** Shift and scale can leave, or make, traces that only a non-linear rule finds: edges of skewed features, shared values. */
function forestReason(forest: VerdictInput['forest']): string[] {
  if (forest === undefined) return [];
  const [was, is] = [forest.before.balancedAccuracy, forest.after.balancedAccuracy];
  const chance = 1 / forest.after.batches.length;
  if (is < chance + 0.15) return [];
  const told = `a random forest still tells the batch of ${percent(is)} of new patients, ${percent(chance)} being chance`;
  if (is <= was + 0.1) return [told];
  return [
    told,
    `from features as they were it tells ${percent(was)}: shift and scale leave marks of their own on skewed features and on values that many patients share; try the transform rank, and keep non-linear models from learning the batch`,
  ];
}

const trimmed = (sentence: string): string => sentence.replace(/\.$/, '');

/** Features without a negative value before that have one after. */
export function madeNegative(
  before: readonly { readonly name: string; readonly values: Float64Array }[],
  after: readonly { readonly name: string; readonly values: Float64Array }[],
): string[] {
  const byName = new Map(after.map(({ name, values }) => [name, values]));
  return before
    .filter(
      ({ name, values }) => !values.some((value) => value < 0) && byName.get(name)?.some((value) => value < 0) === true,
    )
    .map(({ name }) => name);
}
