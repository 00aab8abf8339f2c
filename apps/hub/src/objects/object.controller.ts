import { Controller, Get, Param, Res } from '@nestjs/common';
import type { Response } from 'express';

import { isDigest } from '@concord/contracts';

import { RequireRole } from '../auth/role.guard.js';
import { HubError } from '../errors/hub-error.js';
import { ObjectStore } from './object.store.js';

/** Tables, models and reports, by digest, for people. */
@Controller('objects')
export class ObjectController {
  constructor(private readonly objects: ObjectStore) {}

  @Get(':digest')
  @RequireRole('coordinator', 'reviewer')
  async read(@Param('digest') digest: string, @Res() response: Response): Promise<void> {
    if (!isDigest(digest)) {
      throw new HubError('INPUT_INVALID', 'this is no SHA-256', 'path', 'Name the object by 64 hexadecimal digits.');
    }
    const bytes = await this.objects.get(digest); // whole, because nothing is sent before its digest is verified
    response.setHeader('cache-control', 'private, max-age=31536000, immutable');
    response.setHeader('etag', `"${digest}"`);
    response.setHeader('content-disposition', 'attachment');
    response.type('application/octet-stream').end(bytes);
  }
}
