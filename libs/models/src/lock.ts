import { createHash } from 'node:crypto';
import { LockRecordError } from './errors.js';

/**
 * What is fixed before an external cohort is opened; a change of any part is another lock. Its time stands beside it, not
 * in it: the same model, locked again, has the same digest.
 */
export interface LockParts {
  /** SHA-256, lower-case hex, of the model's bytes (ONNX) or canonical JSON. */
  readonly modelDigest: string;
  /** SHA-256 of the harmonisation model, or null where features are used as they are. */
  readonly harmonizationDigest: string | null;
  /** SHA-256 of the study protocol. */
  readonly protocolDigest: string;
  /** Positive if score >= value. */
  readonly threshold: { readonly value: number; readonly rule: 'youden' | 'fixed' };
  /** Features in the order the model takes them. */
  readonly features: readonly string[];
  /** The sites whose patients the model was developed on. */
  readonly developmentSites: readonly string[];
}

/** A lock as stored: its parts and the format they are in. */
export interface LockRecord extends LockParts {
  readonly format: 'concord.lock/1';
}

const DIGEST = /^[0-9a-f]{64}$/;

/**
 * Checks the parts of a lock and puts them into a record.
 *
 * @throws {LockRecordError} naming the part that is absent or malformed
 */
export function lockRecord(parts: LockParts): LockRecord {
  const digests = { modelDigest: parts.modelDigest, protocolDigest: parts.protocolDigest };
  for (const [name, value] of Object.entries(digests))
    if (!DIGEST.test(value)) throw malformed(name, 'a SHA-256 in hex');
  if (parts.harmonizationDigest !== null && !DIGEST.test(parts.harmonizationDigest)) {
    throw malformed('harmonizationDigest', 'a SHA-256 in hex or null');
  }
  if (!Number.isFinite(parts.threshold.value)) throw malformed('threshold.value', 'a finite number');
  if (parts.features.length === 0 || new Set(parts.features).size !== parts.features.length) {
    throw malformed('features', 'a list of different names');
  }
  if (parts.developmentSites.length === 0) throw malformed('developmentSites', 'a list of sites');
  return {
    format: 'concord.lock/1',
    modelDigest: parts.modelDigest,
    harmonizationDigest: parts.harmonizationDigest,
    protocolDigest: parts.protocolDigest,
    threshold: { value: parts.threshold.value, rule: parts.threshold.rule },
    features: [...parts.features],
    developmentSites: [...parts.developmentSites].sort(),
  };
}

function malformed(part: string, want: string): LockRecordError {
  return new LockRecordError(`${part} is not ${want}`, 'lock record', 'Lock the model again from its study.');
}

/** SHA-256, lower-case hex, of bytes or of text as UTF-8. */
export function digestOf(content: Uint8Array | string): string {
  return createHash('sha256').update(content).digest('hex');
}
