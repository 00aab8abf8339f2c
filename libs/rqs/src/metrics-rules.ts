import { listOf, notMet, plural } from './answer.js';
import { asRqs1, met, recorded, statement, type Rule } from './rules.js';
import {
  externalCount,
  internalTest,
  preprocessing,
  published,
  robustSelection,
  standardised,
} from './shared-rules.js';
import type { ComparatorFact, EvidenceRef } from './study-facts.js';

const earned = (): readonly string[] => ['yes'];
const ifHas =
  (option: string) =>
  (options: readonly string[]): readonly string[] =>
    options.includes(option) ? ['yes'] : [];

const multiCentre: Rule = ({ facts }, item) => {
  const development = facts.sites.filter((site) => site.trainingRowCount > 0).map((site) => site.code);
  const sites = [...new Set([...development, ...facts.validations.map((run) => run.site)])];
  const evidence = [...facts.validations, ...(facts.model ? [facts.model] : [])];
  if (sites.length >= 2 && evidence.length > 0) return met('yes', `${plural(sites.length, 'site')} released rows.`, evidence); // prettier-ignore
  return notMet(item, 'Rows come from one site.', 'invite a second site');
};

const parameters: Rule = ({ facts: { extraction } }, item) =>
  extraction
    ? met('yes', 'Every parameter of the extraction is part of the frozen protocol, by digest.', [extraction])
    : notMet(item, 'The parameters of the extraction are not on record.', 'let agents extract under the protocol');

const partitioning: Rule = ({ facts, voidBecause }, item) => {
  const { protocol, selection, harmonization, lock } = facts;
  const action = 'fit every step, harmonization too, on development rows only';
  if (voidBecause !== null) return notMet(item, voidBecause, action);
  const records: (EvidenceRef | null)[] = [protocol, selection, harmonization, lock];
  if (selection?.rows === 'development' && lock) {
    const reason = 'Sites had their roles before data came, and no step was fitted on validation rows.';
    return met('yes', reason, records.filter((record) => record !== null)); // prettier-ignore
  }
  return notMet(item, 'It is not on record that nothing was fitted on validation rows.', action);
};

const performance: Rule = ({ facts, voidBecause }, item) => {
  const runs = facts.validations.filter((run) => run.modelDigest === facts.model?.digest);
  const shown =
    voidBecause !== null ? [] : runs.filter((run) => run.discrimination?.hasEstimate && run.hasConfusionMatrix);
  if (shown.length > 0) return met('yes', `AUC, sensitivity, specificity and their counts at ${listOf(shown.map((run) => run.site))}.`, shown); // prettier-ignore
  return notMet(item, 'AUC with sensitivity, specificity and counts is not on record.', 'report them at each validation site'); // prettier-ignore
};

const oneImageSet: Rule = ({ facts: { protocol } }, item) =>
  protocol.design.imageSetCount === 1
    ? met('yes', 'Features come from one kind of image.', [protocol])
    : notMet(item, 'Several kinds of images, or not said.', 'compare with each kind of image alone');

const compared =
  (kind: ComparatorFact['class'], what: string): Rule =>
  ({ facts }, item) => {
    const known = new Set(facts.validations.map((run) => run.digest));
    const runs = facts.comparators.filter((c) => c.class === kind && c.hasTest && known.has(c.validation));
    if (runs.length > 0) return met('yes', `Compared with ${listOf(runs.map((run) => run.name))} on the same patients.`, runs); // prettier-ignore
    return notMet(item, `No comparison with ${what} on the same patients.`, `compare with ${what}, with a test`);
  };

const external: Rule = (question, item) => {
  const runs = externalCount(question);
  if (runs.length > 0) return met('yes', `Locked model at ${plural(runs.length, 'site')} that gave no development patient.`, runs); // prettier-ignore
  return notMet(item, 'No external validation of the locked model counts.', 'validate the locked model at a site that gave no development patient'); // prettier-ignore
};

/** METRICS: items that records can answer, by number; the others ask for a statement alone. */
const byNumber: Readonly<Record<number, Rule>> = {
  1: recorded('guidelineReport'),
  2: recorded('cohortFlow'),
  4: multiCentre,
  5: asRqs1(1, ifHas('public')),
  6: asRqs1(1, ifHas('documented')),
  7: recorded('intervalToReference'),
  8: recorded('segmentationMethod'),
  9: recorded('segmentationEvaluation'),
  10: recorded('singleReaderMasks'),
  11: preprocessing('yes'),
  12: standardised('yes'),
  13: parameters,
  14: robustSelection('yes'),
  15: recorded('redundancyRemoval'),
  16: recorded('dimensionality'),
  17: recorded('networkRobustness'),
  18: partitioning,
  19: recorded('confounders'),
  20: performance,
  21: asRqs1(9, earned),
  22: asRqs1(10, ifHas('stat')),
  23: oneImageSet,
  24: compared('clinical', 'a clinical model without radiomics'),
  25: compared('simple', 'a simple model'),
  26: internalTest('yes'),
  27: external,
  28: published('the data', ['scans', 'features']),
  29: published('the code', ['code']),
  30: published('the model', ['model']),
};

export function metricsRule(number: number): Rule {
  return byNumber[number] ?? statement;
}
