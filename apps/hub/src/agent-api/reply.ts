import type { Response } from 'express';

import { REPLY_SIGNATURE_HEADER, signReply, type KeyPair } from '@concord/contracts';

/** Notes that a site's request was believed: from here on every answer to it is signed. */
export function believe(response: Response, counter: number): void {
  response.locals['agentCounter'] = counter;
}

/** Answers with JSON; signed over the request's counter if the request was believed. */
export function sendSigned(response: Response, status: number, body: unknown, hubKeys: KeyPair): void {
  const bytes = Buffer.from(JSON.stringify(body), 'utf8');
  const counter: unknown = response.locals['agentCounter'];
  if (typeof counter === 'number') response.setHeader(REPLY_SIGNATURE_HEADER, signReply(counter, bytes, hubKeys));
  response.status(status).type('application/json').setHeader('cache-control', 'no-store').end(bytes);
}
