import { z } from 'zod';

import { ContractError } from './contract-errors.js';
import type { Digest } from './canonical.js';
import { openSealed, seal, type KeyPair } from './keys.js';
import type { ReleaseKind } from './message.js';
import type { StudyProtocol } from './protocol.js';

/**
 * The paths an agent calls; it opens no port itself. All but `join` are signed requests (`signed-request.ts`).
 *
 * | call | body | answer |
 * | --- | --- | --- |
 * | `POST join` | `JoinRequest`, sealed | `JoinReply` |
 * | `GET orders` | none | `SiteOrders` |
 * | `POST status` | `SiteStatus` | `{}` |
 * | `POST certificate` | `SignedCertificate` | `{}` |
 * | `GET uploads/DIGEST` | none | `UploadState` |
 * | `PUT uploads/DIGEST?offset=N&total=M` | a chunk | `UploadState` |
 * | `POST messages/DIGEST` | none | `Receipt`: takes the uploaded message in |
 * | `GET pooled/DIGEST` | none | the pooled fit that the orders name, sealed JSON of `@concord/harmonization` |
 *
 * Refusals are `{code, what, where, fix}` with a 4xx status.
 */
export const AGENT_API = '/agent/v1';

/** A person's one-time token: what a coordinator hands to a site, and how the site knows the hub. */
export interface JoinToken {
  readonly secret: string;
  readonly hubSignKey: string;
  readonly hubSealKey: string;
}

const TOKEN_PREFIX = 'concord-join-1';

export function formatJoinToken(token: JoinToken): string {
  return [TOKEN_PREFIX, token.secret, token.hubSignKey, token.hubSealKey].join('.');
}

/** @throws {ContractError} TOKEN_UNKNOWN if the text is not a token */
export function parseJoinToken(text: string): JoinToken {
  const [prefix, secret, hubSignKey, hubSealKey, ...rest] = text.trim().split('.');
  const areKeys = [hubSignKey, hubSealKey].every((key) => key !== undefined && /^[\w-]{43}$/.test(key));
  if (prefix !== TOKEN_PREFIX || !secret || !hubSignKey || !hubSealKey || !areKeys || rest.length > 0) {
    throw new ContractError(
      'TOKEN_UNKNOWN',
      'this is not a join token',
      'token file',
      `Use the file the coordinator sent, unchanged; a token begins with ${TOKEN_PREFIX}.`,
    );
  }
  return { secret, hubSignKey, hubSealKey };
}

export const joinRequestSchema = z.strictObject({
  format: z.literal('concord.join/1'),
  secret: z.string().min(16).max(200),
  /** The site's new public Ed25519 key; its private key never leaves the agent. */
  signKey: z.string().length(43),
  /** Signature by that key over `secret`: the agent holds the private key. */
  proof: z.string(),
  agentVersion: z.string().max(50),
});
export type JoinRequest = z.infer<typeof joinRequestSchema>;

const JOIN_HEADER = Buffer.from('concord.join/1');

/** A join request as it is sent: sealed to the hub's key, so that a proxy that reads the connection cannot join first. */
export function sealJoin(request: JoinRequest, hubSealKey: string): Uint8Array {
  return seal(hubSealKey, Buffer.from(JSON.stringify(request)), JOIN_HEADER);
}

/** @throws {ContractError} SEAL_BROKEN if it was changed or sealed to another hub; MESSAGE_MALFORMED if it is no request */
export function openJoin(sealed: Uint8Array, hubKeys: KeyPair): JoinRequest {
  const text = Buffer.from(openSealed(hubKeys, sealed, JOIN_HEADER)).toString('utf8');
  const request = joinRequestSchema.safeParse(jsonOf(text));
  if (request.success) return request.data;
  throw new ContractError(
    'MESSAGE_MALFORMED',
    `the join request cannot be read: ${request.error.issues.map((issue) => issue.path.join('.')).join(', ')}`,
    'join',
    'Use an agent of the same version as the hub.',
  );
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null; // refused by the schema
  }
}

export interface JoinReply {
  readonly studyId: string;
  readonly studyTitle: string;
  readonly site: string;
  readonly siteName: string;
}

/** The hub shows it as a GraphQL Int. */
const count = z.int().min(0).max(1_000_000_000);

/** What an agent does at the moment; counts only. */
export const siteStatusSchema = z.strictObject({
  format: z.literal('concord.status/1'),
  phase: z.enum(['reading', 'extracting', 'holding', 'sending', 'idle']),
  caseCount: count,
  doneCount: count,
  refusedCount: count,
});
export type SiteStatus = z.infer<typeof siteStatusSchema>;

export interface SiteOrders {
  readonly format: 'concord.orders/1';
  readonly studyId: string;
  readonly site: string;
  /** Null until the study is frozen. */
  readonly protocol: StudyProtocol | null;
  readonly protocolDigest: Digest | null;
  /** What the study needs of this site now; what has arrived is not among it. */
  readonly wanted: readonly { readonly kind: ReleaseKind; readonly lockDigest: Digest | null }[];
  readonly received: readonly Receipt[];
  /** Whether the study has its report and needs nothing more. */
  readonly isFinished: boolean;
  /**
   * Digest of the object that holds what the sums of all sites came to; the site finishes its own patients by it. Only in
   * the orders of a site whose sums are in it, and only once it is there.
   */
  readonly pooledDigest?: Digest;
}

export interface Receipt {
  readonly sequence: number;
  readonly kind: ReleaseKind;
  readonly tableDigest: Digest;
  readonly messageDigest: Digest;
}

export interface UploadState {
  readonly receivedByteCount: number;
}

/** Largest body of one chunk; a message of any size goes in many. */
export const UPLOAD_CHUNK_BYTES = 1 << 20;
