import { Injectable } from '@nestjs/common';

import { Metrics } from '../observe/metrics.js';
import { ReleaseService } from '../releases/release.service.js';
import { UploadStore } from '../releases/upload.store.js';

/** Where an agent's messages go. */
@Injectable()
export class AgentMessages {
  constructor(
    readonly releases: ReleaseService,
    readonly uploads: UploadStore,
    readonly metrics: Metrics,
  ) {}
}
