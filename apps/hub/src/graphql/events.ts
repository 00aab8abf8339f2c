import type { NextFunction, Request, RequestHandler, Response } from 'express';
import { GraphQLError, parse, specifiedRules, validate, type GraphQLFormattedError, type GraphQLSchema } from 'graphql';
import type { Response as EventsResponse } from 'graphql-sse';
import { createHandler } from 'graphql-sse/lib/use/express';

import type { AuthService } from '../auth/auth.service.js';
import { makeContext, type HubContext } from './context.js';
import { QUERY_LIMITS, isSubscription, refused, type QueryGate } from './query-gate.js';

export interface EventsOptions {
  readonly schema: GraphQLSchema;
  readonly gate: QueryGate;
  readonly auth: AuthService;
  readonly formatError: (formatted: GraphQLFormattedError, error: unknown) => GraphQLFormattedError;
}

/** Subscriptions as server-sent events, one operation a connection, under the limits of `/graphql`. */
export function eventsHandler({ schema, gate, auth, formatError }: EventsOptions): RequestHandler {
  const format = (error: GraphQLError) => formatError(error.toJSON(), error);
  const handler = createHandler<HubContext>({
    schema,
    authenticate: () => null, // no "single connection mode", whose reservations need no token
    onSubscribe: async (request, { query, variables, operationName }) => {
      try {
        const document = parse(query, { maxTokens: QUERY_LIMITS.tokens });
        if (!isSubscription(document)) throw refused('only subscriptions are served here; send others to /graphql');
        const problems = validate(schema, document, [...specifiedRules, ...gate.validationRules]);
        if (problems.length > 0) throw problems[0];
        const name = operationName ?? undefined;
        gate.checkComplexity({ schema, document, variables: variables ?? {}, operationName: name });
        const contextValue = makeContext(await auth.principalOf(request.raw.headers.authorization));
        return { schema, document, variableValues: variables, operationName, contextValue };
      } catch (error) {
        if (error instanceof GraphQLError) return refusal(format(error));
        throw error;
      }
    },
    onNext: (_context, _request, result) =>
      result.errors === undefined
        ? undefined
        : ({ ...result, errors: result.errors.map(format) } as unknown as typeof result),
  });
  return (request: Request, response: Response, next: NextFunction) => {
    handler(request, response).catch(next);
  };
}

function refusal(error: GraphQLFormattedError): EventsResponse {
  const headers = { 'content-type': 'application/json' };
  return [JSON.stringify({ errors: [error] }), { status: 400, statusText: 'Bad Request', headers }];
}
