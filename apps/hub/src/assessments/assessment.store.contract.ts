import { sha256 } from '@concord/contracts';

import type { Transaction } from '../database/database.js';
import type { Assessment } from './assessment.js';
import type { AssessmentStore } from './assessment.store.js';

/** What every assessment store must do; study `s2` is there, and not assessed. */
export function assessmentStoreContract(open: () => { store: AssessmentStore; transaction: Transaction }): void {
  const assessment = (scheme: string, day: number): Assessment => ({
    studyId: 's2',
    scheme,
    recordDigest: sha256(`record of ${scheme}`),
    provenPoints: 21,
    maxPoints: 36,
    createdAt: new Date(Date.UTC(2026, 2, day, 8, 0, 0, 123)),
  });

  it('gives back every assessment of a study, oldest first', async () => {
    const { store, transaction } = open();
    expect(await store.list(transaction, 's2')).toEqual([]);
    await store.add(transaction, assessment('later', 2));
    await store.add(transaction, assessment('earlier', 1));
    expect(await store.list(transaction, 's2')).toEqual([assessment('earlier', 1), assessment('later', 2)]);
    expect(await store.list(transaction, 'absent')).toEqual([]);
  });

  it('takes one a scheme', async () => {
    const { store, transaction } = open();
    const again = { ...assessment('later', 3), recordDigest: sha256('other') };
    await expect(store.add(transaction, again)).rejects.toThrow();
    expect(await store.list(transaction, 's2')).toHaveLength(2);
  });
}
