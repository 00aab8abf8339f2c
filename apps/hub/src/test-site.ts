import {
  AGENT_API,
  REPLY_SIGNATURE_HEADER,
  isReplySigned,
  makeSigningKeys,
  packMessage,
  parseJoinToken,
  sealJoin,
  protocolDigest,
  sha256,
  signBytes,
  signRequest,
  type KeyPair,
  type MessageHeader,
  type StudyProtocol,
} from '@concord/contracts';
import { Released, VECTOR_DEFAULTS, releaseTable } from '@concord/privacy';
import { tableToArrow, type Column, type FeatureTable } from '@concord/tables';

import type { HubKeys } from './auth/hub-keys.js';

export const TEST_PROTOCOL: StudyProtocol = {
  format: 'concord.protocol/1',
  studyId: 'trial',
  title: 'A trial',
  source: { kind: 'table' },
  features: ['mean', 'entropy'],
  acquisition: ['manufacturer', 'kvp'],
  outcome: { target: 'recurrence', columns: [{ name: 'recurrence', role: 'binary' }] },
  harmonization: { method: 'combat', batch: 'site', empiricalBayes: 'parametric', stop: 'exact' },
  model: { kind: 'elastic-net-logistic', alpha: 0.5, foldCount: 5 },
  threshold: { rule: 'youden-development' },
  sites: [
    { code: 'site-a', name: 'Hospital A', role: 'development' },
    { code: 'site-b', name: 'Hospital B', role: 'externalValidation' },
  ],
  metrics: ['auc'],
  leakAuditReplicates: 0,
  seed: 1,
};

export interface SiteReply<T = unknown> {
  readonly status: number;
  readonly body: T & { code?: string; details?: Record<string, unknown> };
  readonly isSigned: boolean;
}

/** A site's agent, as thin as can be: it keeps to the contract, or breaks it where a test says so. */
export class TestSite {
  counter = 0;

  constructor(
    private readonly url: string,
    private readonly hubKeys: HubKeys,
    readonly code: string,
    readonly studyId = TEST_PROTOCOL.studyId,
    readonly keys: KeyPair = makeSigningKeys(),
  ) {}

  async join(token: string, keys = this.keys): Promise<SiteReply> {
    const { secret, hubSealKey } = parseJoinToken(token);
    const proof = Buffer.from(signBytes(keys, Buffer.from(secret))).toString('base64url');
    const { publicKey: signKey } = keys;
    const request = { format: 'concord.join/1', secret, signKey, proof, agentVersion: '0.1.0' } as const;
    return this.exchange(0, 'POST', 'join', sealJoin(request, hubSealKey), {});
  }

  /** @param over what a test changes of the signed headers */
  async call<T>(method: string, path: string, body: Uint8Array = new Uint8Array(), over = {}): Promise<SiteReply<T>> {
    const counter = ++this.counter;
    const { studyId, code: site } = this;
    const signed = signRequest({ studyId, site, counter, method, path: `${AGENT_API}/${path}`, body }, this.keys);
    return this.exchange(counter, method, path, body, { ...signed, ...over });
  }

  message(
    kind: 'features' | 'outcomes',
    sequence: number,
    table: FeatureTable,
    over: Partial<MessageHeader & { keys: KeyPair }> = {},
  ): Uint8Array {
    const { keys = this.keys, ...header } = over;
    return packMessage(
      {
        kind,
        studyId: this.studyId,
        site: this.code,
        sequence,
        protocolDigest: protocolDigest(TEST_PROTOCOL),
        lockDigest: null,
        certificateDigest: null,
        rowCount: table.rowCount,
        ...header,
      },
      releasedBytes(table),
      keys,
      this.hubKeys.seal.publicKey,
    );
  }

  /** Uploads in two chunks and commits. */
  async deliver(message: Uint8Array): Promise<SiteReply> {
    const digest = sha256(message);
    const half = Math.floor(message.length / 2);
    for (const [start, end] of [
      [0, half],
      [half, message.length],
    ]) {
      const path = `uploads/${digest}?offset=${start}&total=${message.length}`;
      const reply = await this.call('PUT', path, message.subarray(start, end));
      if (reply.status !== 200) return reply;
    }
    return this.call('POST', `messages/${digest}`);
  }

  private async exchange<T>(
    counter: number,
    method: string,
    path: string,
    body: Uint8Array,
    headers: Record<string, string>,
  ): Promise<SiteReply<T>> {
    const init = { method, headers, ...(method === 'GET' ? {} : { body: new Uint8Array(body) }) };
    const response = await fetch(`${this.url}${AGENT_API}/${path}`, init);
    const bytes = new Uint8Array(await response.arrayBuffer());
    const signature = response.headers.get(REPLY_SIGNATURE_HEADER) ?? '';
    return {
      status: response.status,
      body: JSON.parse(Buffer.from(bytes).toString('utf8')) as SiteReply<T>['body'],
      isSigned: isReplySigned(counter, bytes, signature, this.hubKeys.sign.publicKey),
    };
  }
}

const ROW_COUNT = 12;

export function featureRows(site: string): FeatureTable {
  return {
    rowCount: ROW_COUNT,
    columns: [
      pseudonyms(site),
      { kind: 'text', name: 'manufacturer', values: Array.from({ length: ROW_COUNT }, () => 'ACME') },
      { kind: 'number', name: 'kvp', values: new Float64Array(ROW_COUNT).fill(120) },
      { kind: 'number', name: 'mean', values: Float64Array.from({ length: ROW_COUNT }, (_, row) => row * 1.5) },
      { kind: 'number', name: 'entropy', values: new Float64Array(ROW_COUNT).fill(NaN) },
    ],
  };
}

export function outcomeRows(site: string): FeatureTable {
  const values = Float64Array.from({ length: ROW_COUNT }, (_, row) => row % 2);
  return { rowCount: ROW_COUNT, columns: [pseudonyms(site), { kind: 'number', name: 'recurrence', values }] };
}

/** The table with one column put in place of that of its name, or at its end. */
export function withColumn(table: FeatureTable, column: Column): FeatureTable {
  const isThere = table.columns.some(({ name }) => name === column.name);
  const columns = isThere
    ? table.columns.map((old) => (old.name === column.name ? column : old))
    : [...table.columns, column];
  return { ...table, columns };
}

function pseudonyms(site: string): Column {
  const values = Array.from({ length: ROW_COUNT }, (_, row) => pseudonymLike(`${site} ${row}`));
  return { kind: 'text', name: 'pseudonym', values };
}

function pseudonymLike(text: string): string {
  return sha256(text).slice(0, 20);
}

/** Bytes that a broken or hostile agent would release: what the rules let out is replaced after them. */
function releasedBytes(table: FeatureTable): Released<Uint8Array> {
  const lawful = outcomeRows('any');
  const columns = lawful.columns.map(({ name }) => name);
  const released = releaseTable(lawful, VECTOR_DEFAULTS, { columns, source: 'table', earlier: [] });
  if (!(released instanceof Released)) throw new Error(`not released: ${JSON.stringify(released)}`);
  return released.as(() => tableToArrow(table));
}
