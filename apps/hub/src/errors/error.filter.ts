import { Catch, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { Response } from 'express';

import { sendSigned } from '../agent-api/reply.js';
import { HubSecrets } from '../auth/hub-keys.js';
import { HubLog } from '../observe/hub-log.js';
import { Metrics } from '../observe/metrics.js';
import { errorReply } from './error-reply.js';

/** Every error of a route ends here; those of resolvers pass on to `format-error.ts`. */
@Catch()
export class ErrorFilter implements ExceptionFilter {
  constructor(
    private readonly log: HubLog,
    private readonly metrics: Metrics,
    private readonly secrets: HubSecrets,
  ) {}

  catch(error: unknown, host: ArgumentsHost): unknown {
    if (host.getType<string>() === 'graphql') return error;
    const { status, body, isInternal } = errorReply(error);
    if (isInternal) this.log.failure('request.failed', error);
    this.metrics.count('concord_refused_total', { code: body.code });
    const response = host.switchToHttp().getResponse<Response>();
    if (response.headersSent) response.destroy();
    else sendSigned(response, status, body, this.secrets.keys.sign);
    return undefined;
  }
}
