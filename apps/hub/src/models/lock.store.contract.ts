import { sha256 } from '@concord/contracts';

import type { Transaction } from '../database/database.js';
import type { Lock } from './lock.js';
import type { LockStore } from './lock.store.js';

/** What every lock store must do; study `s2` is there, and not locked. */
export function lockStoreContract(open: () => { store: LockStore; transaction: Transaction }): void {
  const lock: Lock = {
    studyId: 's2',
    digest: sha256('lock'),
    record: { threshold: 0.1 + 0.2, tiny: 1e-300, nested: [{ b: null }] },
    lockedAt: new Date('2026-03-01T08:00:00.123Z'),
  };

  it('gives back the lock as it was added', async () => {
    const { store, transaction } = open();
    expect(await store.find(transaction, 's2')).toBeNull();
    await store.add(transaction, lock);
    expect(await store.find(transaction, 's2')).toEqual(lock);
    expect(await store.find(transaction, 'absent')).toBeNull();
  });

  it('locks no study twice', async () => {
    const { store, transaction } = open();
    await expect(store.add(transaction, { ...lock, digest: sha256('other') })).rejects.toThrow();
    expect(await store.find(transaction, 's2')).toEqual(lock);
  });
}
