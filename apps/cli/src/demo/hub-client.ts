import { HubError, HubUnreachableError, type GraphqlError } from './demo.errors.js';

/** The public API of a hub as a coordinator or reviewer sees it: GraphQL, and objects by their digest. */
export class HubClient {
  constructor(
    readonly url: string,
    private readonly token: string,
  ) {}

  /**
   * @throws {HubError} with the hub's own code, what, where and fix
   * @throws {HubUnreachableError} if it does not answer
   */
  async query<T>(document: string, variables: Record<string, unknown> = {}): Promise<T> {
    const response = await this.send('/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: document, variables }),
    });
    const reply = JSON.parse(Buffer.from(response.body).toString('utf8')) as GraphqlReply<T>;
    const [error] = reply.errors ?? [];
    if (error !== undefined) throw HubError.from(error);
    if (reply.data === undefined || reply.data === null) {
      throw new HubUnreachableError(`it answered ${response.status} without data`, this.url, 'Look at the hub’s log.');
    }
    return reply.data;
  }

  async object(digest: string): Promise<Uint8Array> {
    return this.bytes(`/objects/${digest}`);
  }

  async bytes(path: string): Promise<Uint8Array> {
    const response = await this.send(path, {});
    if (response.status !== 200) {
      throw new HubUnreachableError(`it answered ${response.status}`, path, 'Look at the hub’s log.');
    }
    return response.body;
  }

  /** Sends a request and takes the whole answer: one that breaks off is none. */
  private async send(path: string, init: RequestInit): Promise<{ status: number; body: Uint8Array }> {
    try {
      const response = await fetch(new URL(path, this.url), {
        ...init,
        headers: { ...(init.headers as Record<string, string>), authorization: `Bearer ${this.token}` },
        signal: AbortSignal.timeout(30_000),
      });
      return { status: response.status, body: new Uint8Array(await response.arrayBuffer()) };
    } catch (error) {
      throw new HubUnreachableError('the hub does not answer', this.url, 'Check the address, and that it runs.', {
        cause: error,
      });
    }
  }
}

interface GraphqlReply<T> {
  readonly data?: T | null;
  readonly errors?: readonly GraphqlError[];
}
