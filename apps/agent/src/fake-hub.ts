import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import {
  AGENT_API,
  ContractError,
  formatJoinToken,
  isSumsKind,
  isSignedBy,
  openJoin,
  makeSealingKeys,
  makeSigningKeys,
  openMessage,
  protocolDigest,
  readMessage,
  REPLY_SIGNATURE_HEADER,
  REQUEST_HEADERS,
  sha256,
  signReply,
  siteStatusSchema,
  verifyCertificate,
  verifyMessage,
  verifyRequest,
  type Certificate,
  type MessageHeader,
  type Receipt,
  type ReleaseKind,
  type SiteOrders,
  type SiteStatus,
  type StudyProtocol,
} from '@concord/contracts';
import { tableFromArrow, type FeatureTable } from '@concord/tables';

export interface Arrival {
  readonly header: MessageHeader;
  /** Empty where the message carries sums. */
  readonly table: FeatureTable;
  /** What was inside the seal. */
  readonly bytes: Uint8Array;
  readonly message: Uint8Array;
}

export interface SeenRequest {
  readonly method: string;
  /** Path below the API, without query. */
  readonly path: string;
  readonly byteCount: number;
}

type Moment = 'before' | 'after';

/** For specs only: a hub of one site that keeps to the contracts, over real HTTP, and misbehaves when told to. */
export class FakeHub {
  readonly signKeys = makeSigningKeys();
  readonly sealKeys = makeSealingKeys();
  readonly secret = 'secret-of-the-test-0123456789';
  readonly studyId: string;
  readonly site = 'site-a';
  siteKey: string | null = null;
  counter = 0;
  arrivals: Arrival[] = [];
  seen: SeenRequest[] = [];
  statuses: SiteStatus[] = [];
  certificates: Certificate[] = [];
  uploads = new Map<string, Buffer>();
  isFinished = false;
  /** Changes what the hub orders, to be hostile. */
  twistOrders: (orders: SiteOrders) => unknown = (orders) => orders;
  /** Called when a request arrived and when it was dealt with but not answered; may throw to refuse, or kill. */
  onRequest: (request: SeenRequest, moment: Moment) => void | 'hang up' = () => undefined;
  areRepliesSigned = true;
  outcomesLock: string | null = null;
  /** What the sums of all sites came to, with the digest that the orders name. */
  pooled: { readonly json: unknown; readonly digest: string } | null = null;
  private server: Server | null = null;
  private port = 0;

  constructor(
    public protocol: StudyProtocol | null,
    studyId = protocol?.studyId ?? 'study',
  ) {
    this.studyId = studyId;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get token(): string {
    return formatJoinToken({
      secret: this.secret,
      hubSignKey: this.signKeys.publicKey,
      hubSealKey: this.sealKeys.publicKey,
    });
  }

  async start(): Promise<void> {
    this.server = createServer((request, response) => void this.serve(request, response));
    await new Promise<void>((resolve) => this.server?.listen(this.port, '127.0.0.1', resolve));
    this.port = (this.server.address() as AddressInfo).port;
  }

  /** Closes every connection; `start` opens the same port again. */
  async stop(): Promise<void> {
    const { server } = this;
    this.server = null;
    server?.closeAllConnections();
    await new Promise<void>((resolve) => (server ? server.close(() => resolve()) : resolve()));
  }

  receipts(): Receipt[] {
    return this.arrivals.map(({ header, message }) => ({
      sequence: header.sequence,
      kind: header.kind,
      tableDigest: header.tableDigest,
      messageDigest: sha256(message),
    }));
  }

  orders(): SiteOrders {
    const { studyId, site, protocol } = this;
    const received = this.receipts();
    const kinds: ReleaseKind[] =
      protocol?.sharing === 'sums'
        ? ['harmonization-sums']
        : received.some((r) => isSumsKind(r.kind))
          ? []
          : ['features', 'outcomes'];
    const wanted = protocol === null ? [] : kinds.filter((kind) => !received.some((r) => r.kind === kind));
    return {
      ...{ format: 'concord.orders/1', studyId, site, protocol, received, isFinished: this.isFinished },
      protocolDigest: protocol === null ? null : protocolDigest(protocol),
      ...(this.pooled === null ? {} : { pooledDigest: this.pooled.digest }),
      wanted: wanted.map((kind) => ({ kind, lockDigest: kind === 'outcomes' ? this.outcomesLock : null })),
    };
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    const url = new URL(request.url ?? '/', 'http://hub');
    const path = url.pathname.slice(AGENT_API.length + 1);
    const seen = { method: request.method ?? '', path, byteCount: body.length };
    this.seen.push(seen);
    const counter = Number(request.headers[REQUEST_HEADERS.counter] ?? 0);
    let status = 200;
    let reply: unknown;
    try {
      if (this.onRequest(seen, 'before') === 'hang up') return void request.socket.destroy();
      if (path !== 'join') this.check(request, counter, body);
      reply = this.answer(path, url, body);
    } catch (error) {
      if (!(error instanceof ContractError)) throw error;
      status = 409;
      reply = error.toJSON();
    }
    if (this.onRequest(seen, 'after') === 'hang up') return void request.socket.destroy();
    const bytes = Buffer.from(JSON.stringify(reply));
    const headers: Record<string, string> = { 'content-type': 'application/json' };
    if (this.areRepliesSigned) headers[REPLY_SIGNATURE_HEADER] = signReply(counter, bytes, this.signKeys);
    response.writeHead(status, headers).end(bytes);
  }

  private check(request: IncomingMessage, counter: number, body: Uint8Array): void {
    const { studyId, site } = this;
    const signature = String(request.headers[REQUEST_HEADERS.signature]);
    const signed = { studyId, site, counter, method: request.method ?? '', path: request.url ?? '', body };
    verifyRequest(signed, signature, this.siteKey ?? '');
    if (counter <= this.counter) throw refusal('REQUEST_REPLAYED');
    this.counter = counter;
  }

  private answer(path: string, url: URL, body: Buffer): unknown {
    if (path === 'join') return this.join(body);
    if (path === 'orders') return this.twistOrders(this.orders());
    if (path === 'status') {
      this.statuses.push(siteStatusSchema.parse(JSON.parse(body.toString())));
      return {};
    }
    if (path === 'certificate') {
      this.certificates.push(verifyCertificate(JSON.parse(body.toString()), this.siteKey ?? ''));
      return {};
    }
    const [what, digest] = path.split('/');
    if (what === 'pooled') return this.pooled?.json;
    if (what === 'uploads') return this.upload(digest, url.searchParams, body);
    return this.takeIn(digest);
  }

  private join(body: Buffer): unknown {
    const request = openJoin(body, this.sealKeys);
    if (request.secret !== this.secret) throw refusal('TOKEN_UNKNOWN');
    if (this.siteKey !== null) throw refusal('TOKEN_USED');
    const proof = Buffer.from(request.proof, 'base64url');
    if (!isSignedBy(request.signKey, Buffer.from(request.secret), proof)) throw refusal('SIGNATURE_INVALID');
    this.siteKey = request.signKey;
    return { studyId: this.studyId, studyTitle: 'A study', site: this.site, siteName: 'Hospital A' };
  }

  private upload(digest: string, query: URLSearchParams, body: Buffer): unknown {
    const known = this.uploads.get(digest) ?? Buffer.alloc(0);
    if (query.has('offset')) {
      if (Number(query.get('offset')) !== known.length) throw refusal('UPLOAD_OFFSET');
      this.uploads.set(digest, Buffer.concat([known, body]));
    }
    return { receivedByteCount: this.uploads.get(digest)?.length ?? 0 };
  }

  private takeIn(digest: string): unknown {
    const message = this.uploads.get(digest);
    if (!message || sha256(message) !== digest) throw refusal('DIGEST_MISMATCH');
    const received = readMessage(message);
    verifyMessage(received, this.siteKey ?? '');
    const next = 1 + Math.max(0, ...this.arrivals.map(({ header }) => header.sequence));
    if (received.header.sequence < next) throw refusal('MESSAGE_REPLAYED');
    if (received.header.sequence > next) throw refusal('MESSAGE_MALFORMED');
    if (this.protocol && received.header.protocolDigest !== protocolDigest(this.protocol))
      throw refusal('PROTOCOL_STALE');
    const bytes = openMessage(received, this.sealKeys);
    const table = isSumsKind(received.header.kind) ? { rowCount: 0, columns: [] } : tableFromArrow(bytes);
    this.arrivals.push({ header: received.header, table, bytes, message });
    return this.receipts().at(-1);
  }
}

export function refusal(code: ContractError['code']): ContractError {
  return new ContractError(code, `refused: ${code}`, 'fake hub', 'Do as the test says.');
}
