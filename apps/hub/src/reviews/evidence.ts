import type { Digest } from '@concord/contracts';
import type { EvidenceRef, StudyFacts } from '@concord/rqs';

/** What a step read and wrote, by digest. */
export interface StepLinks {
  readonly name: string;
  readonly inputs: Readonly<Record<string, Digest>>;
  readonly outputs: Readonly<Record<string, Digest>>;
}

/** Steps that gather records and make none. */
const GATHERING = ['assess', 'report'];

/** The records that were withdrawn, and every record that a step made from one of them. */
export function goneWith(withdrawn: readonly Digest[], steps: readonly StepLinks[]): ReadonlySet<Digest> {
  const gone = new Set(withdrawn);
  const making = steps.filter(({ name }) => !GATHERING.includes(name));
  for (let before = -1; before !== gone.size;) {
    before = gone.size;
    for (const { inputs, outputs } of making) {
      if (Object.values(inputs).some((digest) => gone.has(digest))) {
        for (const digest of Object.values(outputs)) gone.add(digest);
      }
    }
  }
  return gone;
}

/**
 * The facts without those records. What named one of them stays and names a record that is not there, which proves
 * nothing; a validation whose adjustment is gone is gone with it, because without one it would seem to have needed none.
 */
export function withoutRecords(facts: StudyFacts, gone: ReadonlySet<Digest>): StudyFacts {
  const isGone = ({ digest }: EvidenceRef) => gone.has(digest);
  const kept = <T extends EvidenceRef>(records: readonly T[]): T[] => records.filter((record) => !isGone(record));
  const orNull = <T extends EvidenceRef>(record: T | null) => (record === null || isGone(record) ? null : record);
  return {
    ...facts,
    sites: facts.sites.map((site) => ({ ...site, acquisition: orNull(site.acquisition) })),
    extraction: facts.extraction && { ...facts.extraction, conformance: kept(facts.extraction.conformance) },
    robustness: kept(facts.robustness),
    harmonization: orNull(facts.harmonization),
    selection: orNull(facts.selection),
    model: orNull(facts.model),
    lock: orNull(facts.lock),
    validations: kept(facts.validations)
      .filter(({ siteAdjustment }) => siteAdjustment === null || !isGone(siteAdjustment))
      .map((run) => ({ ...run, decisionCurve: orNull(run.decisionCurve) })),
    comparators: kept(facts.comparators),
    associations: kept(facts.associations),
    leakAudit: orNull(facts.leakAudit),
    analyses: kept(facts.analyses),
    artefacts: kept(facts.artefacts),
  };
}
