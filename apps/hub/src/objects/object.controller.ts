import { Controller, Get, HttpCode, Param, Put, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';

import { isDigest } from '@concord/contracts';

import { RequireRole } from '../auth/role.guard.js';
import { HubError } from '../errors/hub-error.js';
import { ObjectStore } from './object.store.js';

const ATTACHMENT_LIMIT_BYTES = 50 * 1024 * 1024;

/** Tables, models and reports, by digest, for people; and the documents that people attach to their statements. */
@Controller('objects')
export class ObjectController {
  constructor(private readonly objects: ObjectStore) {}

  @Get(':digest')
  @RequireRole('coordinator', 'reviewer')
  async read(@Param('digest') digest: string, @Res() response: Response): Promise<void> {
    requireDigest(digest);
    const bytes = await this.objects.get(digest); // whole, because nothing is sent before its digest is verified
    response.setHeader('cache-control', 'private, max-age=31536000, immutable');
    response.setHeader('etag', `"${digest}"`);
    response.setHeader('content-disposition', 'attachment');
    response.type('application/octet-stream').end(bytes);
  }

  /** Takes in a document whole or not at all; it is of no use before a statement names it. */
  @Put(':digest')
  @HttpCode(204)
  @RequireRole('coordinator')
  async write(@Param('digest') digest: string, @Req() request: Request): Promise<void> {
    requireDigest(digest);
    const byteCount = Number(request.headers['content-length'] ?? NaN);
    if (!(byteCount > 0 && byteCount <= ATTACHMENT_LIMIT_BYTES)) {
      const what = 'the document is empty, larger than 50 MB, or of no stated length';
      throw new HubError('INPUT_INVALID', what, 'content-length', 'Send one file of 50 MB at most, with its length.');
    }
    await this.objects.putStream(digest, byteCount, request);
  }
}

function requireDigest(digest: string): void {
  if (isDigest(digest)) return;
  throw new HubError('INPUT_INVALID', 'this is no SHA-256', 'path', 'Name the object by 64 hexadecimal digits.');
}
