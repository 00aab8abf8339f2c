import { listOf, notMet, plural } from './answer.js';
import { externalRuns, whyNotLocked } from './independence.js';
import { met, openArtefacts, type Rule } from './rules.js';
import type { ArtefactFact, StudyFacts } from './study-facts.js';

/** Every site that extracted holds a certificate: the engine gave IBSI's reference values there. */
export function isStandardised({ extraction, sites }: StudyFacts): boolean {
  if (!extraction?.isIbsiCatalogue) return false;
  const certified = new Set(extraction.conformance.map((certificate) => certificate.site));
  return sites.length > 0 && sites.every((site) => certified.has(site.code));
}

export const standardised =
  (option: string): Rule =>
  ({ facts }, item) => {
    const { extraction, sites } = facts;
    const action = 'extract IBSI features by an engine whose conformance check holds at every site';
    if (extraction && isStandardised(facts)) {
      const reason = `${extraction.engineVersion} gave IBSI's reference values at all ${plural(sites.length, 'site')}.`;
      return met(option, reason, [extraction, ...extraction.conformance]);
    }
    return notMet(item, 'No conformance with IBSI is on record for every site.', action);
  };

export const preprocessing =
  (option: string): Rule =>
  ({ facts: { extraction } }, item) => {
    const states = extraction?.states ?? [];
    if (extraction && states.includes('resampling') && states.includes('discretisation')) {
      return met(option, 'The extraction settings state resampling and discretisation.', [extraction]);
    }
    return notMet(item, 'No extraction settings with resampling and discretisation are on record.', 'extract under settings that state both'); // prettier-ignore
  };

/** Unstable features were left out by a robustness run that is on record. */
export const robustSelection =
  (option: string): Rule =>
  ({ facts: { selection, robustness }, voidBecause }, item) => {
    const run = robustness.find((candidate) => candidate.digest === selection?.robustnessDigest);
    if (run && selection && voidBecause === null) return met(option, 'Features that a robustness run found unstable were left out before selection.', [selection, run]); // prettier-ignore
    return notMet(item, 'Selection did not start from a robustness run.', 'select among features that a robustness run found stable'); // prettier-ignore
  };

/** A held-out cohort of a development site, judged with the locked model. */
export const internalTest =
  (option: string): Rule =>
  ({ facts, voidBecause }, item) => {
    const action = 'hold out patients of a development site before fitting, and validate the locked model on them';
    const held = facts.validations.filter((r) => r.cohort === 'internalHoldout' && whyNotLocked(r, facts) === null);
    if (voidBecause !== null || held.length === 0) return notMet(item, voidBecause ?? 'No held-out cohort of a development site was validated with the locked model.', action); // prettier-ignore
    return met(option, `The locked model was validated on held-out patients of ${listOf(held.map((r) => r.site))}.`, held); // prettier-ignore
  };

/** External sites with the locked model; none after a hard stop. */
export const externalCount: (question: Parameters<Rule>[0]) => ReturnType<typeof externalRuns> = ({
  facts,
  voidBecause,
}) => (voidBecause !== null ? [] : externalRuns(facts));

export const published =
  (what: string, contents: readonly ArtefactFact['content'][]): Rule =>
  (question, item) => {
    const open = openArtefacts(question, contents);
    if (open.length > 0) return met('yes', `Public under a licence: ${what}.`, open);
    return notMet(item, `Not public: ${what}.`, `publish ${what} under a licence, the same bytes as used`);
  };
