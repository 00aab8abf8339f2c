import type { NextFunction, Request, Response } from 'express';

import { AGENT_API } from '@concord/contracts';

import type { HubLog } from './hub-log.js';
import type { Metrics } from './metrics.js';

/** Counts and logs every request by method, path and status: no query, no header, no body. */
export function requestLog(log: HubLog, metrics: Metrics, now: () => Date) {
  return (request: Request, response: Response, next: NextFunction): void => {
    const started = now().getTime();
    const { method, path } = request;
    response.on('close', () => {
      const status = response.statusCode;
      metrics.count('concord_requests_total', { surface: surfaceOf(path), status: `${Math.floor(status / 100)}xx` });
      const ms = now().getTime() - started;
      if (status >= 400 || path.startsWith(AGENT_API)) log.info('request', { method, path, status, ms });
    });
    next();
  };
}

function surfaceOf(path: string): string {
  if (path.startsWith(AGENT_API)) return 'agent';
  const [first] = path.slice(1).split('/');
  return ['graphql', 'events', 'objects', 'health', 'ready', 'metrics'].includes(first) ? first : 'web';
}
