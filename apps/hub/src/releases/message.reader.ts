import { Injectable } from '@nestjs/common';

import { ContractError, isSumsKind, openMessage, verifyMessage, type ReceivedMessage } from '@concord/contracts';
import { invariant } from '@concord/errors';

import { HubSecrets } from '../auth/hub-keys.js';
import { ObjectStore } from '../objects/object.store.js';
import { siteUnknown } from '../sites/site-errors.js';
import type { SiteKey } from '../sites/site.js';
import { checkReleasedTable, pseudonymsOf } from './release-table.js';
import type { ReleaseFacts } from './release.js';
import { checkReleasedSums } from './release-sums.js';

/** Believes messages, or not. */
@Injectable()
export class MessageReader {
  constructor(
    private readonly secrets: HubSecrets,
    private readonly objects: ObjectStore,
  ) {}

  /** @throws {ContractError} SIGNATURE_INVALID unless the site that sends it also signed it */
  verify(message: ReceivedMessage, sender: SiteKey, signKey: string | null): void {
    const { studyId, site } = message.header;
    if (studyId !== sender.studyId || site !== sender.code) {
      throw new ContractError(
        'SIGNATURE_INVALID',
        `the message is of site ${site} in study ${studyId}, not of the one that sends it`,
        `message of ${sender.code}`,
        'Every site sends its own messages only.',
      );
    }
    if (signKey === null) throw siteUnknown(sender);
    verifyMessage(message, signKey);
  }

  /**
   * Opens the seal and holds the table, or the sums, against the protocol.
   *
   * @returns the bytes inside
   * @throws {ContractError} SEAL_BROKEN, DIGEST_MISMATCH, TABLE_INVALID, COLUMN_NOT_IN_PROTOCOL, COLUMN_MISSING
   */
  async open(message: ReceivedMessage, { study, releases }: ReleaseFacts): Promise<Uint8Array> {
    invariant(study.protocol !== null, 'a frozen study has a protocol');
    const bytes = openMessage(message, this.secrets.keys.seal);
    const { header } = message;
    const { kind } = header;
    if (isSumsKind(kind)) {
      checkReleasedSums(bytes, header, study.protocol);
      return bytes;
    }
    const features = releases.find((release) => release.kind === 'features');
    const known = kind === 'outcomes' && features ? pseudonymsOf(await this.objects.get(features.tableDigest)) : null;
    checkReleasedTable(bytes, { ...header, kind }, study.protocol, known);
    return bytes;
  }
}
