import { ApolloDriver, type ApolloDriverConfig } from '@nestjs/apollo';
import { GraphQLModule } from '@nestjs/graphql';
import type { DynamicModule } from '@nestjs/common';
import type { Request } from 'express';
import type { GraphQLSchema } from 'graphql';

import { AuthService } from '../auth/auth.service.js';
import { HubLog } from '../observe/hub-log.js';
import { Metrics } from '../observe/metrics.js';
import { makeContext } from './context.js';
import { errorFormatter } from './format-error.js';
import { NoSubscriptionRule, QUERY_LIMITS, complexityPlugin, type QueryGate } from './query-gate.js';

/** `/graphql`: code first; the committed `schema.graphql` is held against it by a test. */
export function graphqlModule(gate: QueryGate, isProduction: boolean): DynamicModule {
  return GraphQLModule.forRootAsync<ApolloDriverConfig>({
    driver: ApolloDriver,
    inject: [AuthService, HubLog, Metrics],
    useFactory: (auth: AuthService, log: HubLog, metrics: Metrics) => {
      let schema: GraphQLSchema | undefined;
      return {
        autoSchemaFile: true,
        sortSchema: true,
        playground: false,
        introspection: !isProduction,
        csrfPrevention: true,
        allowBatchedHttpRequests: false,
        includeStacktraceInErrorResponses: false,
        stopOnTerminationSignals: false,
        parseOptions: { maxTokens: QUERY_LIMITS.tokens },
        validationRules: [...gate.validationRules, NoSubscriptionRule],
        plugins: [
          ...gate.plugins,
          complexityPlugin(gate, () => schema as GraphQLSchema), // set before the first operation
          {
            serverWillStart: async (service) => {
              schema = service.schema;
            },
          },
        ],
        formatError: errorFormatter(log, metrics),
        context: async ({ req }: { req: Request }) => makeContext(await auth.principalOf(req.headers.authorization)),
      };
    },
  });
}
