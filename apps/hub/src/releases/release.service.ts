import { Injectable } from '@nestjs/common';

import {
  ContractError,
  isSumsKind,
  readMessage,
  sha256,
  type Digest,
  type ReceivedMessage,
  type Receipt,
  type SiteOrders,
} from '@concord/contracts';

import { Clock } from '../clock.js';
import { Database } from '../database/database.js';
import { ObjectStore } from '../objects/object.store.js';
import { RunService } from '../runs/run.service.js';
import type { SiteKey } from '../sites/site.js';
import { MessageReader } from './message.reader.js';
import {
  decideRelease,
  MessageReplayedError,
  receiptOf,
  wantedOf,
  type Release,
  type ReleaseFacts,
} from './release.js';
import { ReleaseRecords } from './release.records.js';

/** Where an accepted release goes. */
@Injectable()
export class ReleasePorts {
  constructor(
    readonly objects: ObjectStore,
    readonly runs: RunService,
  ) {}
}

/** Takes messages in, and tells sites what is wanted of them. */
@Injectable()
export class ReleaseService {
  constructor(
    private readonly database: Database,
    private readonly records: ReleaseRecords,
    private readonly reader: MessageReader,
    private readonly ports: ReleasePorts,
    private readonly clock: Clock,
  ) {}

  /** Computed from durable rows at every call. */
  async orders(key: SiteKey): Promise<SiteOrders> {
    const facts = await this.records.facts(this.database.client, key);
    const { study } = facts;
    const isFrozen = study.state !== 'draft';
    return {
      format: 'concord.orders/1',
      studyId: key.studyId,
      site: key.code,
      protocol: isFrozen ? study.protocol : null,
      protocolDigest: isFrozen ? study.protocolDigest : null,
      wanted: wantedOf(facts),
      received: facts.releases.map(receiptOf),
      isFinished: study.state === 'validated',
      ...(mayFinish(facts) ? { pooledDigest: facts.pooledDigest } : {}),
    };
  }

  /**
   * What the sums of all sites came to.
   *
   * @returns the JSON that the digest of the orders names
   * @throws {ContractError} RELEASE_NOT_WANTED unless the orders of this very site name it
   */
  async pooled(key: SiteKey, digest: Digest): Promise<unknown> {
    const facts = await this.records.facts(this.database.client, key);
    if (!mayFinish(facts) || facts.pooledDigest !== digest) {
      throw new ContractError('RELEASE_NOT_WANTED', 'the orders of this site name no such fit', digest, 'Ask again.');
    }
    return JSON.parse(Buffer.from(await this.ports.objects.get(digest)).toString('utf8')) as unknown;
  }

  /** @throws {MessageReplayedError} with its receipt if this very message was taken in before */
  async refuseKnown(key: SiteKey, messageDigest: Digest): Promise<void> {
    const known = await this.records.receiptOfMessage(this.database.client, messageDigest);
    if (known !== null && known.studyId === key.studyId && known.code === key.code) {
      const { sequence, kind, tableDigest } = known;
      throw new MessageReplayedError(sequence, key.code, { sequence, kind, tableDigest, messageDigest });
    }
  }

  /**
   * Takes a message in: first the object, then one transaction of release, sequence, audit and the steps that became
   * ready. A refused message changes nothing; one whose transaction was lost can be sent again.
   *
   * @throws {ContractError} every refusal of the sites' API
   */
  async takeIn(key: SiteKey, messageDigest: Digest, bytes: Uint8Array): Promise<Receipt> {
    if (sha256(bytes) !== messageDigest) {
      throw new ContractError(
        'DIGEST_MISMATCH',
        'the message that arrived is not the one announced',
        `message ${messageDigest}`,
        'Send it again from its beginning.',
      );
    }
    const message = readMessage(bytes);
    const facts = await this.records.facts(this.database.client, key);
    this.reader.verify(message, key, facts.site.signKey);
    decideRelease(message.header, facts);
    const table = await this.reader.open(message, facts);
    await this.ports.objects.put(table);
    const release = this.releaseOf(message, messageDigest, bytes.length);
    await this.database.transaction(async (transaction) => {
      decideRelease(message.header, await this.records.facts(transaction, key)); // it may have changed meanwhile
      await this.records.write(transaction, release);
      await this.ports.runs.advance(transaction, key.studyId);
    });
    this.ports.runs.notify();
    return receiptOf(release);
  }

  private releaseOf(message: ReceivedMessage, messageDigest: Digest, byteCount: number): Release {
    const { header, headerBytes, signature } = message;
    return {
      studyId: header.studyId,
      siteCode: header.site,
      sequence: header.sequence,
      kind: header.kind,
      tableDigest: header.tableDigest,
      messageDigest,
      byteCount,
      rowCount: header.rowCount,
      header: headerBytes,
      signature,
      receivedAt: this.clock.now(),
    };
  }
}

/** Whether a site's sums are in the pooled fit: only then it finishes its patients by it. */
function mayFinish(facts: ReleaseFacts): facts is ReleaseFacts & { readonly pooledDigest: Digest } {
  return facts.pooledDigest !== null && facts.releases.some(({ kind }) => isSumsKind(kind));
}
