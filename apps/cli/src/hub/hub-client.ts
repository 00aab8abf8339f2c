import { HubError, HubUnreachableError, type GraphqlError, type HubRefusal } from './hub.errors.js';

const PATIENCE_MS = 30_000;

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
    const { status, body } = await this.send('/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: document, variables }),
    });
    const reply = jsonOf(body) as GraphqlReply<T> | HubRefusal | null;
    if (reply !== null && 'code' in reply && status < 500)
      throw HubError.from({ message: reply.what, extensions: reply });
    if (reply === null || 'code' in reply) throw this.notAHub(status);
    const [error] = reply.errors ?? [];
    if (error !== undefined) throw HubError.from(error);
    if (reply.data === undefined || reply.data === null) throw this.notAHub(status);
    return reply.data;
  }

  /** An object by its digest; whether its bytes fit that digest is for the caller to check. */
  async object(digest: string): Promise<Uint8Array> {
    return this.bytes(`/objects/${digest}`);
  }

  /** @throws {HubError | HubUnreachableError} as `query` */
  async bytes(path: string): Promise<Uint8Array> {
    const { status, body } = await this.send(path, {});
    if (status === 200) return body;
    const refusal = jsonOf(body) as Partial<HubRefusal> | null;
    if (refusal?.code !== undefined && status < 500) {
      throw HubError.from({ message: refusal.what ?? 'the hub refused', extensions: refusal });
    }
    throw this.notAHub(status);
  }

  /** Sends a request and takes the whole answer: one that breaks off is none. */
  private async send(path: string, init: RequestInit): Promise<{ status: number; body: Uint8Array }> {
    try {
      const response = await fetch(new URL(path, this.url), {
        ...init,
        headers: { ...(init.headers as Record<string, string>), authorization: `Bearer ${this.token}` },
        redirect: 'error', // a token is for this address only
        signal: AbortSignal.timeout(PATIENCE_MS),
      });
      return { status: response.status, body: new Uint8Array(await response.arrayBuffer()) };
    } catch (error) {
      throw new HubUnreachableError(
        `the hub does not answer (${reasonOf(error)})`,
        this.url,
        'Check the address, and that the hub runs; concord doctor looks at the way there.',
        { cause: error },
      );
    }
  }

  private notAHub(status: number): HubUnreachableError {
    return new HubUnreachableError(
      `what answers (status ${status}) is not a hub, or its database is away`,
      this.url,
      'Check the address; a proxy may answer in its place. Else look at the hub’s log.',
    );
  }
}

interface GraphqlReply<T> {
  readonly data?: T | null;
  readonly errors?: readonly GraphqlError[];
}

/** Null for anything that is no JSON object. */
function jsonOf(body: Uint8Array): object | null {
  try {
    const value: unknown = JSON.parse(Buffer.from(body).toString('utf8'));
    return typeof value === 'object' ? value : null;
  } catch {
    return null; // the page of a proxy, say: the caller tells
  }
}

/** The system's word for it: `fetch` hides it in the cause. */
function reasonOf(error: unknown): string {
  const { name, cause } = error as { name?: string; cause?: { code?: unknown } };
  if (name === 'TimeoutError') return `nothing came within ${PATIENCE_MS / 1000} s`;
  return typeof cause?.code === 'string' ? cause.code : 'the connection failed';
}
