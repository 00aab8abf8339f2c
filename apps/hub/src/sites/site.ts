import {
  ContractError,
  isSignedBy,
  sha256,
  type Digest,
  type JoinRequest,
  type SiteRole,
  type SiteStatus,
} from '@concord/contracts';

import { HubError } from '../errors/hub-error.js';
import type { Study } from '../studies/study.js';

/** An institution that takes part in a study. */
export interface Site {
  readonly studyId: string;
  readonly code: string;
  readonly name: string;
  /** From the protocol, when the study is frozen; null before, and where the protocol does not name the site. */
  readonly role: SiteRole | null;
  /** Null until it joined. */
  readonly signKey: string | null;
  readonly joinedAt: Date | null;
  readonly lastContactAt: Date | null;
  /** Highest request counter seen. */
  readonly requestCounter: number;
  /** Sequence of the last message taken in. */
  readonly sequence: number;
  readonly status: SiteStatus | null;
  /** Of the engine on the site's machine; null until it sent one that holds. */
  readonly certificate: SiteCertificate | null;
}

/** What the hub keeps of a conformance certificate; the whole is an object under its digest. */
export interface SiteCertificate {
  /** Of the signed document. */
  readonly objectDigest: Digest;
  /** Of the certificate in it: messages name it. */
  readonly digest: Digest;
  readonly concordVersion: string;
  readonly checkedCount: number;
}

export interface SiteKey {
  readonly studyId: string;
  readonly code: string;
}

/** A one-time token, known by the digest of its secret only. */
export interface Invitation {
  readonly id: string;
  readonly studyId: string;
  readonly siteCode: string;
  readonly secretDigest: Digest;
  readonly createdAt: Date;
  readonly expiresAt: Date;
  readonly usedAt: Date | null;
}

const INVITATION_DAYS = 14;

export function expiryOf(createdAt: Date): Date {
  return new Date(createdAt.getTime() + INVITATION_DAYS * 86_400_000);
}

/** @throws {HubError} INPUT_INVALID */
export function newSite(studyId: string, code: string, name: string): Site {
  if (!/^[a-z0-9][a-z0-9-]{0,62}$/.test(code)) {
    throw new HubError(
      'INPUT_INVALID',
      'a site code has lower-case letters, digits and dashes, 63 at most',
      'code',
      'Choose another code, for example site-a.',
    );
  }
  if (name.trim() === '' || name.length > 200) {
    throw new HubError('INPUT_INVALID', 'the name is empty or longer than 200', 'name', 'Give the site its name.');
  }
  const empty = { role: null, signKey: null, joinedAt: null, lastContactAt: null, status: null, certificate: null };
  return { studyId, code, name: name.trim(), requestCounter: 0, sequence: 0, ...empty };
}

/** @throws {ContractError} STUDY_STATE: the protocol of a frozen study names its sites, no other can come */
export function requireOpenToNewSites(study: Study, code: string): void {
  if (study.state === 'draft') return;
  throw new ContractError(
    'STUDY_STATE',
    `the study is ${study.state}, and ${code} is not one of its sites`,
    `study ${study.id}`,
    'Invite only sites of the protocol again; make a new study for others.',
  );
}

/**
 * @param usedBy the key of the site now: the same agent may repeat a join whose answer it lost
 * @throws {ContractError} TOKEN_UNKNOWN, TOKEN_USED, TOKEN_EXPIRED, or SIGNATURE_INVALID if the caller does not hold the key
 */
export function checkJoin(
  request: JoinRequest,
  invitation: Invitation | null,
  usedBy: string | null,
  now: Date,
): asserts invitation is Invitation {
  const where = 'join token';
  if (invitation === null || invitation.secretDigest !== sha256(request.secret)) {
    throw new ContractError('TOKEN_UNKNOWN', 'this hub did not make that token', where, 'Ask the coordinator for one.');
  }
  const proof = Buffer.from(request.proof, 'base64url');
  if (!isSignedBy(request.signKey, Buffer.from(request.secret, 'utf8'), proof)) {
    throw new ContractError(
      'SIGNATURE_INVALID',
      'the proof is not a signature of the secret by the key sent',
      where,
      'Join again with the agent; if that does not help, report it.',
    );
  }
  if (invitation.usedAt !== null) {
    if (usedBy === request.signKey) return;
    throw new ContractError(
      'TOKEN_USED',
      'the token was used',
      where,
      'A token serves once. If it was not you who used it, tell the coordinator at once and ask for a new one.',
    );
  }
  if (invitation.expiresAt <= now) {
    throw new ContractError('TOKEN_EXPIRED', 'the token is too old', where, 'Ask the coordinator for a new one.');
  }
}
