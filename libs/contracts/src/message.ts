import type { Released } from '@concord/privacy';
import { z } from 'zod';

import { canonicalJson, sha256 } from './canonical.js';
import { ContractError } from './contract-errors.js';
import { isSignedBy, openSealed, seal, signBytes, type KeyPair } from './keys.js';

const digest = z.string().regex(/^[0-9a-f]{64}$/);

/** Tables hold a row a patient; sums are totals over a site's patients, and each kind of them is for one computation. */
export const TABLE_KINDS = ['features', 'outcomes'] as const;
export const SUMS_KINDS = ['harmonization-sums'] as const;

const headerSchema = z.strictObject({
  format: z.literal('concord.message/1'),
  kind: z.enum([...TABLE_KINDS, ...SUMS_KINDS]),
  studyId: z.string(),
  site: z.string(),
  /** Rises by one with every message of a site: what the hub has seen is refused. */
  sequence: z.int().min(1),
  protocolDigest: digest,
  /** For outcomes of a validation site: the lock they are opened under. */
  lockDigest: digest.nullable(),
  /** For features that were computed from images: the conformance certificate of the engine that did it. */
  certificateDigest: digest.nullable(),
  /** Of the table, or of the encoded sums. */
  tableDigest: digest,
  tableByteCount: z.int().min(1),
  /** Patients: rows of the table, or those that the sums are formed of. */
  rowCount: z.int().min(1),
});

/** What is said in clear about a sealed table; signed by the site. */
export type MessageHeader = z.infer<typeof headerSchema>;
export type ReleaseKind = MessageHeader['kind'];
export type TableKind = (typeof TABLE_KINDS)[number];
export type SumsKind = (typeof SUMS_KINDS)[number];

export function isSumsKind(kind: ReleaseKind): kind is SumsKind {
  return SUMS_KINDS.some((known) => known === kind);
}

/** A message taken apart, not yet believed. */
export interface ReceivedMessage {
  readonly header: MessageHeader;
  readonly headerBytes: Uint8Array;
  readonly signature: Uint8Array;
  readonly sealed: Uint8Array;
}

const MAGIC = Buffer.from('CCD1');
const SIGNATURE_BYTES = 64;
const HEADER_LIMIT_BYTES = 4096;

/**
 * Builds what goes over the wire: `CCD1`, header length (4 bytes, big-endian), header (canonical JSON), signature of
 * the header (Ed25519, 64 bytes), sealed table. The header holds the table's digest, so the signature covers both.
 *
 * @param table Arrow IPC bytes, or encoded sums, that passed the release rules
 */
export function packMessage(
  header: Omit<MessageHeader, 'format' | 'tableDigest' | 'tableByteCount'>,
  table: Released<Uint8Array>,
  siteKeys: KeyPair,
  hubSealKey: string,
): Uint8Array {
  const full: MessageHeader = {
    format: 'concord.message/1',
    ...header,
    tableDigest: sha256(table.value),
    tableByteCount: table.value.length,
  };
  const headerBytes = Buffer.from(canonicalJson(full));
  const length = Buffer.alloc(4);
  length.writeUInt32BE(headerBytes.length);
  return Buffer.concat([
    MAGIC,
    length,
    headerBytes,
    signBytes(siteKeys, headerBytes),
    seal(hubSealKey, table.value, headerBytes),
  ]);
}

/** @throws {ContractError} MESSAGE_MALFORMED */
export function readMessage(bytes: Uint8Array): ReceivedMessage {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (buffer.length < 8 || !buffer.subarray(0, 4).equals(MAGIC)) throw malformed('it does not begin as one');
  const headerLength = buffer.readUInt32BE(4);
  const sealedStart = 8 + headerLength + SIGNATURE_BYTES;
  if (headerLength > HEADER_LIMIT_BYTES || buffer.length <= sealedStart) throw malformed('it is cut short');
  const headerBytes = buffer.subarray(8, 8 + headerLength);
  let json: unknown;
  try {
    json = JSON.parse(headerBytes.toString('utf8'));
  } catch (error) {
    throw malformed('its header is not JSON', error);
  }
  const header = headerSchema.safeParse(json);
  if (!header.success) throw malformed(header.error.issues.map((i) => `${i.path.join('.')}: ${i.message}`).join('; '));
  return {
    header: header.data,
    headerBytes,
    signature: buffer.subarray(8 + headerLength, sealedStart),
    sealed: buffer.subarray(sealedStart),
  };
}

/** @throws {ContractError} SIGNATURE_INVALID if the header was not signed by the site's key */
export function verifyMessage(message: ReceivedMessage, siteKey: string): void {
  if (!isSignedBy(siteKey, message.headerBytes, message.signature)) {
    throw new ContractError(
      'SIGNATURE_INVALID',
      `the message is not signed by site ${message.header.site}`,
      `message ${message.header.sequence} of ${message.header.site}`,
      'Send it from the agent that joined as this site; if its keys are lost, ask the coordinator for a new token.',
    );
  }
}

/**
 * @returns the table's bytes, equal to what the site signed
 * @throws {ContractError} SEAL_BROKEN or DIGEST_MISMATCH
 */
export function openMessage(message: ReceivedMessage, hubKeys: KeyPair): Uint8Array {
  const table = openSealed(hubKeys, message.sealed, message.headerBytes);
  if (table.length !== message.header.tableByteCount || sha256(table) !== message.header.tableDigest) {
    throw new ContractError(
      'DIGEST_MISMATCH',
      'the table inside is not the one that was signed',
      `message ${message.header.sequence} of ${message.header.site}`,
      'Send it again; if that does not help, the agent is faulty: report it.',
    );
  }
  return table;
}

function malformed(why: string, cause?: unknown): ContractError {
  return new ContractError(
    'MESSAGE_MALFORMED',
    `this is not a Concord message: ${why}`,
    'message',
    'Send the whole message as the agent wrote it.',
    { cause },
  );
}
