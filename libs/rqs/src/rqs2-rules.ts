import { notMet, plural } from './answer.js';
import { analysesOf, asRqs1, met, recorded, statement, type Rule } from './rules.js';
import { externalCount, internalTest, preprocessing, robustSelection, standardised } from './shared-rules.js';

const YES = 'implemented';
const earned = (): readonly string[] => [YES];

const hardware: Rule = ({ facts: { sites } }, item) => {
  const profiles = sites.flatMap((site) => (site.acquisition && site.scanners.length > 0 ? [site.acquisition] : []));
  if (sites.length > 0 && profiles.length === sites.length) {
    return met(YES, `All ${plural(sites.length, 'site')} recorded manufacturer and model.`, profiles);
  }
  return notMet(item, `${profiles.length} of ${plural(sites.length, 'site')} recorded their scanners.`, 'record manufacturer and model at every site'); // prettier-ignore
};

const robustness: Rule = ({ facts }, item) =>
  facts.robustness.length > 0
    ? met(YES, `Robustness of features was examined in ${plural(facts.robustness.length, 'run')}.`, facts.robustness)
    : notMet(item, 'Robustness of features was not examined.', 'run one robustness study: readers, perturbation, phantom or test-retest'); // prettier-ignore

const harmonization: Rule = (question, item) => {
  const { harmonization: fit, model } = question.facts;
  const effects = analysesOf(question, 'scannerEffects');
  if (fit && model?.harmonizationDigest === fit.digest && effects.length > 0) {
    return met(YES, 'Features were harmonized, and scanner effects measured before and after.', [fit, ...effects]);
  }
  return notMet(item, 'Harmonization with scanner effects before and after is not on record.', 'harmonize, and measure scanner effects before and after'); // prettier-ignore
};

const multiCentre: Rule = (question, item) => {
  const runs = externalCount(question);
  const action = 'validate the locked model at one more site that gave no development patient';
  if (runs.length === 0) return notMet(item, 'No external validation of the locked model counts.', action);
  const count = plural(runs.length, 'site');
  const isThirdParty = runs.length >= 2 && runs.every((run) => run.isUnseenByOwner);
  if (isThirdParty) {
    const reason = `The platform evaluated the locked model at ${count} whose data its owner could not see before.`;
    return met('third-party-platform-unseen-data', reason, runs);
  }
  const option = runs.length >= 2 ? 'two-or-more-external-institutes' : 'one-external-institute';
  const answer = met(option, `The locked model was validated at ${count} that gave no development patient.`, runs);
  return { ...answer, next: { gain: 1, action } };
};

const fairness: Rule = (question, item) => {
  const groups = analysesOf(question, 'subgroups');
  if (groups.length === 0) return recorded('subgroups')(question, item);
  const mended = analysesOf(question, 'biasMitigation');
  if (mended.length > 0) return met('bias-correction-applied', 'Fairness was evaluated, corrected for and evaluated again.', [...groups, ...mended]); // prettier-ignore
  const next = { gain: 1, action: 'correct for unequal performance, and evaluate again' };
  return { ...met('fairness-evaluated', 'Performance was evaluated by subgroup.', groups), next };
};

const traceability: Rule = ({ facts: { run } }, item) =>
  run && run.stepCount > 0
    ? met(YES, `Code version ${run.codeVersion}, and inputs and outputs of ${plural(run.stepCount, 'step')} by digest.`, [run]) // prettier-ignore
    : notMet(item, 'No run with digests of its inputs is on record.', 'run the study on the hub');

const openness = (options: readonly string[]): readonly string[] => {
  const count = options.filter((option) => ['scans', 'rois', 'code'].includes(option)).length;
  return ['one-aspect-open', 'two-aspects-open', 'all-aspects-open'].slice(count - 1, count);
};
const protocolLevel = (options: readonly string[]): readonly string[] => {
  if (!options.includes('documented')) return [];
  return [options.includes('public') ? 'triac-level-3-or-4' : 'triac-level-1-or-2'];
};
const resampled = (options: readonly string[]): readonly string[] => [
  options.includes('resampling') ? 'resampling-applied' : 'statistic-only',
];

/** Items of RQS 2.0 that records can answer, by number; the others ask for a statement alone. */
const byNumber: Readonly<Record<number, Rule>> = {
  2: hardware,
  3: asRqs1(1, protocolLevel),
  4: recorded('cohortFlow', YES),
  5: recorded('distribution', YES),
  6: robustness,
  7: preprocessing(YES),
  8: harmonization,
  9: standardised(YES),
  10: recorded('automaticSegmentation', YES),
  11: asRqs1(5, earned),
  12: robustSelection(YES),
  13: recorded('deepLearningCombination', YES),
  14: asRqs1(6, earned),
  15: internalTest(YES),
  16: asRqs1(8, earned),
  17: asRqs1(9, resampled),
  18: asRqs1(10, earned),
  19: recorded('failureModes', YES),
  20: asRqs1(16, openness),
  21: multiCentre,
  22: asRqs1(13, earned),
  23: recorded('previousModel', YES),
  24: asRqs1(14, earned),
  25: recorded('explanation', YES),
  26: recorded('explanationEvaluation', YES),
  27: asRqs1(7, earned),
  28: fairness,
  30: recorded('sampleSize', YES),
  32: recorded('prospectiveCohort', YES),
  34: traceability,
  35: recorded('inputGates', YES),
  37: recorded('drift', YES),
};

export function rqs2Rule(number: number): Rule {
  return byNumber[number] ?? statement;
}
