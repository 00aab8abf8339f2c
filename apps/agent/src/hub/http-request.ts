import { readFileSync } from 'node:fs';
import { Agent as HttpAgent, request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { rootCertificates } from 'node:tls';

import { AgentError } from '../agent-errors.js';

/** How a site reaches the outside. */
export interface NetworkSettings {
  readonly proxyUrl: string | null;
  readonly noProxy: string | null;
  /** PEM file of authorities to trust beside the public ones, for a proxy that opens TLS. */
  readonly caFile: string | null;
  /** The only time limit: so long without a byte either way. */
  readonly idleTimeoutMs: number;
}

export interface HttpReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

/** No answer came. `hasConnected` is false where it is certain that no byte of the body left. */
export class NoAnswerError extends Error {
  constructor(
    readonly reason: string,
    readonly hasConnected: boolean,
    options?: ErrorOptions,
  ) {
    super(reason, options);
  }
}

const REPLY_LIMIT_BYTES = 32 << 20;

/** Sends one request and reads the whole reply. @throws {NoAnswerError} */
export type SendHttp = (
  url: URL,
  method: string,
  headers: Readonly<Record<string, string>>,
  body: Uint8Array,
) => Promise<HttpReply>;

/**
 * HTTP, a connection for each request (a kept one that the other end has closed makes it unclear whether bytes left),
 * through the proxy if one is set.
 *
 * @throws {AgentError} CONFIG_INVALID if a proxy is set that this Node cannot use; FILE_NOT_READABLE for the CA file
 */
export function httpSender(settings: NetworkSettings): { send: SendHttp; close: () => void } {
  const options = { keepAlive: false, ...proxyOptions(settings) };
  const plain = new HttpAgent(options);
  const secure = new HttpsAgent({ ...options, ...caOptions(settings.caFile) });
  return {
    send: (url, method, headers, body) => {
      const isSecure = url.protocol === 'https:';
      const request = isSecure ? httpsRequest : httpRequest;
      const length = body.length > 0 || method !== 'GET' ? { 'content-length': String(body.length) } : {};
      return exchange(
        (take) => request(url, { method, headers: { ...headers, ...length }, agent: isSecure ? secure : plain }, take),
        body,
        settings.idleTimeoutMs,
      );
    },
    close: () => {
      plain.destroy();
      secure.destroy();
    },
  };
}

function exchange(
  open: (take: (reply: IncomingMessage) => void) => ReturnType<typeof httpRequest>,
  body: Uint8Array,
  idleTimeoutMs: number,
): Promise<HttpReply> {
  return new Promise((resolve, reject) => {
    let hasConnected = false;
    const fail = (reason: string, cause?: unknown): void => reject(new NoAnswerError(reason, hasConnected, { cause }));
    const request = open((reply) => {
      const chunks: Buffer[] = [];
      let byteCount = 0;
      reply.on('data', (chunk: Buffer) => {
        byteCount += chunk.length;
        if (byteCount > REPLY_LIMIT_BYTES) request.destroy(new Error('REPLY_TOO_LARGE'));
        else chunks.push(chunk);
      });
      reply.on('end', () => {
        if (reply.complete)
          resolve({ status: reply.statusCode ?? 0, headers: reply.headers, body: Buffer.concat(chunks) });
        else fail('the answer was cut off');
      });
      reply.on('error', (error) => fail('the answer was cut off', error));
    });
    request.on('socket', (socket) => {
      if (!socket.connecting) hasConnected = true;
      else socket.once('connect', () => (hasConnected = true));
    });
    request.setTimeout(idleTimeoutMs, () => request.destroy(new Error('IDLE')));
    request.on('error', (error: NodeJS.ErrnoException) => fail(error.code ?? error.message, error));
    request.end(body);
  });
}

function proxyOptions({ proxyUrl, noProxy }: NetworkSettings): object {
  if (proxyUrl === null) return {};
  // Node would pass over an address it cannot read and go round the proxy without a word.
  if (!/^https?:\/\/[^/]+/.test(proxyUrl) || !URL.canParse(proxyUrl)) {
    throw new AgentError(
      'CONFIG_INVALID',
      'the address of the proxy does not begin with http:// or https://',
      'HTTPS_PROXY',
      'Write it whole, such as http://proxy.example:3128.',
    );
  }
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < 24 || (major === 24 && minor < 5)) {
    throw new AgentError(
      'CONFIG_INVALID',
      `a proxy is set, and Node ${process.versions.node} cannot use one`,
      'HTTPS_PROXY',
      'Start the agent by the installed Node 24 (npx concord agent), or unset the proxy.',
    );
  }
  const proxyEnv = { HTTPS_PROXY: proxyUrl, HTTP_PROXY: proxyUrl, NO_PROXY: noProxy ?? '127.0.0.1,localhost' };
  return { proxyEnv } satisfies RequestOptions | { proxyEnv: object };
}

function caOptions(caFile: string | null): { ca?: string[] } {
  if (caFile === null) return {};
  try {
    return { ca: [...rootCertificates, readFileSync(caFile, 'utf8')] };
  } catch (error) {
    throw new AgentError(
      'FILE_NOT_READABLE',
      'the file of certificates cannot be read',
      caFile,
      'Check path and rights.',
      {
        cause: error,
      },
    );
  }
}
