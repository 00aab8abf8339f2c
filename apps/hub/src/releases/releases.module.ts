import { Module } from '@nestjs/common';

import { RunsModule } from '../runs/runs.module.js';
import { StoresModule } from '../stores.module.js';
import { MessageReader } from './message.reader.js';
import { ReleaseRecords } from './release.records.js';
import { ReleasePorts, ReleaseService } from './release.service.js';
import { UploadStore } from './upload.store.js';

@Module({
  imports: [StoresModule, RunsModule],
  providers: [ReleaseRecords, ReleaseService, ReleasePorts, MessageReader, UploadStore],
  exports: [ReleaseService, UploadStore],
})
export class ReleasesModule {}
