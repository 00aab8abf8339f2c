import 'reflect-metadata';

import { NestFactory } from '@nestjs/core';
import { GraphQLSchemaHost } from '@nestjs/graphql';
import type { NestExpressApplication } from '@nestjs/platform-express';
import express, { type NextFunction, type Request, type RequestHandler, type Response } from 'express';

import { AGENT_API, UPLOAD_CHUNK_BYTES } from '@concord/contracts';

import { AuthService } from './auth/auth.service.js';
import { errorReply } from './errors/error-reply.js';
import { eventsHandler } from './graphql/events.js';
import { errorFormatter } from './graphql/format-error.js';
import { queryGate } from './graphql/query-gate.js';
import { HubModule } from './hub.module.js';
import { HubLog } from './observe/hub-log.js';
import { Metrics } from './observe/metrics.js';
import { requestLog } from './observe/request-log.js';
import type { Platform } from './platform/platform.module.js';
import { secureHeaders, serveWebPage } from './web/web.js';

const QUERY_LIMIT_BYTES = 2 * 1024 * 1024;

/** Builds the application on an open platform; the caller listens, and closes the platform after it. */
export async function createHub(platform: Platform, log: HubLog, hasWorker: boolean): Promise<NestExpressApplication> {
  const { isProduction, webFolder } = platform.settings;
  const metrics = new Metrics();
  const gate = queryGate(isProduction);
  const parts = { platform, gate, log, metrics, hasWorker };
  const app = await NestFactory.create<NestExpressApplication>(HubModule.of(parts), {
    bodyParser: false,
    logger: log,
    forceCloseConnections: true, // event streams stay open by themselves
  });
  app.disable('x-powered-by');
  app.use(
    requestLog(log, metrics, () => platform.clock.now()),
    secureHeaders,
  );
  app.use(AGENT_API, express.raw({ type: () => true, limit: UPLOAD_CHUNK_BYTES + 1024, inflate: false }));
  app.use(['/graphql', '/events'], express.json({ limit: QUERY_LIMIT_BYTES }));
  let events: RequestHandler | undefined;
  app.use('/events', (request: Request, response: Response, next: NextFunction) =>
    events ? events(request, response, next) : next(),
  );
  if (webFolder !== null) serveWebPage(app, webFolder);
  // Errors of the parsers above; those of Nest's routes end in its filter.
  app.use((error: unknown, _request: Request, response: Response, next: NextFunction) => {
    if (response.headersSent) return next(error);
    const { status, body, isInternal } = errorReply(error);
    if (isInternal) log.failure('request.failed', error);
    response.status(status).json(body);
  });
  await app.init(); // the schema exists only now
  events = eventsHandler({
    schema: app.get(GraphQLSchemaHost).schema,
    gate,
    auth: app.get(AuthService),
    formatError: errorFormatter(log, metrics),
  });
  return app;
}
