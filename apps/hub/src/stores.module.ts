import { Module } from '@nestjs/common';

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
  ],
  exports: [StudyStore, SiteStore, ReleaseStore],
})
export class StoresModule {}
