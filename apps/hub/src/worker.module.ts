import { Module, type DynamicModule } from '@nestjs/common';

import { HubLog } from './observe/hub-log.js';
import { PlatformModule, type Platform } from './platform/platform.module.js';
import { RunWorkerModule } from './runs/runs.module.js';

@Module({})
export class WorkerModule {
  static of(platform: Platform, log: HubLog): DynamicModule {
    return {
      module: WorkerModule,
      global: true, // the engine logs
      imports: [PlatformModule.of(platform), RunWorkerModule],
      providers: [{ provide: HubLog, useValue: log }],
      exports: [HubLog],
    };
  }
}
