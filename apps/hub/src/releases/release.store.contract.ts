import { sha256 } from '@concord/contracts';

import type { Transaction } from '../database/database.js';
import type { Release } from './release.js';
import { predictionKey, type ReleaseStore } from './release.store.js';

/** What every release store must do; study `s1` with sites `a` and `b` is there, and locked under `lock`. */
export function releaseStoreContract(open: () => { store: ReleaseStore; transaction: Transaction }): void {
  const release = (siteCode: string, sequence: number): Release => ({
    studyId: 's1',
    siteCode,
    sequence,
    kind: sequence === 1 ? 'features' : 'outcomes',
    tableDigest: sha256(`table ${siteCode} ${sequence}`),
    messageDigest: sha256(`message ${siteCode} ${sequence}`),
    byteCount: 100,
    rowCount: 12,
    header: Uint8Array.from([1, 2, 255]),
    signature: Uint8Array.from([0, 9]),
    receivedAt: new Date('2026-03-01T08:00:00.123Z'),
  });

  it('gives back every release, by site and sequence, bytes and all', async () => {
    const { store, transaction } = open();
    for (const [site, sequence] of [
      ['b', 1],
      ['a', 2],
      ['a', 1],
    ] as const) {
      await store.add(transaction, release(site, sequence));
    }
    const all = await store.list(transaction, ['s1']);
    expect(all.map(plain)).toEqual([release('a', 1), release('a', 2), release('b', 1)].map(plain));
    expect(await store.list(transaction, ['absent'])).toEqual([]);
    expect(await store.findMessage(transaction, sha256('message a 2'))).toMatchObject({ siteCode: 'a', sequence: 2 });
    expect(await store.findMessage(transaction, sha256('absent'))).toBeNull();
  });

  it('takes no number and no message twice', async () => {
    const { store, transaction } = open();
    await expect(store.add(transaction, { ...release('a', 1), messageDigest: sha256('x') })).rejects.toThrow();
    await expect(store.add(transaction, { ...release('a', 1), sequence: 7 })).rejects.toThrow();
    expect(await store.list(transaction, ['s1'])).toHaveLength(3);
  });

  it('knows the lock of a study', async () => {
    const { store, transaction } = open();
    const locks = await store.lockDigests(transaction, ['s1', 'absent']);
    expect([...locks]).toEqual([['s1', 'lock']]);
  });

  it('knows which sites have recorded predictions', async () => {
    const { store, transaction } = open();
    expect([...(await store.predictedSites(transaction, ['s1', 'absent']))]).toEqual([predictionKey('s1', 'a')]);
    expect([...(await store.predictedSites(transaction, ['absent']))]).toEqual([]);
  });
}

function plain(release: Release): object {
  return { ...release, header: [...release.header], signature: [...release.signature] };
}
