import type { DatabaseSync } from 'node:sqlite';

import {
  packMessage,
  sha256,
  UPLOAD_CHUNK_BYTES,
  type Digest,
  type KeyPair,
  type SiteOrders,
  type StudyProtocol,
} from '@concord/contracts';

import { AgentError, HubRefusal, problemOf } from '../agent-errors.js';
import type { HubClient } from '../hub/hub-client.js';
import type { SiteIdentity } from '../identity/site-identity.js';
import { inTransaction } from '../store/database.js';
import type { Ledger } from '../store/ledger.js';
import type { ReleaseRow, Releases } from '../store/releases.js';
import type { Conformance } from './conformance.js';
import type { Preparation } from './prepare.js';

/** Called between the steps of a release; tests stop the agent there. */
export type OnStage = (stage: 'sealing' | 'sealed' | 'chunk sent' | 'uploaded' | 'committed' | 'acknowledged') => void;

/**
 * Brings approved releases to the hub, one after the other, in the order they were prepared. Every step is on disk
 * before the next, and what the hub has is read from its own signed orders: stopped anywhere, it goes on where it was.
 */
export class Outbox {
  constructor(
    private readonly database: DatabaseSync,
    private readonly releases: Releases,
    private readonly ledger: Ledger,
    private readonly preparation: Preparation,
    private readonly hub: HubClient,
    private readonly conformance: Conformance,
    private readonly identity: SiteIdentity,
    private readonly keys: KeyPair,
    private readonly now: () => Date,
    private readonly onStage: OnStage = () => undefined,
  ) {}

  /**
   * Sends all that is approved and wanted. The orders must have been reconciled.
   *
   * @returns the newest orders it has seen
   * @throws {AgentError | HubRefusal} what stopped it; the release keeps it as its problem
   */
  async flush(orders: SiteOrders): Promise<SiteOrders> {
    let newest = orders;
    for (let next = this.next(newest); next !== null; next = this.next(newest)) {
      const { id } = next;
      try {
        await this.deliver(next, newest);
        newest = await this.hub.orders();
        this.reconcile(newest);
        if (this.releases.get(id).state !== 'acknowledged') throw notTaken(id);
      } catch (error) {
        if (this.releases.get(id).state !== 'acknowledged') this.releases.setProblem(id, problemOf(error));
        throw error;
      }
    }
    return newest;
  }

  /** Whether something is approved and not yet at the hub. */
  isSending(): boolean {
    return this.releases.list().some(({ state }) => state === 'approved' || state === 'sealed');
  }

  private async deliver(release: ReleaseRow, orders: SiteOrders): Promise<void> {
    const certificateDigest = this.needsCertificate(release, orders) ? await this.conformance.show() : null;
    const { messageDigest } =
      release.state === 'sealed' ? release : this.sealRelease(release, orders, certificateDigest);
    if (messageDigest === null) return;
    const message = this.releases.messageBytes(release.id);
    try {
      await this.upload(release.id, messageDigest, message);
      this.onStage('uploaded');
      await this.hub.commit(messageDigest);
      this.onStage('committed');
    } catch (error) {
      if (error instanceof HubRefusal && error.code === 'CERTIFICATE_MISSING') {
        this.conformance.forget();
        this.unseal(this.releases.get(release.id), 'the hub has no such conformance certificate');
      }
      // Its orders will tell whether it has this table; if it has another one under the number, a new one is needed.
      if (!(error instanceof HubRefusal && error.code === 'MESSAGE_REPLAYED')) throw error;
      const newest = await this.hub.orders();
      this.reconcile(newest);
      const own = this.releases.get(release.id);
      if (own.state === 'sealed' && own.sequence !== null && own.sequence <= highestSequence(newest))
        this.unseal(own, 'the hub has another table of its number');
    }
  }

  private sealRelease(release: ReleaseRow, orders: SiteOrders, certificateDigest: Digest | null): ReleaseRow {
    const protocol = orders.protocol as StudyProtocol; // next() gives none without a protocol
    const table = this.preparation.recheck(release, protocol);
    this.onStage('sealing');
    const sequence = 1 + Math.max(highestSequence(orders), ...this.acknowledged().map((other) => other.sequence ?? 0));
    const { kind, lockDigest, protocolDigest, rowCount } = release;
    const { studyId, site } = this.identity;
    const message = packMessage(
      { kind, studyId, site, sequence, protocolDigest, lockDigest, certificateDigest, rowCount },
      table,
      this.keys,
      this.identity.hubSealKey,
    );
    inTransaction(this.database, () => {
      this.releases.setSealed(release.id, sequence, sha256(message), message);
      this.ledger.append('sealed', `release ${release.id}`, {
        sequence,
        messageDigest: sha256(message),
        byteCount: message.length,
      });
    });
    this.onStage('sealed');
    return this.releases.get(release.id);
  }

  private async upload(releaseId: number, digest: string, message: Uint8Array): Promise<void> {
    let { receivedByteCount } = await this.hub.uploadState(digest);
    while (receivedByteCount < message.length) {
      const chunk = message.subarray(receivedByteCount, receivedByteCount + UPLOAD_CHUNK_BYTES);
      const place = { releaseId, byteOffset: receivedByteCount };
      const state = await this.hub.upload(digest, chunk, message.length, place);
      this.onStage('chunk sent');
      if (state.receivedByteCount <= receivedByteCount) throw stuck(releaseId);
      receivedByteCount = state.receivedByteCount;
    }
    if (receivedByteCount > message.length) throw stuck(releaseId);
  }

  /** Brings the releases in line with what the hub says it has. */
  reconcile(orders: SiteOrders): void {
    for (const release of this.releases.list()) {
      const receipt = orders.received.find(
        (other) => other.kind === release.kind && other.tableDigest === release.tableDigest,
      );
      if (release.state === 'sealed' && receipt) {
        inTransaction(this.database, () => {
          this.releases.setAcknowledged(release.id, this.now().toISOString());
          const { sequence, messageDigest, tableDigest } = receipt;
          this.ledger.append('acknowledged', `release ${release.id}`, { sequence, messageDigest, tableDigest });
        });
        this.onStage('acknowledged');
      } else if (release.state === 'acknowledged' && !receipt && isWanted(release, orders)) {
        inTransaction(this.database, () => {
          this.releases.setState(release.id, 'sealed');
          this.ledger.append('sending again', `release ${release.id}`, { reason: 'the hub has lost it' });
        });
      } else if (['held', 'approved', 'sealed'].includes(release.state) && orders.isFinished) {
        this.withdraw(release);
      }
    }
  }

  private withdraw(release: ReleaseRow): void {
    inTransaction(this.database, () => {
      this.releases.setState(release.id, 'withdrawn');
      this.ledger.append('withdrawn', `release ${release.id}`, { reason: 'the study is finished without it' });
    });
  }

  private unseal(release: ReleaseRow, reason: string): void {
    inTransaction(this.database, () => {
      this.releases.setState(release.id, 'approved');
      this.ledger.append('sending again', `release ${release.id}`, { reason });
    });
  }

  private needsCertificate({ kind }: ReleaseRow, { protocol }: SiteOrders): boolean {
    return kind !== 'outcomes' && protocol?.source.kind === 'images';
  }

  private next(orders: SiteOrders): ReleaseRow | null {
    const waiting = this.releases.list().filter(({ state }) => state === 'approved' || state === 'sealed');
    return waiting.find((release) => isWanted(release, orders)) ?? null;
  }

  private acknowledged(): ReleaseRow[] {
    return this.releases.list().filter(({ state }) => state === 'acknowledged');
  }
}

function isWanted(release: ReleaseRow, orders: SiteOrders): boolean {
  if (orders.protocolDigest !== release.protocolDigest) return false;
  return orders.wanted.some(({ kind, lockDigest }) => kind === release.kind && lockDigest === release.lockDigest);
}

function highestSequence(orders: SiteOrders): number {
  return Math.max(0, ...orders.received.map(({ sequence }) => sequence));
}

function notTaken(id: number): AgentError {
  return new AgentError(
    'HUB_REPLY_INVALID',
    'the hub took the message and does not list it',
    `release ${id}`,
    'The agent sends it again; report this if it stays.',
  );
}

function stuck(id: number): AgentError {
  return new AgentError(
    'HUB_REPLY_INVALID',
    'the hub counts the bytes of the upload wrongly',
    `release ${id}`,
    'The agent tries again; report this if it stays.',
  );
}
