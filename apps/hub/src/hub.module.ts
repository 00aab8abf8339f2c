import { Module, type DynamicModule } from '@nestjs/common';

import { AgentApiModule } from './agent-api/agent-api.module.js';
import { AssessmentsModule } from './assessments/assessments.module.js';
import { AuditResolver } from './audit/audit.resolver.js';
import { AuthModule } from './auth/auth.module.js';
import { BundlesModule } from './bundles/bundles.module.js';
import { graphqlModule } from './graphql/graphql.module.js';
import type { QueryGate } from './graphql/query-gate.js';
import { ModelsModule } from './models/models.module.js';
import { ObjectController } from './objects/object.controller.js';
import type { HubLog } from './observe/hub-log.js';
import type { Metrics } from './observe/metrics.js';
import { ObserveModule } from './observe/observe.module.js';
import { PlatformModule, type Platform } from './platform/platform.module.js';
import { ReviewsModule } from './reviews/reviews.module.js';
import { RunWorkerModule } from './runs/runs.module.js';
import { SitesModule } from './sites/sites.module.js';
import { StudiesModule } from './studies/studies.module.js';

export interface HubParts {
  readonly platform: Platform;
  readonly gate: QueryGate;
  readonly log: HubLog;
  readonly metrics: Metrics;
  /** Whether this process computes steps too. */
  readonly hasWorker: boolean;
}

/** The whole hub: GraphQL for people, the sites' API, objects, health. */
@Module({})
export class HubModule {
  static of({ platform, gate, log, metrics, hasWorker }: HubParts): DynamicModule {
    return {
      module: HubModule,
      imports: [
        PlatformModule.of(platform),
        ObserveModule.of(log, metrics),
        AuthModule,
        graphqlModule(gate, platform.settings.isProduction),
        StudiesModule,
        SitesModule,
        ModelsModule,
        AssessmentsModule,
        ReviewsModule,
        AgentApiModule,
        BundlesModule,
        ...(hasWorker ? [RunWorkerModule] : []),
      ],
      controllers: [ObjectController],
      providers: [AuditResolver],
    };
  }
}
