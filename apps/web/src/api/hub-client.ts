import { HubProblem } from './hub-problem.js';

interface GraphqlReply<T> {
  readonly data?: T | null;
  readonly errors?: readonly { readonly extensions?: unknown }[];
}

/** The hub's API with one person's token. Objects never change, so that one that was read is kept. */
export class HubClient {
  private readonly known = new Map<string, Promise<unknown>>();

  constructor(private readonly token: string) {}

  /** @throws {HubProblem} with the hub's own code, or HUB_UNREACHABLE */
  async query<T>(document: string, variables: Record<string, unknown>, signal?: AbortSignal): Promise<T> {
    const response = await this.send('/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json' },
      body: JSON.stringify({ query: document, variables }),
      signal,
    });
    const reply = (await readJson(response, '/graphql')) as GraphqlReply<T>;
    const [error] = reply.errors ?? [];
    if (error !== undefined) throw HubProblem.from(error.extensions, '/graphql');
    if (!reply.data) throw HubProblem.from(reply, '/graphql');
    return reply.data;
  }

  /** A stored object that is JSON, by its digest; read once. */
  async json<T>(digest: string): Promise<T> {
    return this.remember(digest, async () => JSON.parse(await (await this.object(digest)).text()) as T);
  }

  /** Reads once what never changes under its key; a failure is not kept. */
  async remember<T>(key: string, read: () => Promise<T>): Promise<T> {
    const known = this.known.get(key) ?? read();
    this.known.set(key, known);
    known.catch(() => this.known.delete(key));
    return known as Promise<T>;
  }

  async object(digest: string): Promise<Blob> {
    return this.file(`/objects/${digest}`, '*/*');
  }

  /** @param accept what is asked for; the hub answers some addresses by a page when asked for one */
  async file(path: string, accept: string): Promise<Blob> {
    const response = await this.send(path, { headers: { accept } });
    if (!response.ok) throw HubProblem.from(await readJson(response, path), path);
    return response.blob();
  }

  /** Opens the stream of events of a subscription. */
  async events(document: string, variables: Record<string, unknown>, signal: AbortSignal): Promise<Response> {
    const response = await this.send('/events', {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
      body: JSON.stringify({ query: document, variables }),
      signal,
    });
    if (!response.ok || response.body === null) throw HubProblem.from(null, '/events');
    return response;
  }

  private async send(path: string, init: RequestInit): Promise<Response> {
    const headers = { ...(init.headers as Record<string, string>), authorization: `Bearer ${this.token}` };
    try {
      return await fetch(path, { ...init, headers });
    } catch (error) {
      if (init.signal?.aborted) throw error;
      throw HubProblem.unreachable(path, error);
    }
  }
}

async function readJson(response: Response, where: string): Promise<unknown> {
  try {
    return await response.json();
  } catch {
    // A proxy's page, or a reply that was cut: not from the hub.
    throw HubProblem.unreachable(where, new Error(`status ${response.status}, no JSON`));
  }
}
