import { Global, Module, type DynamicModule } from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';

import { ErrorFilter } from '../errors/error.filter.js';
import { HubLog } from './hub-log.js';
import { Metrics } from './metrics.js';
import { ObserveController } from './observe.controller.js';

@Global()
@Module({})
export class ObserveModule {
  static of(log: HubLog, metrics: Metrics): DynamicModule {
    return {
      module: ObserveModule,
      controllers: [ObserveController],
      providers: [
        { provide: HubLog, useValue: log },
        { provide: Metrics, useValue: metrics },
        { provide: APP_FILTER, useClass: ErrorFilter },
      ],
      exports: [HubLog, Metrics],
    };
  }
}
