import { Writable, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

import type { Digest } from '@concord/contracts';

import { ObjectMissingError, ObjectStore, digestGate, verified } from './object.store.js';

/** For tests. */
export class MemoryObjectStore extends ObjectStore {
  private readonly objects = new Map<Digest, Uint8Array>();

  async putStream(expected: Digest, byteCount: number, source: Readable): Promise<void> {
    const chunks: Uint8Array[] = [];
    const sink = new Writable({
      write(chunk: Uint8Array, _encoding, done) {
        chunks.push(chunk);
        done();
      },
    });
    await pipeline(source, digestGate(expected, byteCount), sink);
    if (!this.objects.has(expected)) this.objects.set(expected, new Uint8Array(Buffer.concat(chunks)));
  }

  async get(digest: Digest): Promise<Uint8Array> {
    const bytes = this.objects.get(digest);
    if (bytes === undefined) throw new ObjectMissingError(digest);
    return verified(digest, bytes);
  }

  async has(digest: Digest): Promise<boolean> {
    return this.objects.has(digest);
  }

  async check(): Promise<void> {}

  /** What damage to a disk does. */
  corrupt(digest: Digest): void {
    this.objects.set(digest, new Uint8Array([0]));
  }
}
