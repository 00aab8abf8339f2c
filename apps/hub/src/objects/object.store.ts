import { Readable, Transform, type TransformCallback } from 'node:stream';
import { createHash } from 'node:crypto';

import { ContractError, sha256, type Digest } from '@concord/contracts';

import { HubError } from '../errors/hub-error.js';

/** No object of this digest is stored. */
export class ObjectMissingError extends HubError {
  constructor(digest: Digest, options?: ErrorOptions) {
    super(
      'OBJECT_MISSING',
      'there is no such object',
      `object ${digest}`,
      'Check the digest; if a study names it, restore the object store from its backup.',
      options,
    );
  }
}

/** What is stored under a digest is something else: disk damage, or a hand in the store. */
export class ObjectCorruptError extends HubError {
  constructor(digest: Digest) {
    super(
      'OBJECT_CORRUPT',
      'the stored bytes do not have the digest they are named by',
      `object ${digest}`,
      'Restore the object from its backup; the site it came from can also send it again.',
    );
  }
}

/** Bytes named by their SHA-256: tables, models, reports. What is there is never changed; storing it again is no error. */
export abstract class ObjectStore {
  /**
   * Stores what a stream gives, or nothing.
   *
   * @param source ends or fails; is consumed in any case
   * @throws {ContractError} DIGEST_MISMATCH if the stream gave other bytes
   */
  abstract putStream(expected: Digest, byteCount: number, source: Readable): Promise<void>;
  /**
   * @throws {ObjectMissingError}
   * @throws {ObjectCorruptError} if the bytes do not have that digest
   */
  abstract get(digest: Digest): Promise<Uint8Array>;
  abstract has(digest: Digest): Promise<boolean>;
  /** Throws if the store does not answer. */
  abstract check(): Promise<void>;

  async put(bytes: Uint8Array): Promise<Digest> {
    const digest = sha256(bytes);
    if (!(await this.has(digest))) await this.putStream(digest, bytes.length, Readable.from([bytes]));
    return digest;
  }
}

/** Passes bytes on; fails at the end if their digest or number is not the one expected. */
export function digestGate(expected: Digest, byteCount: number): Transform {
  const hash = createHash('sha256');
  let passed = 0;
  return new Transform({
    transform(chunk: Uint8Array, _encoding, done: TransformCallback) {
      passed += chunk.length;
      hash.update(chunk);
      if (passed > byteCount) done(mismatch(expected));
      else done(null, chunk);
    },
    flush(done) {
      done(passed === byteCount && hash.digest('hex') === expected ? null : mismatch(expected));
    },
  });
}

/** @throws {ObjectCorruptError} */
export function verified(digest: Digest, bytes: Uint8Array): Uint8Array {
  if (sha256(bytes) !== digest) throw new ObjectCorruptError(digest);
  return bytes;
}

function mismatch(expected: Digest): ContractError {
  return new ContractError(
    'DIGEST_MISMATCH',
    'the bytes that arrived are not those announced',
    `object ${expected}`,
    'Send them again, whole.',
  );
}
