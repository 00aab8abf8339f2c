import { Global, Module, type DynamicModule } from '@nestjs/common';

import { AuditService } from '../audit/audit.service.js';
import { Clock } from '../clock.js';
import { Database } from '../database/database.js';
import { ObjectStore } from '../objects/object.store.js';
import type { HubKeys } from '../auth/hub-keys.js';
import { HubSecrets } from '../auth/hub-keys.js';
import { HubSettings } from './hub-settings.js';

/** What every module may inject; opened before Nest starts and closed after it ended. */
export interface Platform {
  readonly settings: HubSettings;
  readonly database: Database;
  readonly objects: ObjectStore;
  readonly clock: Clock;
  readonly keys: HubKeys;
}

@Global()
@Module({})
export class PlatformModule {
  static of({ settings, database, objects, clock, keys }: Platform): DynamicModule {
    return {
      module: PlatformModule,
      providers: [
        { provide: HubSettings, useValue: settings },
        { provide: Database, useValue: database },
        { provide: ObjectStore, useValue: objects },
        { provide: Clock, useValue: clock },
        { provide: HubSecrets, useValue: new HubSecrets(keys) },
        AuditService,
      ],
      exports: [HubSettings, Database, ObjectStore, Clock, HubSecrets, AuditService],
    };
  }
}
