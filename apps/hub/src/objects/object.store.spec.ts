import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { FolderObjectStore } from './object.folder-store.js';
import { MemoryObjectStore } from './object.memory-store.js';
import { MinioObjectStore } from './object.minio-store.js';
import { objectStoreContract } from './object.store.contract.js';

const bytes = new TextEncoder().encode('a table');

describe('MemoryObjectStore', () => {
  objectStoreContract(async () => new MemoryObjectStore());

  it('never gives bytes that are not those of the digest', async () => {
    const store = new MemoryObjectStore();
    const digest = await store.put(bytes);
    store.corrupt(digest);
    await expect(store.get(digest)).rejects.toMatchObject({ code: 'OBJECT_CORRUPT' });
  });
});

describe('FolderObjectStore', () => {
  const folder = mkdtempSync(join(tmpdir(), 'concord-objects-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  objectStoreContract(async () => new FolderObjectStore(folder));

  it('never gives bytes that are not those of the digest', async () => {
    const store = new FolderObjectStore(folder);
    const digest = await store.put(bytes);
    writeFileSync(join(folder, digest.slice(0, 2), digest), 'another table');
    await expect(store.get(digest)).rejects.toMatchObject({ code: 'OBJECT_CORRUPT' });
  });

  it('leaves no temporary file, not even after a failed write', () => {
    const files = readdirSync(folder, { recursive: true }) as string[];
    expect(files.filter((name) => name.includes('/.'))).toEqual([]);
  });
});

const s3 = {
  endpoint: process.env.CONCORD_TEST_S3_ENDPOINT,
  accessKey: process.env.CONCORD_TEST_S3_ACCESS_KEY ?? 'devkey',
  secretKey: process.env.CONCORD_TEST_S3_SECRET_KEY ?? 'devsecretkey',
  bucket: 'concord-test',
  region: process.env.CONCORD_TEST_S3_REGION ?? 'default',
};
const { endpoint } = s3;

if (endpoint) {
  describe('MinioObjectStore', () => {
    objectStoreContract(() => MinioObjectStore.open({ ...s3, endpoint: new URL(endpoint) }));

    it('refuses to start with a wrong secret', async () => {
      const opening = MinioObjectStore.open({ ...s3, endpoint: new URL(endpoint), secretKey: 'wrong-secret' });
      await expect(opening).rejects.toMatchObject({ code: 'OBJECT_STORE_UNFIT' });
    });
  });
} else {
  describe.skip('MinioObjectStore (needs an S3 server: set CONCORD_TEST_S3_ENDPOINT)', () => {
    it('is not tested', () => undefined);
  });
}
