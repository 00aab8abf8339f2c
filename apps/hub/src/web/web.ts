import type { NestExpressApplication } from '@nestjs/platform-express';
import type { NextFunction, Request, Response } from 'express';

import { AGENT_API } from '@concord/contracts';

/** The one API path below the page's own `/studies`: a client that accepts anything must not get the page. */
const BUNDLE_PATH = /^\/studies\/[^/]+\/bundle$/;
const API_PATHS = ['/graphql', '/events', '/objects', '/health', '/ready', '/metrics', AGENT_API];

/** The page loads nothing from elsewhere and can be framed by nobody; a report is shown in a frame of its own. */
const SECURITY_HEADERS = {
  'content-security-policy':
    "default-src 'self'; img-src 'self' data: blob:; style-src 'self' 'unsafe-inline'; frame-src 'self' blob:; " +
    "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
};

export function secureHeaders(_request: Request, response: Response, next: NextFunction): void {
  response.set(SECURITY_HEADERS);
  next();
}

/** Serves the built web page at every path that is not the API's. Call it before `app.init()`. */
export function serveWebPage(app: NestExpressApplication, webFolder: string): void {
  app.useStaticAssets(webFolder, {
    index: false,
    setHeaders: (response: Response, path: string) => {
      response.setHeader(
        'cache-control',
        path.includes('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache',
      );
    },
  });
  app.use((request: Request, response: Response, next: NextFunction) => {
    const isApi =
      BUNDLE_PATH.test(request.path) ||
      API_PATHS.some((path) => request.path === path || request.path.startsWith(`${path}/`));
    if (request.method !== 'GET' || isApi || !request.accepts('html')) next();
    else response.set('cache-control', 'no-cache').sendFile('index.html', { root: webFolder });
  });
}
