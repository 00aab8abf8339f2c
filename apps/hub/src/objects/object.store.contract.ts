import { Readable } from 'node:stream';

import { sha256 } from '@concord/contracts';

import type { ObjectStore } from './object.store.js';

/** What every object store must do. */
export function objectStoreContract(open: () => Promise<ObjectStore>): void {
  let store: ObjectStore;
  beforeAll(async () => {
    store = await open();
    await store.check();
  });

  const fresh = () => crypto.getRandomValues(new Uint8Array(1000));

  it('gives back what was put, under its SHA-256, however often it is put', async () => {
    const bytes = fresh();
    expect(await store.put(bytes)).toBe(sha256(bytes));
    expect(await store.put(bytes)).toBe(sha256(bytes));
    expect(Buffer.compare(await store.get(sha256(bytes)), bytes)).toBe(0);
    expect(await store.has(sha256(bytes))).toBe(true);
  });

  it('says that an object is missing, instead of giving nothing', async () => {
    const digest = sha256(fresh());
    expect(await store.has(digest)).toBe(false);
    await expect(store.get(digest)).rejects.toMatchObject({ code: 'OBJECT_MISSING' });
  });

  it.each([
    ['changed', (bytes: Uint8Array) => Uint8Array.from(bytes, (byte) => byte ^ 1)],
    ['too short', (bytes: Uint8Array) => bytes.subarray(0, 999)],
    ['too long', (bytes: Uint8Array) => Uint8Array.from([...bytes, 0])],
  ])('stores nothing of a stream that is %s', async (_name, change) => {
    const bytes = fresh();
    const digest = sha256(bytes);
    const stream = Readable.from([change(bytes)]);
    await expect(store.putStream(digest, 1000, stream)).rejects.toMatchObject({ code: 'DIGEST_MISMATCH' });
    expect(await store.has(digest)).toBe(false);
  });

  it('stores nothing of a stream that breaks off', async () => {
    const bytes = fresh();
    const stream = Readable.from(
      (function* () {
        yield bytes.subarray(0, 500);
        throw new Error('cut');
      })(),
    );
    await expect(store.putStream(sha256(bytes), 1000, stream)).rejects.toThrow('cut');
    expect(await store.has(sha256(bytes))).toBe(false);
  });

  it('takes eight writers of the same object at once', async () => {
    const bytes = fresh();
    const digest = sha256(bytes);
    const write = () => store.putStream(digest, 1000, Readable.from([bytes.subarray(0, 10), bytes.subarray(10)]));
    await Promise.all(Array.from({ length: 8 }, write));
    expect(Buffer.compare(await store.get(digest), bytes)).toBe(0);
  });
}
