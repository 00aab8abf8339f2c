import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

export type RequestKind = 'join' | 'poll' | 'status' | 'certificate' | 'chunk' | 'message';

/** One request of an agent, as it came over the wire. */
export interface RecordedRequest {
  readonly kind: RequestKind;
  /** As the agent names it; null for a join, which has no name yet. */
  readonly site: string | null;
  readonly path: string;
  /** Names and values, alternating. */
  readonly headers: readonly string[];
  readonly body: Buffer;
}

/**
 * Stands between the agents and the hub, as a firewall that keeps a copy of all that passes outwards.
 *
 * @see RecordedRequest
 */
export class RecordingProxy {
  readonly requests: RecordedRequest[] = [];
  private target = new URL('http://127.0.0.1');
  private readonly server = createServer((request, response) => void this.pass(request, response));

  /** @param losesAnswer whether the hub's answer to a request is to be lost on its way back */
  constructor(private readonly losesAnswer: (request: RecordedRequest) => boolean = () => false) {}

  /** @returns the address that the agents are to call */
  async start(hubUrl: string): Promise<string> {
    this.target = new URL(hubUrl);
    await new Promise<void>((done) => this.server.listen(0, '127.0.0.1', done));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((done) => this.server.close(done));
  }

  /** The bodies of a message's chunks, put together; empty if there was none. */
  message(digest: string): Buffer {
    const chunks = this.requests.filter(({ kind, path }) => kind === 'chunk' && path.includes(`/uploads/${digest}?`));
    return Buffer.concat(chunks.map(({ body }) => body));
  }

  private async pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await buffer(request);
    const recorded = recordOf(request, body);
    this.requests.push(recorded);
    const { method, url, rawHeaders: headers } = request;
    const onward = httpRequest(new URL(url ?? '/', this.target), { method, headers, agent: false }, (reply) => {
      if (this.losesAnswer(recorded)) {
        reply.resume();
        reply.once('end', () => response.destroy());
        return;
      }
      response.writeHead(reply.statusCode ?? 502, reply.rawHeaders);
      reply.pipe(response);
      reply.once('error', () => response.destroy());
    });
    onward.once('error', () => response.destroy()); // the hub is away: to the agent the line breaks
    onward.end(body);
  }
}

function recordOf(request: IncomingMessage, body: Buffer): RecordedRequest {
  const { method = '', url: path = '', rawHeaders: headers } = request;
  const site = request.headers['concord-site'];
  return { kind: kindOf(method, path), site: typeof site === 'string' ? site : null, path, headers, body };
}

function kindOf(method: string, path: string): RequestKind {
  if (method === 'GET') return 'poll';
  if (method === 'PUT' && path.startsWith('/agent/v1/uploads/')) return 'chunk';
  if (method === 'POST' && path === '/agent/v1/join') return 'join';
  if (method === 'POST' && path === '/agent/v1/status') return 'status';
  if (method === 'POST' && path === '/agent/v1/certificate') return 'certificate';
  if (method === 'POST' && path.startsWith('/agent/v1/messages/')) return 'message';
  throw new Error(`an agent asked for something that is not of its API: ${method} ${path}`);
}
