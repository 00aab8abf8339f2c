import {
  ContractError,
  isSumsKind,
  type Digest,
  type MessageHeader,
  type Receipt,
  type ReleaseKind,
  type SiteOrders,
} from '@concord/contracts';

import type { Site } from '../sites/site.js';
import type { Study } from '../studies/study.js';

/** A table, or sums, that a site released and the hub took in. */
export interface Release {
  readonly studyId: string;
  readonly siteCode: string;
  readonly sequence: number;
  readonly kind: ReleaseKind;
  readonly tableDigest: Digest;
  readonly messageDigest: Digest;
  /** Of the sealed message as it left the site. */
  readonly byteCount: number;
  readonly rowCount: number;
  readonly header: Uint8Array;
  readonly signature: Uint8Array;
  readonly receivedAt: Date;
}

/** All that decides what may come from a site. */
export interface ReleaseFacts {
  readonly study: Study;
  readonly site: Site;
  /** The site's, in order. */
  readonly releases: readonly Release[];
  readonly lockDigest: Digest | null;
  /** Whether the locked model's predictions for this site are on record: only then are its outcomes opened. */
  readonly hasPredictions: boolean;
  /** What the sums of all sites came to; null before, and where no site shares sums. */
  readonly pooledDigest: Digest | null;
}

/** A message that was taken in before; carries the receipt of then, which answers it. */
export class MessageReplayedError extends ContractError {
  constructor(
    sequence: number,
    site: string,
    readonly receipt: Receipt | null,
  ) {
    super(
      'MESSAGE_REPLAYED',
      `message ${sequence} of ${site} was taken in before`,
      `message ${sequence} of ${site}`,
      'Nothing is to be done if the receipt is of your message; else send it under the next sequence number.',
    );
  }
}

export function receiptOf({ sequence, kind, tableDigest, messageDigest }: Release): Receipt {
  return { sequence, kind, tableDigest, messageDigest };
}

/** What the study needs of a site now, in the order in which it is to be sent. */
export function wantedOf({ study, site, releases, lockDigest, hasPredictions }: ReleaseFacts): SiteOrders['wanted'] {
  if (study.state === 'draft' || site.role === null) return [];
  const isMissing = (kind: ReleaseKind) => !releases.some((release) => release.kind === kind);
  if (releases.some(({ kind }) => isSumsKind(kind))) return []; // it shares sums only, whatever the protocol would allow
  if (study.protocol?.sharing === 'sums') {
    return site.role === 'development' ? [{ kind: 'harmonization-sums', lockDigest: null }] : [];
  }
  const wanted: { kind: ReleaseKind; lockDigest: Digest | null }[] = [];
  if (isMissing('features')) wanted.push({ kind: 'features', lockDigest: null });
  if (isMissing('outcomes')) {
    if (site.role === 'development') wanted.push({ kind: 'outcomes', lockDigest: null });
    else if (study.state === 'locked' && lockDigest !== null && hasPredictions)
      wanted.push({ kind: 'outcomes', lockDigest });
  }
  return wanted;
}

/** What the study waits for from a site, in words; null if for nothing. */
export function waitingFor(facts: ReleaseFacts): string | null {
  if (facts.site.joinedAt === null) return 'to join';
  const kinds = wantedOf(facts).map(({ kind }) => (isSumsKind(kind) ? 'sums' : kind));
  return kinds.length === 0 ? null : `its ${kinds.join(' and ')}`;
}

/**
 * Decides whether a message, believed to be the site's, may come now. Looks at no byte of the table.
 *
 * @throws {MessageReplayedError} MESSAGE_REPLAYED
 * @throws {ContractError} MESSAGE_MALFORMED (a sequence is left out), STUDY_STATE, PROTOCOL_STALE, RELEASE_NOT_WANTED,
 *   OUTCOME_BEFORE_LOCK, CERTIFICATE_MISSING
 */
export function decideRelease(header: MessageHeader, facts: ReleaseFacts): void {
  const { study, site, releases } = facts;
  const where = `message ${header.sequence} of ${site.code}`;
  if (header.sequence <= site.sequence) {
    const known = releases.find((release) => release.sequence === header.sequence);
    throw new MessageReplayedError(header.sequence, site.code, known ? receiptOf(known) : null);
  }
  if (header.sequence !== site.sequence + 1) {
    throw new ContractError(
      'MESSAGE_MALFORMED',
      `sequence ${header.sequence} came where ${site.sequence + 1} is due`,
      where,
      'Send the messages one after the other, each under the next number.',
    );
  }
  if (study.state === 'draft' || study.protocolDigest === null) {
    throw new ContractError('STUDY_STATE', 'the study is not frozen', where, 'Wait until the coordinator froze it.');
  }
  if (header.protocolDigest !== study.protocolDigest) {
    throw new ContractError(
      'PROTOCOL_STALE',
      'the message was made under another protocol',
      where,
      'Fetch the orders again and make the table under the frozen protocol.',
    );
  }
  decideKind(header, facts, where);
}

function decideKind(header: MessageHeader, facts: ReleaseFacts, where: string): void {
  const { site, releases, study, lockDigest, hasPredictions } = facts;
  const has = (kind: ReleaseKind) => releases.some((release) => release.kind === kind);
  const fix = 'Send only what the orders want.';
  if (site.role === null) throw new ContractError('RELEASE_NOT_WANTED', 'the protocol does not name it', where, fix);
  decideSharing(header, facts, where);
  if (header.kind === 'outcomes' && site.role === 'externalValidation') {
    const isLocked = study.state === 'locked' && lockDigest !== null && header.lockDigest === lockDigest;
    const isOpen = isLocked && hasPredictions;
    if (!isOpen && !has('outcomes')) {
      throw new ContractError(
        'OUTCOME_BEFORE_LOCK',
        lockDigest === null
          ? 'the outcomes of a validation site may not be opened before the model is locked'
          : isLocked
            ? 'the outcomes may not be opened before the predictions of the locked model are recorded'
            : 'the message does not name the lock that the study is under',
        where,
        'Keep the outcomes and wait for the order that names the lock.',
      );
    }
  }
  if (header.kind !== 'outcomes') requireCertificate(header, facts, where);
  if (has(header.kind)) {
    throw new ContractError('RELEASE_NOT_WANTED', `the site's ${header.kind} were taken in before`, where, fix);
  }
  if (header.kind === 'outcomes' && !has('features')) {
    throw new ContractError('RELEASE_NOT_WANTED', 'the features have not come yet', where, 'Send the features first.');
  }
}

/** A site shares rows or sums, never both: of both together a patient's row could be told. */
function decideSharing({ kind }: MessageHeader, { site, releases, study }: ReleaseFacts, where: string): void {
  const refuse = (what: string): never => {
    throw new ContractError('RELEASE_NOT_WANTED', what, where, 'Send only what the orders want.');
  };
  const isSums = isSumsKind(kind);
  if (isSums && site.role !== 'development') refuse('sums are taken from development sites only');
  if (!isSums && study.protocol?.sharing === 'sums') refuse('the protocol lets out sums only, no row of a patient');
  if (releases.some((release) => isSumsKind(release.kind) !== isSums)) {
    refuse(isSums ? 'the site has shared rows of patients before' : 'the site has shared sums before, and so no rows');
  }
}

/** What was measured on images counts only from an engine that has shown that it measures rightly. */
function requireCertificate(header: MessageHeader, { study, site }: ReleaseFacts, where: string): void {
  if (study.protocol?.source.kind !== 'images') return;
  if (site.certificate !== null && site.certificate.digest === header.certificateDigest) return;
  throw new ContractError(
    'CERTIFICATE_MISSING',
    site.certificate === null
      ? 'features from images are taken only from an engine that has shown that it computes the reference values'
      : 'the message names another conformance certificate than the one in force',
    where,
    'Let the agent run its conformance check; it does so at every start.',
  );
}
