import { unwrapResolverError } from '@apollo/server/errors';
import { GraphQLError, type GraphQLFormattedError } from 'graphql';

import { errorReply } from '../errors/error-reply.js';
import type { HubLog } from '../observe/hub-log.js';
import type { Metrics } from '../observe/metrics.js';

/** Codes that Apollo, the parser and armor give to operations they refuse. */
const REFUSED = new Set([
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'BAD_USER_INPUT',
  'BAD_REQUEST',
  'OPERATION_RESOLUTION_FAILURE',
  'PERSISTED_QUERY_NOT_FOUND',
  'PERSISTED_QUERY_NOT_SUPPORTED',
  'QUERY_REFUSED',
]);

/** The one place where an error of GraphQL becomes a reply: code and what, where, fix in `extensions`. */
export function errorFormatter(log: HubLog, metrics: Metrics) {
  return (formatted: GraphQLFormattedError, error: unknown): GraphQLFormattedError => {
    const { message, locations, path } = formatted;
    const original = unwrapResolverError(error);
    const code = formatted.extensions?.['code'];
    const position = { ...(locations ? { locations } : {}), ...(path ? { path } : {}) };
    const isRefused = (typeof code === 'string' && REFUSED.has(code)) || isOfValidation(original);
    if (isRefused) {
      const named = typeof code === 'string' && REFUSED.has(code) ? code : 'GRAPHQL_VALIDATION_FAILED';
      metrics.count('concord_refused_total', { code: named });
      const fix = formatted.extensions?.['fix'] ?? 'Mend the query; the schema is in apps/hub/schema.graphql.';
      return { message, ...position, extensions: { code: named, what: message, where: 'query', fix } };
    }
    const { body, isInternal } = errorReply(original);
    if (isInternal) log.failure('graphql.failed', original);
    metrics.count('concord_refused_total', { code: body.code });
    return { message: body.what, ...position, extensions: { ...body } };
  };
}

/** Outside Apollo, at /events, an operation that does not fit the schema has no code. */
function isOfValidation(error: unknown): boolean {
  return error instanceof GraphQLError && error.originalError === undefined && error.path === undefined;
}
