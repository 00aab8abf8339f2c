import { Module } from '@nestjs/common';

import { PrismaAssessmentStore } from './assessments/assessment.prisma-store.js';
import { AssessmentStore } from './assessments/assessment.store.js';
import { PrismaLockStore } from './models/lock.prisma-store.js';
import { LockStore } from './models/lock.store.js';
import { PrismaReleaseStore } from './releases/release.prisma-store.js';
import { ReleaseStore } from './releases/release.store.js';
import { PrismaSiteStore } from './sites/site.prisma-store.js';
import { SiteStore } from './sites/site.store.js';
import { PrismaStudyStore } from './studies/study.prisma-store.js';
import { StudyStore } from './studies/study.store.js';

/** Which store stands behind which port. */
@Module({
  providers: [
    { provide: StudyStore, useClass: PrismaStudyStore },
    { provide: SiteStore, useClass: PrismaSiteStore },
    { provide: ReleaseStore, useClass: PrismaReleaseStore },
    { provide: LockStore, useClass: PrismaLockStore },
    { provide: AssessmentStore, useClass: PrismaAssessmentStore },
  ],
  exports: [StudyStore, SiteStore, ReleaseStore, LockStore, AssessmentStore],
})
export class StoresModule {}
