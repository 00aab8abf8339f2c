import { Injectable } from '@nestjs/common';
import type { Request, Response } from 'express';

import { ContractError, REQUEST_HEADERS, verifyRequest } from '@concord/contracts';

import { Clock } from '../clock.js';
import { Database } from '../database/database.js';
import { siteUnknown } from '../sites/site-errors.js';
import type { SiteKey } from '../sites/site.js';
import { SiteStore } from '../sites/site.store.js';
import { believe } from './reply.js';

/** Decides whether a request is a site's, and new. */
@Injectable()
export class RequestGate {
  constructor(
    private readonly database: Database,
    private readonly sites: SiteStore,
    private readonly clock: Clock,
  ) {}

  /**
   * The counter passes on its own, before anything else is done: a request that is refused later cannot be replayed
   * when it would be welcome.
   *
   * @throws {ContractError} SITE_UNKNOWN, SIGNATURE_INVALID, REQUEST_REPLAYED
   */
  async admit(request: Request, response: Response): Promise<SiteKey> {
    const { method, originalUrl: path } = request;
    const header = (name: string) => request.header(name) ?? '';
    const key = { studyId: header(REQUEST_HEADERS.study), code: header(REQUEST_HEADERS.site) };
    const counter = Number(header(REQUEST_HEADERS.counter));
    const where = `${method} ${request.path}`;
    if (!Number.isSafeInteger(counter) || counter < 1) {
      throw new ContractError('SIGNATURE_INVALID', 'the request is not signed', where, 'Send it by the agent.');
    }
    const site = await this.sites.find(this.database.client, key);
    if (site === null || site.signKey === null) throw siteUnknown(key);
    const body = bodyOf(request);
    const signature = header(REQUEST_HEADERS.signature);
    verifyRequest({ studyId: key.studyId, site: key.code, counter, method, path, body }, signature, site.signKey);
    if (!(await this.sites.passCounter(this.database.client, key, counter, this.clock.now()))) {
      throw new ContractError(
        'REQUEST_REPLAYED',
        'a request with this counter, or a higher one, was seen',
        where,
        'Send every request once, each with the next counter; two agents of one site cannot work at the same time.',
      );
    }
    believe(response, counter);
    return key;
  }
}

/** The body as it came; empty if there was none. */
export function bodyOf(request: Request): Uint8Array {
  const body: unknown = request.body;
  return Buffer.isBuffer(body) ? body : Buffer.alloc(0);
}
