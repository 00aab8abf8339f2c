import { plural } from './answer.js';
import type { LockFact, SiteFact, StudyFacts, ValidationFact } from './study-facts.js';

const CHANCE_AUC = 0.5;

/**
 * Reasons why nothing in this study may count as independent: rows or outcomes meant for validation reached the fit,
 * or the chain of records from the model back to its selection and harmonization is broken. They void items 5, 8, 9,
 * 10 and 12. A broken chain counts like a leak, so that leaving a record out never helps.
 */
export function findHardStops(facts: StudyFacts): string[] {
  const { model, selection, harmonization, leakAudit } = facts;
  const stops: string[] = [];
  if (!model) return ['There is no record of the model.'];
  if (model.selectionDigest !== null && model.selectionDigest !== selection?.digest) {
    stops.push('The model names a feature selection whose record is not there.');
  } else if (model.selectionDigest !== null && selection?.rows === 'all') {
    stops.push('Features were selected on rows meant for validation.');
  }
  if (model.selectionDigest !== null && selection && selection.harmonizationDigest !== model.harmonizationDigest) {
    stops.push('Features were selected on values harmonized otherwise than those the model was fitted on.');
  }
  if (model.harmonizationDigest !== null) stops.push(...harmonizationStops(facts, model.harmonizationDigest));
  if (facts.protocol.declaresLeakAudit && !leakAudit) {
    stops.push('The protocol promises a leak audit, and none with an AUC is on record.');
  }
  if (leakAudit && leakAudit.interval[0] > CHANCE_AUC) {
    const auc = leakAudit.meanAuc.toFixed(2);
    stops.push(`The leak audit still finds an AUC of ${auc} on shuffled outcomes: information leaks.`);
  }
  return stops;

  function harmonizationStops({ sites }: StudyFacts, digest: string): string[] {
    if (harmonization?.digest !== digest) return ['The model names a harmonization whose record is not there.'];
    const external = sites.filter((site) => site.role === 'externalValidation').map((site) => site.code);
    const leaked = harmonization.fittedOnSites.filter((site) => external.includes(site));
    const given = sites.reduce((sum, site) => sum + (external.includes(site.code) ? 0 : site.trainingRowCount), 0);
    const fitted = harmonization.fittedRowCount ?? 0;
    return [
      ...(harmonization.isTransductive
        ? ['Harmonization was fitted on the rows that it was then judged on (transductive).']
        : []),
      ...(leaked.length > 0
        ? [`Harmonization was fitted with rows of ${leaked.join(', ')}, meant for validation.`]
        : []),
      ...(fitted > given
        ? [`Harmonization was fitted on ${fitted} rows, and the development sites gave ${given}.`]
        : []),
    ];
  }
}

/** @returns why this run does not count as a validation of the locked model, or null when it does */
export function whyNotLocked(run: ValidationFact, { lock, model }: StudyFacts): string | null {
  if (run.eventCount === 0 || run.eventCount >= run.patientCount) return 'its patients are not of both classes';
  if (!lock) return 'no model was locked';
  if (run.lockDigest !== lock.digest) return 'it used another lock';
  if (lock.modelDigest !== model?.digest) return 'the lock names another model';
  if (run.modelDigest !== lock.modelDigest) return 'it used another model than the locked one';
  if (lock.harmonizationDigest !== model.harmonizationDigest)
    return 'the lock names another harmonization than the model';
  if (run.harmonizationDigest !== lock.harmonizationDigest) return 'it used another harmonization than the locked one';
  if (run.threshold !== lock.threshold) return 'the cut-off was changed after the lock';
  if (run.outcomesOpenedAt === null) return 'it is not recorded when its outcomes were opened';
  if (run.outcomesOpenedAt <= lock.sequence) return 'its outcomes were readable before the lock';
  if (run.siteAdjustment && run.siteAdjustment.sequence >= run.outcomesOpenedAt) {
    return 'its batch parameters were estimated after its outcomes were opened';
  }
  return null;
}

/** @returns why this run is not external, or null: no development patient, and everything locked before outcomes were opened */
export function whyNotExternal(run: ValidationFact, facts: StudyFacts): string | null {
  if (run.cohort !== 'external') return 'it is not of another institution';
  const site = facts.sites.find((s) => s.code === run.site);
  if (!site) return 'its site has no record';
  if (site.role !== 'externalValidation') return 'the site is a development site';
  if (site.trainingRowCount > 0) return `the site gave ${plural(site.trainingRowCount, 'patient')} to the fit`;
  const why = whyNotLocked(run, facts);
  if (why === null && isOpenedBeforeLock(site, facts.lock)) return 'its outcomes were readable before the lock';
  return why;
}

/** The locked runs of sites that never saw the model, one a site, in the order of the facts. */
export function externalRuns(facts: StudyFacts): ValidationFact[] {
  const runs = facts.validations.filter((run) => whyNotExternal(run, facts) === null);
  return runs.filter((run, index) => runs.findIndex((other) => other.site === run.site) === index);
}

/** @returns whether the outcomes of an external site were readable when the model was locked */
export function isOpenedBeforeLock(site: SiteFact, lock: LockFact | null): boolean {
  if (site.role !== 'externalValidation' || site.outcomesOpenedAt === null) return false;
  return lock === null || site.outcomesOpenedAt <= lock.sequence;
}
