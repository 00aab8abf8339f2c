import { sha256 } from './canonical.js';
import { ContractError } from './contract-errors.js';
import { isSignedBy, signBytes, type KeyPair } from './keys.js';

/** Who asks what: every request of an agent is signed by its site and counted, so that none can be replayed. */
export interface SignedRequest {
  readonly studyId: string;
  readonly site: string;
  /** Rises with every request; the hub refuses one it has seen or passed. */
  readonly counter: number;
  readonly method: string;
  /** Path and query, as sent. */
  readonly path: string;
  readonly body: Uint8Array;
}

export const REQUEST_HEADERS = {
  study: 'concord-study',
  site: 'concord-site',
  counter: 'concord-counter',
  signature: 'concord-signature',
} as const;

/** The hub's answer to an agent carries its signature over counter and body under this name. */
export const REPLY_SIGNATURE_HEADER = 'concord-hub-signature';

export function signRequest(request: SignedRequest, keys: KeyPair): Record<string, string> {
  return {
    [REQUEST_HEADERS.study]: request.studyId,
    [REQUEST_HEADERS.site]: request.site,
    [REQUEST_HEADERS.counter]: String(request.counter),
    [REQUEST_HEADERS.signature]: Buffer.from(signBytes(keys, requestBytes(request))).toString('base64url'),
  };
}

/** @throws {ContractError} SIGNATURE_INVALID; the counter is the caller's to check, in its transaction */
export function verifyRequest(request: SignedRequest, signature: string, siteKey: string): void {
  if (!isSignedBy(siteKey, requestBytes(request), Buffer.from(signature, 'base64url'))) {
    throw new ContractError(
      'SIGNATURE_INVALID',
      `the request is not signed by site ${request.site}`,
      `${request.method} ${request.path}`,
      'Send it from the agent that joined as this site.',
    );
  }
}

export function signReply(counter: number, body: Uint8Array, hubKeys: KeyPair): string {
  return Buffer.from(signBytes(hubKeys, replyBytes(counter, body))).toString('base64url');
}

export function isReplySigned(counter: number, body: Uint8Array, signature: string, hubKey: string): boolean {
  return isSignedBy(hubKey, replyBytes(counter, body), Buffer.from(signature, 'base64url'));
}

function requestBytes(request: SignedRequest): Uint8Array {
  const { studyId, site, counter, method, path, body } = request;
  return Buffer.from(['concord-request/1', studyId, site, counter, method, path, sha256(body)].join('\n'));
}

function replyBytes(counter: number, body: Uint8Array): Uint8Array {
  return Buffer.from(['concord-reply/1', counter, sha256(body)].join('\n'));
}
