import { sha256 } from '@concord/contracts';

import type { Transaction } from '../database/database.js';
import { newSite, type Invitation } from './site.js';
import type { SiteStore } from './site.store.js';

/** What every site store must do; study `s1` is there. */
export function siteStoreContract(open: () => { store: SiteStore; transaction: Transaction }): void {
  const at = (minute: number) => new Date(Date.UTC(2026, 2, 1, 8, minute));
  const key = (code: string) => ({ studyId: 's1', code });
  const invitation = (id: string, siteCode: string, minute: number): Invitation => {
    const times = { createdAt: at(minute), expiresAt: at(minute + 30), usedAt: null };
    return { id, studyId: 's1', siteCode, secretDigest: sha256(id), ...times };
  };

  it('gives back what was created and changed, and refuses a second site of that code', async () => {
    const { store, transaction } = open();
    const site = newSite('s1', 'c1', 'Hospital');
    await store.create(transaction, site);
    await expect(store.create(transaction, site)).rejects.toMatchObject({ code: 'SITE_EXISTS' });
    const status = { format: 'concord.status/1', phase: 'idle', caseCount: 3, doneCount: 2, refusedCount: 1 } as const;
    const certificate = { objectDigest: sha256('o'), digest: sha256('c'), concordVersion: '1', checkedCount: 3 };
    const change = { status, certificate, role: 'development', signKey: 'k', joinedAt: at(1) } as const;
    await store.change(transaction, key('c1'), change);
    const changed = { ...site, ...change };
    expect(await store.find(transaction, key('c1'))).toEqual(changed);
    expect(await store.find(transaction, key('absent'))).toBeNull();
    await store.create(transaction, newSite('s1', 'c0', 'Another'));
    expect((await store.list(transaction, ['s1'])).map(({ code }) => code)).toEqual(['c0', 'c1']);
    expect(await store.list(transaction, ['absent'])).toEqual([]);
  });

  it('lets a request counter only rise, and says when the site was seen', async () => {
    const { store, transaction } = open();
    await store.create(transaction, newSite('s1', 'c2', 'Hospital'));
    const pass = (counter: number, minute: number) => store.passCounter(transaction, key('c2'), counter, at(minute));
    expect(await pass(5, 1)).toBe(true);
    expect(await pass(5, 2)).toBe(false);
    expect(await pass(4, 3)).toBe(false);
    expect(await pass(2 ** 40, 4)).toBe(true);
    expect(await store.find(transaction, key('c2'))).toMatchObject({ requestCounter: 2 ** 40, lastContactAt: at(4) });
  });

  it('gives a message number to one message only, and leaves none out', async () => {
    const { store, transaction } = open();
    await store.create(transaction, newSite('s1', 'c3', 'Hospital'));
    const take = (sequence: number) => store.takeSequence(transaction, key('c3'), sequence);
    expect([await take(2), await take(1), await take(1), await take(2)]).toEqual([false, true, false, true]);
    expect((await store.find(transaction, key('c3')))?.sequence).toBe(2);
  });

  it('uses an invitation once, and lets a new one make the unused before it expire', async () => {
    const { store, transaction } = open();
    await store.create(transaction, newSite('s1', 'c4', 'Hospital'));
    await store.create(transaction, newSite('s1', 'c5', 'Hospital'));
    await store.invite(transaction, invitation('used', 'c4', 0));
    expect(await store.useInvitation(transaction, 'used', at(1))).toBe(true);
    expect(await store.useInvitation(transaction, 'used', at(2))).toBe(false);
    await store.invite(transaction, invitation('old', 'c4', 3));
    await store.invite(transaction, invitation('of another', 'c5', 3));
    await store.invite(transaction, invitation('new', 'c4', 5));
    const find = (id: string) => store.findInvitation(transaction, sha256(id));
    expect(await find('used')).toMatchObject({ usedAt: at(1), expiresAt: at(30) });
    expect(await find('old')).toMatchObject({ usedAt: null, expiresAt: at(5) });
    expect(await find('of another')).toMatchObject({ expiresAt: at(33) });
    expect(await find('new')).toEqual(invitation('new', 'c4', 5));
    expect(await find('absent')).toBeNull();
  });
}
