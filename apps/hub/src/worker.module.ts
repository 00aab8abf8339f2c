import { Module, type DynamicModule } from '@nestjs/common';

import { PlatformModule, type Platform } from './platform/platform.module.js';
import { RunWorkerModule } from './runs/runs.module.js';

@Module({})
export class WorkerModule {
  static of(platform: Platform): DynamicModule {
    return { module: WorkerModule, imports: [PlatformModule.of(platform), RunWorkerModule] };
  }
}
