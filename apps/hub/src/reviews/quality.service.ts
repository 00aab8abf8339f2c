import { Injectable } from '@nestjs/common';

import type { AuditRecord, Digest } from '@concord/contracts';
import { assessStudy, staleItems, type StaleItem, type StudyAssessment, type StudyFacts } from '@concord/rqs';

import { AuditService } from '../audit/audit.service.js';
import { Database } from '../database/database.js';
import { HubError } from '../errors/hub-error.js';
import { ObjectStore } from '../objects/object.store.js';
import { goneWith, withoutRecords, type StepLinks } from './evidence.js';
import { originsOf, type Origin } from './origin.js';
import { historyOf, type ReviewHistory } from './review.js';

/** What is said of a study's quality today, beside what was frozen with its report. */
export interface Quality {
  readonly studyId: string;
  readonly frozen: StudyAssessment;
  readonly facts: StudyFacts;
  readonly today: StudyAssessment;
  /** Answers of the frozen score that stood on a record that changed or was withdrawn. */
  readonly stale: readonly StaleItem[];
  readonly history: ReviewHistory;
  readonly origins: ReadonlyMap<Digest, Origin>;
}

/** Scores a study anew from its records and from the audit log, each time it is asked: no answer outlives its evidence. */
@Injectable()
export class QualityService {
  constructor(
    private readonly database: Database,
    private readonly audit: AuditService,
    private readonly objects: ObjectStore,
  ) {}

  /** @returns null before the study's run has written its score */
  async find(studyId: string): Promise<Quality | null> {
    const { client } = this.database;
    const study = await client.study.findUniqueOrThrow({
      where: { id: studyId },
      include: { sites: true, releases: true, lock: true, run: { include: { steps: true } } },
    });
    const steps = (study.run?.steps ?? [])
      .filter((step) => step.state === 'done')
      .map((step) => ({ ...step, inputs: step.inputs as Links, outputs: step.outputs as Links }));
    const assess = steps.find((step) => step.name === 'assess');
    if (assess === undefined) return null;
    const [facts, frozen] = await Promise.all([
      this.json<StudyFacts>(assess.outputs['facts']),
      this.json<StudyAssessment>(assess.outputs['assessment']),
    ]);
    const entries = await this.audit.list(studyId);
    const onRecord = new Set([
      ...steps.flatMap(({ outputs }) => Object.values(outputs)),
      ...study.releases.map((release) => release.tableDigest),
      ...(study.lock === null ? [] : [study.lock.digest]),
    ]);
    const changed = [
      ...Object.values(assess.inputs).filter((digest) => !onRecord.has(digest)),
      ...replacedCertificates(facts, study.sites),
    ];
    const today = currentQuality(facts, frozen, entries, steps, changed);
    return { studyId, frozen, facts, ...today, origins: originsOf({ ...study, steps, entries }) };
  }

  /** @throws {HubError} NOT_ASSESSED */
  async get(studyId: string): Promise<Quality> {
    const quality = await this.find(studyId);
    if (quality !== null) return quality;
    const fix = 'Wait until its run has written the score.';
    throw new HubError('NOT_ASSESSED', 'the study is not scored yet', `study ${studyId}`, fix);
  }

  private async json<T>(digest: Digest | undefined): Promise<T> {
    return JSON.parse(Buffer.from(await this.objects.get(digest ?? '')).toString('utf8')) as T;
  }
}

type Links = Readonly<Record<string, Digest>>;

/**
 * The score of today: the facts of the frozen one without what was withdrawn or replaced since, with what people said.
 * Needs nothing but records that are in every bundle, so that anyone can do it again.
 *
 * @param changed digests that the facts name and that are not on record any more
 */
export function currentQuality(
  facts: StudyFacts,
  frozen: StudyAssessment,
  entries: readonly AuditRecord[],
  steps: readonly StepLinks[],
  changed: readonly Digest[] = [],
): Pick<Quality, 'today' | 'stale' | 'history'> {
  const history = historyOf(entries);
  const seeds = [...history.withdrawals.map(({ digest }) => digest), ...changed];
  const standing = withoutRecords(facts, goneWith(seeds, steps));
  const now = {
    ...standing,
    claims: [...facts.claims, ...history.claims],
    contests: [...facts.contests, ...history.contests],
  };
  return { history, today: assessStudy(now), stale: staleItems(frozen.strict, now) };
}

/** Certificates that a score stands on and that their sites have replaced since. */
function replacedCertificates(
  facts: StudyFacts,
  sites: readonly { readonly code: string; readonly certificate: unknown }[],
): Digest[] {
  return (facts.extraction?.conformance ?? [])
    .filter(({ site, digest }) => {
      const held = sites.find(({ code }) => code === site)?.certificate as { digest?: Digest } | null | undefined;
      return held?.digest !== digest;
    })
    .map(({ digest }) => digest);
}
