import { Injectable } from '@nestjs/common';

import { Database } from '../database/database.js';
import type { ReleaseFacts } from '../releases/release.js';
import { predictionKey, ReleaseStore } from '../releases/release.store.js';
import { StudyStore } from '../studies/study.store.js';
import { SiteStore } from './site.store.js';

/** What is known of every site of some studies, in six queries however many they are. */
@Injectable()
export class SiteOverview {
  constructor(
    private readonly database: Database,
    private readonly studies: StudyStore,
    private readonly sites: SiteStore,
    private readonly releases: ReleaseStore,
  ) {}

  /** @returns one list for each study, in order; sites by code */
  async ofStudies(studyIds: readonly string[]): Promise<ReleaseFacts[][]> {
    const { client } = this.database;
    const [studies, sites, releases, locks, pooled, predicted] = await Promise.all([
      this.studies.getMany(client, studyIds),
      this.sites.list(client, studyIds),
      this.releases.list(client, studyIds),
      this.releases.lockDigests(client, studyIds),
      this.releases.pooledDigests(client, studyIds),
      this.releases.predictedSites(client, studyIds),
    ]);
    return studies.map((study) =>
      sites
        .filter((site) => site.studyId === study.id)
        .map((site) => ({
          study,
          site,
          releases: releases.filter(({ studyId, siteCode }) => studyId === study.id && siteCode === site.code),
          lockDigest: locks.get(study.id) ?? null,
          pooledDigest: pooled.get(study.id) ?? null,
          hasPredictions: predicted.has(predictionKey(study.id, site.code)),
        })),
    );
  }
}
