import { jest } from '@jest/globals';

import { MemoryAssessmentStore } from './assessments/assessment.memory-store.js';
import { PrismaAssessmentStore } from './assessments/assessment.prisma-store.js';
import { assessmentStoreContract } from './assessments/assessment.store.contract.js';
import type { Transaction } from './database/database.js';
import { testDatabaseKinds, type TestDatabase } from './database/test-database.js';
import { MemoryLockStore } from './models/lock.memory-store.js';
import { PrismaLockStore } from './models/lock.prisma-store.js';
import { lockStoreContract } from './models/lock.store.contract.js';
import { MemoryReleaseStore } from './releases/release.memory-store.js';
import { PrismaReleaseStore } from './releases/release.prisma-store.js';
import { predictionKey } from './releases/release.store.js';
import { releaseStoreContract } from './releases/release.store.contract.js';
import { MemorySiteStore } from './sites/site.memory-store.js';
import { PrismaSiteStore } from './sites/site.prisma-store.js';
import { siteStoreContract } from './sites/site.store.contract.js';
import { newSite } from './sites/site.js';
import { MemoryStudyStore } from './studies/study.memory-store.js';
import { PrismaStudyStore } from './studies/study.prisma-store.js';
import { studyStoreContract } from './studies/study.store.contract.js';

jest.setTimeout(60_000);

describe('stores in memory', () => {
  const transaction = {} as Transaction; // they never look at it
  const [studies, sites, releases] = [new MemoryStudyStore(), new MemorySiteStore(), new MemoryReleaseStore()];
  releases.locks.set('s1', 'lock');
  releases.predictions.add(predictionKey('s1', 'a'));
  describe('studies', () => studyStoreContract(() => ({ store: studies, transaction })));
  describe('sites', () => siteStoreContract(() => ({ store: sites, transaction })));
  describe('releases', () => releaseStoreContract(() => ({ store: releases, transaction })));
  const [locks, assessments] = [new MemoryLockStore(), new MemoryAssessmentStore()];
  describe('locks', () => lockStoreContract(() => ({ store: locks, transaction })));
  describe('assessments', () => assessmentStoreContract(() => ({ store: assessments, transaction })));
});

describe.each(testDatabaseKinds(process.env.CONCORD_TEST_DATABASE_URL))('stores on $name', ({ open }) => {
  let test: TestDatabase;
  beforeAll(async () => {
    test = await open();
  });
  afterAll(() => test.close());
  const transaction = () => test.database.client;

  describe('studies', () => studyStoreContract(() => ({ store: new PrismaStudyStore(), transaction: transaction() })));

  describe('sites and releases', () => {
    describe('sites', () => siteStoreContract(() => ({ store: new PrismaSiteStore(), transaction: transaction() })));
    describe('releases', () => {
      beforeAll(async () => {
        for (const code of ['a', 'b']) await new PrismaSiteStore().create(transaction(), newSite('s1', code, 'Site'));
        const lock = { studyId: 's1', digest: 'lock', record: {}, lockedAt: new Date() };
        await transaction().lock.create({ data: lock });
        await transaction().run.create({ data: { id: 's1', studyId: 's1', startedAt: new Date() } });
        const step = { runId: 's1', inputDigest: '', inputs: {}, queuedAt: new Date() };
        await transaction().step.createMany({
          data: [
            { ...step, name: 'predict:a', state: 'done' },
            { ...step, name: 'predict:b', state: 'queued' },
          ],
        });
      });
      releaseStoreContract(() => ({ store: new PrismaReleaseStore(), transaction: transaction() }));
    });
  });

  describe('locks', () => lockStoreContract(() => ({ store: new PrismaLockStore(), transaction: transaction() })));
  describe('assessments', () =>
    assessmentStoreContract(() => ({ store: new PrismaAssessmentStore(), transaction: transaction() })));
});
