import { Module } from '@nestjs/common';

import { RunsModule } from '../runs/runs.module.js';
import { StoresModule } from '../stores.module.js';
import { StudyChanges } from './study.changes.js';
import { StudyResolver } from './study.resolver.js';
import { StudyService } from './study.service.js';

@Module({
  imports: [StoresModule, RunsModule],
  providers: [StudyService, StudyChanges, StudyResolver],
  exports: [StudyService],
})
export class StudiesModule {}
