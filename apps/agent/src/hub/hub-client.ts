import {
  AGENT_API,
  isReplySigned,
  REPLY_SIGNATURE_HEADER,
  signRequest,
  type KeyPair,
  type Sharing,
  type SignedCertificate,
  type SiteOrders,
  type SiteStatus,
  type UploadState,
} from '@concord/contracts';

import { AgentError, HubRefusal } from '../agent-errors.js';
import type { SiteIdentity } from '../identity/site-identity.js';
import type { ChunkPlace, Traffic, TrafficKind } from '../store/traffic.js';
import { NoAnswerError, type HttpReply, type SendHttp } from './http-request.js';
import { ordersUnder, parseOrders } from './orders.js';

const NO_BODY = new Uint8Array(0);
const COUNTER_JUMP = 1000;

/**
 * The agent's side of the hub's API: signs and counts every request, and takes no answer that the hub did not sign.
 *
 * Every method throws `AgentError` HUB_UNREACHABLE (no answer, or one that is not the hub's), HUB_REPLY_UNSIGNED, and
 * `HubRefusal` with the hub's code. One request is under way at a time.
 */
export class HubClient {
  private queue: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly identity: SiteIdentity,
    private readonly keys: KeyPair,
    private readonly traffic: Traffic,
    private readonly send: SendHttp,
    private readonly sharing: Sharing | null = null,
  ) {}

  /** As this site follows them. @throws {AgentError} ORDERS_REFUSED as well */
  async orders(): Promise<SiteOrders> {
    return ordersUnder(parseOrders(await this.call('poll', 'GET', 'orders', NO_BODY), this.own), this.sharing);
  }

  /** What the sums of all sites came to, not yet checked. */
  async pooled(digest: string): Promise<unknown> {
    return this.call('poll', 'GET', `pooled/${digest}`, NO_BODY);
  }

  async status(status: SiteStatus): Promise<void> {
    await this.call('status', 'POST', 'status', Buffer.from(JSON.stringify(status)));
  }

  async certificate(signed: SignedCertificate): Promise<void> {
    await this.call('certificate', 'POST', 'certificate', Buffer.from(JSON.stringify(signed)));
  }

  async uploadState(messageDigest: string): Promise<UploadState> {
    return uploadStateOf(await this.call('poll', 'GET', `uploads/${messageDigest}`, NO_BODY));
  }

  async upload(messageDigest: string, chunk: Uint8Array, total: number, place: ChunkPlace): Promise<UploadState> {
    const path = `uploads/${messageDigest}?offset=${place.byteOffset}&total=${total}`;
    return uploadStateOf(await this.call('chunk', 'PUT', path, chunk, place));
  }

  /** Asks the hub to take the uploaded message in. What it took is read from its orders, which name every receipt. */
  async commit(messageDigest: string): Promise<void> {
    await this.call('message', 'POST', `messages/${messageDigest}`, NO_BODY);
  }

  private get own(): { studyId: string; site: string } {
    return { studyId: this.identity.studyId, site: this.identity.site };
  }

  private call(
    kind: TrafficKind,
    method: string,
    path: string,
    body: Uint8Array,
    place: ChunkPlace | null = null,
  ): Promise<unknown> {
    const result = this.queue.then(() => this.exchange(kind, method, path, body, place));
    this.queue = result.catch(() => undefined); // the caller gets the error; the next request must go on
    return result;
  }

  private async exchange(
    kind: TrafficKind,
    method: string,
    path: string,
    body: Uint8Array,
    place: ChunkPlace | null,
  ): Promise<unknown> {
    const url = hubAddress(this.identity.hubUrl, path);
    const counter = this.traffic.begin(kind, body.length, place);
    const signed = { ...this.own, counter, method, path: `${AGENT_API}/${path}`, body };
    const type = kind === 'chunk' ? 'application/octet-stream' : 'application/json';
    const headers = {
      ...signRequest(signed, this.keys),
      accept: 'application/json',
      ...(body.length > 0 ? { 'content-type': type } : {}),
    };
    let reply: HttpReply;
    try {
      reply = await this.send(url, method, headers, body);
      this.traffic.end(counter, 'answered');
    } catch (error) {
      const hasConnected = !(error instanceof NoAnswerError) || error.hasConnected;
      this.traffic.end(counter, hasConnected ? 'no answer' : 'not connected');
      throw unreachable(url, error instanceof NoAnswerError ? error.reason : 'unexpected', error);
    }
    return this.read(reply, counter, url);
  }

  private read(reply: HttpReply, counter: number, url: URL): unknown {
    const signature = reply.headers[REPLY_SIGNATURE_HEADER];
    const isSigned =
      typeof signature === 'string' && isReplySigned(counter, reply.body, signature, this.identity.hubSignKey);
    const json = readHubReply(reply, isSigned, url);
    if (json instanceof HubRefusal) {
      if (json.code === 'REQUEST_REPLAYED') this.traffic.skip(COUNTER_JUMP);
      throw json;
    }
    return json;
  }
}

/** Where a path of the agent's API is, below the hub's own address. */
export function hubAddress(hubUrl: string, path: string): URL {
  return new URL(`${hubUrl.replace(/\/+$/, '')}${AGENT_API}/${path}`);
}

/**
 * The JSON of a reply, or the hub's refusal.
 *
 * @throws {AgentError} HUB_UNREACHABLE if it is not the hub's, HUB_REPLY_UNSIGNED if it says yes without a signature
 */
export function readHubReply(reply: HttpReply, isSigned: boolean, url: URL): unknown {
  let json: unknown;
  try {
    json = JSON.parse(reply.body.toString('utf8'));
  } catch (error) {
    throw unreachable(url, `status ${reply.status}, not from a hub`, error);
  }
  if (reply.status >= 400) {
    const { code, what, where, fix } = (json ?? {}) as Record<string, unknown>;
    const sentences = [code, what, where, fix];
    if (sentences.every((text): text is string => typeof text === 'string') && reply.status < 500) {
      return new HubRefusal(sentences[0], sentences[1], sentences[2], sentences[3], isSigned);
    }
    throw unreachable(url, `status ${reply.status}`);
  }
  if (reply.status < 200 || reply.status >= 300) throw unreachable(url, `status ${reply.status}`);
  if (isSigned) return json;
  throw new AgentError(
    'HUB_REPLY_UNSIGNED',
    'the answer is not signed by the hub this site joined',
    url.origin,
    'A proxy may have changed it, or this is another hub: check the address. Nothing is believed until it is signed.',
  );
}

export function unreachable(url: URL, reason: string, cause?: unknown): AgentError {
  return new AgentError(
    'HUB_UNREACHABLE',
    `the hub does not answer (${reason})`,
    url.origin,
    /CERT|SIGNED|ISSUER|VERIFY/.test(reason)
      ? 'A proxy may open TLS here: give its authority by CONCORD_AGENT_CA, or by --ca when joining.'
      : 'The agent tries again by itself, for as long as it takes. Check address, proxy and firewall if this stays.',
    { cause },
  );
}

function uploadStateOf(value: unknown): UploadState {
  const count = (value as Partial<UploadState> | null)?.receivedByteCount;
  if (typeof count === 'number' && Number.isSafeInteger(count) && count >= 0) return { receivedByteCount: count };
  throw new AgentError(
    'HUB_REPLY_INVALID',
    'the hub does not say how much it has',
    'upload',
    'Report this to the hub.',
  );
}
