import { existsSync, readFileSync } from 'node:fs';
import { Agent as HttpAgent, request as httpRequest } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { rootCertificates, type PeerCertificate, type TLSSocket } from 'node:tls';

import type { RemoteSettings } from './settings.js';

const PATIENCE_MS = 10_000;
const REPLY_LIMIT_BYTES = 1 << 20;

export interface Answer {
  readonly status: number;
  readonly body: string;
  readonly date: Date | null;
  /** Null over plain HTTP. */
  readonly certificate: SeenCertificate | null;
}

/** The certificate that came with an answer, trusted or not. */
export interface SeenCertificate {
  readonly issuer: string;
  readonly validTo: Date;
  /** Why it is not trusted (`SELF_SIGNED_CERT_IN_CHAIN`), or null. */
  readonly distrust: string | null;
}

/**
 * Sends one request the way an agent does: by the proxy if one is set, trusting the public authorities and the site's
 * own. The certificate is reported, not judged, so that a proxy that opens TLS can be named; nothing secret is sent.
 *
 * @throws the system's error (`ECONNREFUSED`, `ENOTFOUND`, `TIMEOUT`)
 */
export function ask(remote: RemoteSettings, url: URL, body: Uint8Array | null = null): Promise<Answer> {
  const isSecure = url.protocol === 'https:';
  const options = { keepAlive: false, ...proxyOptions(remote) };
  const agent = isSecure
    ? new HttpsAgent({ ...options, ca: authoritiesOf(remote.caFile), rejectUnauthorized: false })
    : new HttpAgent(options);
  const send = isSecure ? httpsRequest : httpRequest;
  const headers = body === null ? {} : { 'content-length': String(body.length), 'content-type': 'application/json' };
  return new Promise((resolve, reject) => {
    const request = send(url, { method: body === null ? 'GET' : 'POST', agent, headers }, (reply) => {
      const chunks: Buffer[] = [];
      let byteCount = 0;
      reply.on('data', (chunk: Buffer) => {
        byteCount += chunk.length;
        if (byteCount > REPLY_LIMIT_BYTES) request.destroy(new Error('the answer is too long'));
        else chunks.push(chunk);
      });
      reply.on('error', reject);
      reply.on('end', () => {
        const date = Date.parse(reply.headers.date ?? '');
        resolve({
          status: reply.statusCode ?? 0,
          body: Buffer.concat(chunks).toString('utf8'),
          date: Number.isNaN(date) ? null : new Date(date),
          certificate: isSecure ? certificateOf(reply.socket as TLSSocket) : null,
        });
      });
    });
    request.setTimeout(PATIENCE_MS, () => request.destroy(Object.assign(new Error('no answer'), { code: 'TIMEOUT' })));
    request.on('error', reject);
    request.end(body ?? undefined);
  });
}

function certificateOf(socket: TLSSocket): SeenCertificate {
  const certificate: Partial<PeerCertificate> = socket.getPeerCertificate();
  const { O: organisation, CN: name } = certificate.issuer ?? {};
  return {
    issuer: [organisation, name].flat().filter(Boolean).join(', ') || 'unknown',
    validTo: new Date(certificate.valid_to ?? 0),
    distrust: socket.authorized ? null : String(socket.authorizationError),
  };
}

/** Null where no proxy is used for this address. */
export function proxyFor(remote: RemoteSettings, url: URL): string | null {
  const bypass = (remote.noProxy ?? '127.0.0.1,localhost').split(',').map((name) => name.trim().replace(/^\./, ''));
  const isBypassed = bypass.some(
    (name) => name !== '' && (name === '*' || url.hostname === name || url.hostname.endsWith(`.${name}`)),
  );
  return isBypassed ? null : remote.proxyUrl;
}

function proxyOptions({ proxyUrl, noProxy }: RemoteSettings): object {
  if (proxyUrl === null) return {};
  return { proxyEnv: { HTTPS_PROXY: proxyUrl, HTTP_PROXY: proxyUrl, NO_PROXY: noProxy ?? '127.0.0.1,localhost' } };
}

/** A file that is not there is told by the check of authorities: here it must not look as if the hub were away. */
function authoritiesOf(caFile: string | null): string[] | undefined {
  if (caFile === null || !existsSync(caFile)) return undefined;
  return [...rootCertificates, readFileSync(caFile, 'utf8')];
}
